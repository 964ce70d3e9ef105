import { describe, expect, it } from 'vitest';
import type { AuditEntry, AuditRecord } from '../../src/audit/record.ts';
import { EntryTexts } from '../../src/audit/text.ts';

const texts = new EntryTexts();

function textOf(entry: AuditEntry): string {
  const { time = '' } = entry;
  return `{"time":"${time}",${texts.membersOf(entry)}}`;
}

const principal: AuditRecord['principal'] = Object.freeze({
  ...{ name: 'Zoë "z"', tenant: 'a', roles: ['dev'], method: 'certificate' as const, issuer: 'CN=x' },
  ...{ tokenId: null, certificateSerial: null, certificateThumbprint: null, expiresAt: null },
});
const decision: AuditRecord = {
  ...{ time: '2026-11-27T12:00:00.000000001Z', type: 'request', id: 'e7b0', stage: 'decision' },
  ...{ traceId: 'a'.repeat(32), engine: 'edge', level: 'Metadata', principal },
  client: { address: '127.0.0.1', port: 1, tls: null, userAgent: '\u2028' },
  request: {
    ...{ method: 'GET', path: '/_ping', query: null, operation: 'SystemPing', class: 'read' },
    ...{ apiVersion: '1.41', bodyDigest: null },
  },
  ...{
    resource: { kind: 'engine', tenant: null, name: null, id: null },
    involves: [],
    facts: {},
    changes: [],
  },
  decision: {
    ...{ effect: 'allow', reason: 'granted', message: null, field: null, grant: 'grants.csv:3' },
    ...{ profile: null, policyVersion: 'v', reasons: [] },
  },
};
const outcome: AuditRecord['outcome'] = {
  ...{ status: 200, bytesIn: 0, bytesOut: 2, durationMs: 1.5, ending: 'finished', error: null },
};
const complete: AuditRecord = {
  ...decision,
  stage: 'complete',
  time: '2026-11-27T12:00:01.000000001Z',
  outcome,
};

describe('the text of a record is what JSON.stringify makes of it', () => {
  const others: Readonly<Record<string, Partial<AuditRecord>>> = {
    'as the decision said it': {},
    'with another id': { id: 'e7b1' },
    'with another object': { resource: { kind: 'container', tenant: 'a', name: 'web', id: 'f'.repeat(64) } },
    'without its body': { request: { ...decision.request, path: '/other' } },
    'with a session': {
      session: {
        ...{
          id: 'e7b0',
          kind: 'exec',
          container: null,
          command: null,
          user: null,
          tty: null,
          recording: null,
        },
      },
    },
    'of another principal': { principal: { ...principal, name: 'bob' } },
    'with a count of others': { repeated: 3 },
    'with nothing in a member': { traceId: undefined } as never,
    'that tells less': { engine: undefined } as never,
  };

  it.each(Object.entries(others))('%s', (_, other) => {
    const end = { ...complete, ...other };
    for (const entry of [decision, end, decision, end, decision])
      expect(textOf(entry)).toBe(JSON.stringify(entry));
  });

  it('after other records of the same request', () => {
    const start = { ...decision, stage: 'stream-start' as const };
    const acting = { ...decision, id: 'e7b0/1', changes: ['made'] };
    for (const between of [start, acting, { ...acting, stage: 'complete' as const, outcome }, complete]) {
      for (const entry of [decision, between, complete]) expect(textOf(entry)).toBe(JSON.stringify(entry));
    }
  });

  it('where a member is gone by then', () => {
    const { engine: _, ...less } = complete;
    for (const entry of [decision, less]) expect(textOf(entry)).toBe(JSON.stringify(entry));
  });

  it('where what is not frozen changes', () => {
    const changing = { ...decision, facts: { a: 1 } };
    expect(textOf(changing)).toBe(JSON.stringify(changing));
    changing.facts.a = 2;
    expect(textOf(changing)).toBe(JSON.stringify(changing));
  });

  it('of every other kind of line', () => {
    const time = '2026-11-27T12:00:00.000000002Z';
    const lines = [
      { time, type: 'stop' as const },
      { time, type: 'gap' as const, lost: 2, since: '2026-11-27T12:00:00.000000001Z', error: 'ENOSPC' },
    ];
    for (const entry of lines) expect(textOf(entry)).toBe(JSON.stringify(entry));
  });
});

describe('what a decision said is remembered', () => {
  const texts = new EntryTexts();
  const of = (id: string, more: Partial<AuditRecord> = {}): AuditRecord => ({ ...decision, id, ...more });

  it.each(['complete', 'refused', 'stream-start', 'stream-end'] as const)(
    'until its %s is written',
    (stage) => {
      texts.membersOf(of('a'));
      expect(texts.remembered).toBe(1);
      texts.membersOf(of('a', { stage, outcome }));
      expect(texts.remembered).toBe(0);
    },
  );

  it('and written again at its end, not made again', () => {
    let asked = 0;
    const facts = {
      get memory() {
        asked += 1;
        return 1;
      },
    };
    const record = of('b', { facts });
    texts.membersOf(record);
    texts.membersOf({ ...record, stage: 'complete', outcome });
    expect(asked).toBe(1);
  });

  it('of as many as are under way, where their ends never come', () => {
    for (let n = 0; n < 5_000; n += 1) texts.membersOf(of(`open-${n}`));
    expect(texts.remembered).toBeGreaterThan(0);
    expect(texts.remembered).toBeLessThanOrEqual(1_024);
  });

  it('unless it is long', () => {
    const before = texts.remembered;
    texts.membersOf(of('long', { facts: { environment: ['x'.repeat(5_000)] } }));
    expect(texts.remembered).toBe(before);
  });
});
