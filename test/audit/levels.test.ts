import { describe, expect, it } from 'vitest';
import { compileLevels, higherLevel } from '../../src/audit/levels.ts';
import { findOperation } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';

const ask = (id: string, resource = 'container/-/web', user = 'user:alice') => ({
  subjects: new Set(['*', user]),
  tenant: 'red',
  operation: findOperation(id) as Operation,
  resource,
});
const rule = (level: 'None' | 'Metadata' | 'Request' | 'RequestResponse', more: object = {}) => ({
  level,
  for: ['*'],
  operations: ['*'],
  resources: ['**'],
  ...more,
});

describe('the level of a record', () => {
  it('is Metadata for reads and Request for all else, where no rule fits', () => {
    const levels = compileLevels([], false);
    expect(levels(ask('ContainerInspect'))).toBe('Metadata');
    expect(levels(ask('ContainerCreate'))).toBe('Request');
    expect(levels(ask('ContainerExec'))).toBe('Request');
  });

  it('is that of the first rule that fits by principal, operation and resource', () => {
    const levels = compileLevels(
      [
        rule('None', { for: ['user:monitor'], operations: ['SystemPing', 'SystemPingHead'] }),
        rule('RequestResponse', { resources: ['container/-/prod-*'] }),
        rule('Metadata', { operations: ['@lifecycle'] }),
      ],
      false,
    );
    expect(levels(ask('SystemPing', 'engine', 'user:monitor'))).toBe('None');
    expect(levels(ask('SystemPing', 'engine'))).toBe('Metadata');
    expect(levels(ask('ContainerInspect', 'container/-/prod-1', 'user:monitor'))).toBe('RequestResponse');
    expect(levels(ask('ContainerCreate'))).toBe('Metadata');
    expect(levels(ask('ContainerExec'))).toBe('Request');
  });

  it('is the higher of two', () => {
    expect(higherLevel('None', 'Metadata')).toBe('Metadata');
    expect(higherLevel('Request', 'Metadata')).toBe('Request');
    expect(higherLevel('RequestResponse', 'None')).toBe('RequestResponse');
    expect(higherLevel('None', 'None')).toBe('None');
  });

  it('knows the tenant of whoever asks', () => {
    const levels = compileLevels([rule('None', { resources: ['container/{tenant}/**'] })], true);
    expect(levels(ask('ContainerInspect', 'container/red/a'))).toBe('None');
    expect(levels(ask('ContainerInspect', 'container/blue/a'))).toBe('Metadata');
  });

  it('is refused, by its place, when it speaks of what there is not', () => {
    const bad = rule('None', { operations: ['ContainerListt'], resources: ['contaner/**'] });
    expect(() => compileLevels([rule('None'), bad], false)).toThrow(
      /audit\.rules\[1\]\.operations: "ContainerListt" .*did you mean ContainerList\?\naudit\.rules\[1\]\.resources: "contaner\/\*\*" /,
    );
  });
});
