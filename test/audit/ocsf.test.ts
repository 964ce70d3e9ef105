import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { GENESIS, link } from '../../src/audit/chain.ts';
import { activityOf, toOcsf } from '../../src/audit/ocsf.ts';
import { type AuditEntry, type AuditLine, auditLine } from '../../src/audit/record.ts';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { sample } from '../support/sample-log.ts';

/** The framework's own schema, as ocsf-json-schema 1.2.0 (PyPI) gives it, cut to the objects that are used. */
const validators = new Map(
  (['api-activity', 'application-lifecycle'] as const).map((name) => {
    const text = readFileSync(new URL(`../data/ocsf/${name}-1.5.0.schema.json`, import.meta.url), 'utf8');
    const uid = name === 'api-activity' ? 6003 : 6002;
    return [uid, new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(text))];
  }),
);

function lineOf(entry: AuditEntry): AuditLine {
  const { line } = link(entry, {
    time: '2026-11-26T14:00:00.123456789Z',
    sequence: 7,
    gateway: 'gw-1',
    previous: GENESIS.hash,
  });
  return auditLine.parse(JSON.parse(line));
}

function eventOf(entry: AuditEntry) {
  const event = toOcsf(lineOf(entry), '0.1.0');
  if (event === undefined) throw new Error('no event');
  const validate = validators.get(event.class_uid);
  validate?.(JSON.parse(JSON.stringify(event)));
  expect(validate?.errors ?? null).toBeNull();
  return event;
}

const session = {
  id: 'id-1',
  kind: 'exec' as const,
  container: 'c'.repeat(64),
  command: ['sh', '-c', 'id'],
  user: '',
  tty: true,
  recording: null,
};

describe('events of OCSF', () => {
  it.each([
    ['a decision', sample()],
    ['an end', sample({ stage: 'complete' })],
    ['an end without an answer', sample({ stage: 'complete', status: null })],
    ['a refusal', sample({ stage: 'refused', involves: ['image/docker.io/library/alpine:3'] })],
    [
      'a refusal of nobody',
      sample({ stage: 'refused', principal: null, resource: null, operation: null, status: 401 }),
    ],
    ['a session', sample({ stage: 'stream-end', session, operation: 'ExecStart', class: 'exec' })],
    ['bytes that are no request', sample({ stage: 'refused', principal: null, method: '', operation: null })],
    ['a method of somebody else', sample({ stage: 'refused', method: 'PURGE', operation: null })],
    [
      'a resource without a name',
      sample({ resource: { kind: 'engine', tenant: null, name: null, id: null } }),
    ],
    ['a start', { type: 'start', version: '0.1.0', policyVersion: 'p', strict: true }],
    ['a stop', { type: 'stop' }],
    ['a policy', { type: 'reload', changed: ['grants.csv'], policyVersion: 'p' }],
    ['a gap', { type: 'gap', lost: 3, since: '2026-11-26T14:00:00.000000000Z', error: 'ENOSPC' }],
    ['a recovery', { type: 'recovery', file: 'torn-000001-77.part', bytes: 3, sha256: 'a'.repeat(64) }],
  ] satisfies [string, AuditEntry][])(
    'of %s is as the schema 1.5.0 has it',
    (_, entry) => void eventOf(entry),
  );

  it('of a request says who did what to what, and how it ended', () => {
    expect(eventOf(sample({ stage: 'complete', durationMs: 1_500.4 }))).toMatchObject({
      class_uid: 6003,
      category_uid: 6,
      activity_id: 3,
      type_uid: 600303,
      time: Date.parse('2026-11-26T14:00:00.123Z'),
      duration: 1_500,
      severity_id: 1,
      status_id: 1,
      status_code: '204',
      status_detail: 'granted',
      message: 'alice: ContainerStop on container/team-a/web: allow (granted)',
      action_id: 1,
      disposition_id: 1,
      policy: { name: 'grants.csv:23', version: '3f1c0a9b7e52' },
      actor: { user: { name: 'alice', org: { name: 'team-a' }, groups: [{ name: 'developer' }] } },
      api: {
        operation: 'ContainerStop',
        version: '1.51',
        request: { uid: '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11' },
      },
      src_endpoint: { ip: '10.0.0.7', port: 50_122 },
      http_request: {
        http_method: 'POST',
        url: { path: '/v1.51/containers/web/stop', query_string: 't=10' },
      },
      http_response: { code: 204 },
      resources: [{ type: 'container', namespace: 'team-a', name: 'web', uid: 'c'.repeat(64) }],
      metadata: {
        version: '1.5.0',
        uid: 'gw-1/7',
        sequence: 7,
        correlation_uid: '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11',
        event_code: 'complete',
        tenant_uid: 'team-a',
        original_time: '2026-11-26T14:00:00.123456789Z',
        product: { name: 'Quaywarden', version: '0.1.0' },
      },
    });
  });

  it('of a refusal is a denial', () => {
    expect(eventOf(sample({ stage: 'refused', reason: 'not-granted' }))).toMatchObject({
      severity_id: 2,
      status_id: 2,
      status_detail: 'not-granted',
      action_id: 2,
      disposition_id: 2,
      message: 'alice may not do that: no grant allows it',
      api: { response: { code: 403, error: 'not-granted' } },
    });
  });

  it('of a refusal that stands for others says how many there were', () => {
    expect(
      eventOf(Object.assign(sample({ stage: 'refused', reason: 'rate-limited' }), { repeated: 41 }))['count'],
    ).toBe(42);
    expect(eventOf(sample({ stage: 'refused' }))['count']).toBeUndefined();
  });

  it('of what the Engine refused is a failure of something allowed', () => {
    expect(eventOf(sample({ stage: 'complete', status: 404 }))).toMatchObject({ action_id: 1, status_id: 2 });
  });

  it('loses no member of a record', () => {
    const line = lineOf(sample({ stage: 'stream-end', session, body: { Cmd: ['id'] } }));
    const event = JSON.stringify(toOcsf(line, '0.1.0'));
    const leaves = (value: unknown): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
    const missing = leaves(line).filter(
      (leaf) => typeof leaf === 'string' && leaf !== '' && !event.includes(JSON.stringify(leaf).slice(1, -1)),
    );
    // Only until when the identity holds stands in milliseconds.
    expect(missing).toEqual(['2027-11-21T08:00:00.000Z']);
  });

  it('are not made of what holds the log together', () => {
    const key = { id: 'a'.repeat(64), algorithm: 'Ed25519' as const };
    for (const entry of [
      { type: 'segment', segment: 1, key },
      { type: 'checkpoint', segment: 1, key, signature: 'c2ln' },
      { type: 'seal', segment: 1, records: 3, reason: 'size' },
    ] satisfies AuditEntry[])
      expect(toOcsf(lineOf(entry), '0.1.0')).toBeUndefined();
  });
});

describe('activities of OCSF', () => {
  it.each([
    [null, 0],
    ['NoSuchOperation', 0],
    ['ContainerCreate', 1],
    ['ImageBuild', 1],
    ['ContainerList', 2],
    ['ContainerLogs', 2],
    ['ContainerStop', 3],
    ['PutContainerArchive', 3],
    ['ContainerDelete', 4],
    ['VolumePrune', 4],
    ['SwarmLeave', 4],
    ['ExecStart', 99],
    ['ContainerAttachWebsocket', 99],
  ])('%s is %i', (operation, activity) => expect(activityOf(operation)).toBe(activity));

  it('takes every operation of class read for reading', () => {
    const reads = OPERATIONS.filter((operation) => operation.class === 'read');
    expect(reads.map(({ id }) => activityOf(id))).toEqual(reads.map(() => 2));
  });
});
