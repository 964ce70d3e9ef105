import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  completeRecord,
  decisionRecord,
  newRequestId,
  type Pieces,
  refusedRecord,
} from '../../src/audit/records.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';

const api = parseRequest(
  { method: 'GET', target: '/v1.41/containers/web/json' },
  { floor: 24, ceiling: 56, engine: 41 },
);
const pieces: Pieces = {
  id: 'e7b0',
  client: { address: '127.0.0.1', port: 4711, tls: 'TLSv1.3' },
  userAgent: 'Docker-Client/28.2.2 (linux)',
  method: 'GET',
  target: '/v1.41/containers/web/json',
  principal: {
    name: 'alice',
    tenant: 'red',
    roles: ['dev'],
    method: 'both',
    issuer: 'https://issuer.example',
    tokenId: 'jti-1',
    certificate: { serial: 'AB', thumbprint: 'x5t', subject: 'CN=alice' },
    expiresAt: Date.UTC(2027, 0, 1),
  },
  api,
  resources: ['container/-/web', 'image/docker.io/library/x:1'],
  changes: ['memory was limited to 2g'],
  decision: { effect: 'allow', reason: 'granted', grant: 'grants.csv:3', policyVersion: '0123456789ab' },
};
const outcome = { status: 200, bytesIn: 1, bytesOut: 2, durationMs: 3.5, ending: 'finished' } as const;

describe('the records of a request', () => {
  it('name who, what, on what, and why', () => {
    expect(decisionRecord(pieces)).toMatchObject({
      id: 'e7b0',
      stage: 'decision',
      principal: {
        name: 'alice',
        tenant: 'red',
        roles: ['dev'],
        method: 'both',
        tokenId: 'jti-1',
        certificateSerial: 'AB',
        certificateThumbprint: 'x5t',
        expiresAt: '2027-01-01T00:00:00.000Z',
      },
      client: { address: '127.0.0.1', port: 4711, tls: 'TLSv1.3', userAgent: 'Docker-Client/28.2.2 (linux)' },
      request: { method: 'GET', operation: 'ContainerInspect', class: 'read', apiVersion: '1.41' },
      resource: 'container/-/web',
      involves: ['image/docker.io/library/x:1'],
      changes: ['memory was limited to 2g'],
      decision: { effect: 'allow', reason: 'granted', grant: 'grants.csv:3', policyVersion: '0123456789ab' },
    });
    expect(decisionRecord(pieces)).not.toHaveProperty('outcome');
    expect(completeRecord({ ...pieces, outcome })).toMatchObject({ stage: 'complete', outcome });
  });

  it('say of a refusal which stage refused, whatever was known by then', () => {
    const refusal = new Refusal(400, 'header-duplicate', 'the header host was sent more than once', {
      field: 'host',
    });
    const nothing = {
      ...pieces,
      userAgent: null,
      principal: null,
      api: null,
      resources: [],
      decision: null,
    };
    expect(refusedRecord({ ...nothing, refusal, outcome })).toMatchObject({
      stage: 'refused',
      principal: null,
      request: { operation: null, class: null, apiVersion: null },
      resource: null,
      decision: {
        effect: 'deny',
        reason: 'header-duplicate',
        message: 'the header host was sent more than once',
        field: 'host',
        grant: null,
        policyVersion: null,
      },
    });
  });

  it('cite a grant that denied, and not one that allowed what was refused later', () => {
    const refusal = new Refusal(413, 'body-too-large', 'too large');
    expect(refusedRecord({ ...pieces, refusal, outcome }).decision.grant).toBeNull();
    const decision = {
      effect: 'deny',
      reason: 'denied-by-grant',
      grant: 'grants.csv:9',
      policyVersion: 'v',
    } as const;
    expect(refusedRecord({ ...pieces, decision, refusal, outcome }).decision.grant).toBe('grants.csv:9');
  });

  it('have ids that no other request has', () => {
    const ids = new Set(Array.from({ length: 1_000 }, newRequestId));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep what a client wrote to one short line of plain ASCII', () => {
    const refusal = new Refusal(400, 'query-unknown', `no parameter ${'x'.repeat(5_000)}`, {
      field: `\u001b[2J${'f'.repeat(5_000)}`,
    });
    const record = refusedRecord({
      ...pieces,
      method: 'GET\u2028'.repeat(100),
      userAgent: `\u0085${'a'.repeat(1_000)}`,
      resources: [`container/-/\u009b${'c'.repeat(5_000)}`],
      refusal,
      outcome,
    });
    const { decision, client, request, resource } = record;
    expect(request.method).toHaveLength(32);
    expect(client.userAgent).toHaveLength(256);
    expect(client.userAgent?.startsWith('\\u0085aaa')).toBe(true);
    expect(resource).toHaveLength(1_024);
    expect(resource?.startsWith('container/-/\\u009bccc')).toBe(true);
    expect(decision.message).toHaveLength(1_024);
    expect(decision.field).toHaveLength(256);
    expect(decision.field?.startsWith('\\u001b[2Jfff')).toBe(true);
    expect(JSON.stringify(record)).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('docs/audit-record.md', () => {
  const doc = readFileSync(new URL('../../docs/audit-record.md', import.meta.url), 'utf8');
  const paths = (value: object, prefix = ''): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? paths(inner, `${prefix}${key}.`)
        : [`${prefix}${key}`],
    );
  const refusal = new Refusal(403, 'not-granted', 'no');
  const real = {
    decision: decisionRecord(pieces),
    complete: completeRecord({ ...pieces, outcome }),
    refused: refusedRecord({ ...pieces, refusal, outcome }),
  };
  const examples = [...doc.matchAll(/```json\n([^`]*)```/g)].map(([, text]) => JSON.parse(text as string));

  it('describes every field', () => {
    for (const path of ['schema', ...paths(real.complete)]) expect(doc).toContain(`\`${path}\``);
  });

  it('describes no field that there is not', () => {
    const described = [...doc.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path]) => path);
    const known = ['schema', 'principal', ...paths(real.complete)];
    expect(described.filter((path) => !known.includes(path as string))).toEqual([]);
  });

  it.each(['decision', 'complete', 'refused'] as const)(
    'shows a record of stage %s as it is written',
    (stage) => {
      const example = examples.find((shown) => shown.stage === stage);
      expect(paths(example)).toEqual(['schema', ...paths(real[stage])]);
      expect(examples).toHaveLength(3);
    },
  );
});
