import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import { findOperation } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';
import { checkFloor } from '../../src/policy/floor.ts';
import { refusalOf } from '../docker/refusing.ts';

const api = { operation: findOperation('ContainerCreate') as Operation, version: 41 };
const labelled = (...names: string[]) => ({
  ...NO_FACTS,
  labels: Object.fromEntries(names.map((name) => [name, 'x'])),
});

describe('the floor', () => {
  it('lets a request pass that is understood', () => {
    expect(() =>
      checkFloor(api, labelled('a', 'io.quaywardens', 'x.io.quaywarden.a'), [], {}, undefined),
    ).not.toThrow();
  });

  it('refuses fields that nobody here knows, by name', () => {
    expect(
      refusalOf(() =>
        checkFloor(
          api,
          NO_FACTS,
          ['HostConfig.New', 'B', 'C'],
          { 'HostConfig.New': 'a hint' },
          'ops@example.com',
        ),
      ),
    ).toEqual({
      status: 400,
      reason: 'body-field-unknown',
      field: 'HostConfig.New',
      message:
        'the gateway does not know the body fields HostConfig.New (a hint) and 2 more of ContainerCreate in API 1.41, and ' +
        'forwards no value that it can not judge: leave it out, or ask ops@example.com for a grant of UnknownFields',
    });
  });

  it('names the one field alone, and the operator where nobody else is to be asked', () => {
    expect(refusalOf(() => checkFloor(api, NO_FACTS, ['New'], {}, undefined)).message).toBe(
      'the gateway does not know the body field New of ContainerCreate in API 1.41, and forwards no value that it can not ' +
        'judge: leave it out, or ask the operator of this gateway for a grant of UnknownFields',
    );
  });

  it.each(['io.quaywarden', 'io.quaywarden.tenant', 'IO.Quaywarden.owner'])(
    'refuses the label %s',
    (label) => {
      expect(refusalOf(() => checkFloor(api, labelled('a', label), [], {}, undefined))).toEqual({
        status: 403,
        reason: 'own-label',
        field: `Labels["${label}"]`,
        message: `the label "${label}" is set by the gateway only: leave it out`,
      });
    },
  );
});
