import { describe, expect, it } from 'vitest';
import { GENESIS, link } from '../../../src/audit/chain.ts';
import { compileFilter, type Wanted } from '../../../src/audit/query/filter.ts';
import { type AuditEntry, type AuditLine, type AuditRecord, auditLine } from '../../../src/audit/record.ts';
import { ConfigError } from '../../../src/errors.ts';
import { sample } from '../../support/sample-log.ts';

function lineOf(entry: AuditEntry): AuditLine {
  const { line } = link(entry, {
    time: '2026-11-26T14:00:00.000000000Z',
    sequence: 7,
    gateway: 'gw-1',
    previous: GENESIS.hash,
  });
  return auditLine.parse(JSON.parse(line));
}

const matches = (wanted: Wanted, entry: AuditEntry): boolean =>
  compileFilter(wanted, Date.now()).matches(lineOf(entry));

function faults(wanted: Wanted): readonly string[] {
  try {
    compileFilter(wanted, Date.now());
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  throw new Error('accepted');
}

describe('a filter', () => {
  it.each([
    [{ principal: 'alice' }, true],
    [{ principal: 'al*' }, true],
    [{ principal: 'bob' }, false],
    [{ tenant: 'team-a' }, true],
    [{ tenant: 'team-b' }, false],
    [{ operation: 'ContainerStop' }, true],
    [{ operation: '@lifecycle !ContainerStop' }, false],
    [{ operation: '@exec Container*' }, true],
    [{ operation: '!@read' }, true],
    [{ operation: '!@lifecycle' }, false],
    [{ operation: '!@read !ContainerStop' }, false],
    [{ resource: 'container/team-a/**' }, true],
    [{ resource: 'container/{tenant}/web' }, true],
    [{ resource: 'container/team-b/**' }, false],
    [{ resource: 'image/docker.io/library/alpine:3' }, true],
    [{ effect: 'allow' }, true],
    [{ effect: 'deny' }, false],
    [{ reason: 'granted' }, true],
    [{ reason: 'not-*' }, false],
    [{ stage: 'decision' }, true],
    [{ stage: 'complete' }, false],
    [{ id: '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11' }, true],
    [{ id: '5b0a1d8e' }, false],
    [{ principal: 'alice', effect: 'deny' }, false],
    [{}, true],
  ] satisfies [Wanted, boolean][])('%j on what alice stops is %s', (wanted, expected) => {
    expect(matches(wanted, sample({ involves: ['image/docker.io/library/alpine:3'] }))).toBe(expected);
  });

  it('finds nobody by name, operation or resource in what was not understood', () => {
    const nobody = sample({ principal: null, operation: null, resource: null, stage: 'refused' });
    expect(matches({ principal: '**' }, nobody)).toBe(false);
    expect(matches({ operation: '*' }, nobody)).toBe(false);
    expect(matches({ resource: '**' }, nobody)).toBe(false);
    expect(matches({ effect: 'deny' }, nobody)).toBe(true);
  });

  it('that only excepts operations finds what was not understood too', () => {
    expect(matches({ operation: '!@read' }, sample({ operation: null, resource: null }))).toBe(true);
  });

  it('finds a reason among the checks that kept a grant from allowing', () => {
    const refused = sample({ stage: 'refused', reason: 'privileged' }) as AuditRecord;
    const reasons = ['privileged', 'host-path'].map((check) => ({ check, field: 'HostConfig', asks: 'x' }));
    const entry = { ...refused, decision: { ...refused.decision, reasons } };
    expect(matches({ reason: 'host-path' }, entry)).toBe(true);
    expect(matches({ reason: 'host-*' }, entry)).toBe(true);
    expect(matches({ reason: 'seccomp' }, entry)).toBe(false);
  });

  it('finds what was only observed by what it would have been refused with', () => {
    const record = sample({ observed: 'not-granted', observedChecks: ['privileged'] });
    const found = ['observed', 'not-granted', 'privileged', 'granted'].filter((reason) =>
      matches({ reason }, record),
    );
    expect(found).toEqual(['observed', 'not-granted', 'privileged']);
  });

  it('finds a reason that the user stated', () => {
    const record = sample({ statedReason: 'INC-4711: db/1 hangs' });
    expect(matches({ statedReason: 'INC-4711**' }, record)).toBe(true);
    expect(matches({ statedReason: 'CHG-**' }, record)).toBe(false);
    expect(matches({ statedReason: '**' }, sample())).toBe(false);
  });

  it('speaks of operations, and not of grants', () => {
    for (const operation of ['', ' ', '@exec !@exec']) {
      expect(faults({ operation })).toEqual([
        `--operation ${JSON.stringify(operation)} leaves no operation to look for: write operationIds, globs over them or @class; ! in front excepts`,
      ]);
    }
  });

  it('matches what is no request when nothing but a time is asked for', () => {
    expect(matches({ since: '2h' }, { type: 'stop' })).toBe(true);
    expect(matches({ effect: 'allow' }, { type: 'stop' })).toBe(false);
  });

  it('names every option that means nothing', () => {
    expect(faults({ operation: 'ContainerStopp', resource: 'contaner/x/y', since: 'today' })).toEqual([
      '--since "today" is no time: write 2026-11-26T14:00:00Z, 2026-11-26, or how long ago, such as 2h or 7d',
      '--operation: "ContainerStopp" names no operation or class; did you mean ContainerStop?',
      expect.stringMatching(/^--resource "contaner\/x\/y" begins with no known kind/),
    ]);
    expect(faults({ since: '1h', until: '2h' })).toEqual(['--since must be before --until']);
  });
});
