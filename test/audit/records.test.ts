import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashOf, readLink } from '../../src/audit/chain.ts';
import { Concealer } from '../../src/audit/concealer.ts';
import { auditLine, type RequestLine } from '../../src/audit/record.ts';
import {
  clientOf,
  completeRecord,
  namesOf,
  newRequestId,
  type Pieces,
  refusedRecord,
  requestRecord,
} from '../../src/audit/records.ts';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';
import { PAGE_FILE, pageText, SCHEMA_FILE, schemaText } from '../support/audit-schema.ts';

const conceal = new Concealer(Buffer.alloc(32, 1));
const versions = { floor: 24, ceiling: 56, engine: 41 };
const api = parseRequest({ method: 'GET', target: '/v1.41/containers/web/json' }, versions);
const pieces: Pieces = {
  id: 'e7b0',
  level: 'Metadata',
  client: { address: '127.0.0.1', port: 4711, tls: 'TLSv1.3', userAgent: 'Docker-Client/28.2.2 (linux)' },
  statedReason: null,
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
  objectId: null,
  content: null,
  facts: null,
  changes: ['memory was limited to 2g'],
  decision: { effect: 'allow', reason: 'granted', grant: 'grants.csv:3', policyVersion: '0123456789ab' },
  session: null,
  traceId: null,
  engine: null,
};
const outcome = {
  status: 200,
  bytesIn: 1,
  bytesOut: 2,
  durationMs: 3.5,
  ending: 'finished',
  error: null,
} as const;

describe('the records of a request', () => {
  it('hide nothing behind what is too long', () => {
    const long = {
      ...NO_FACTS,
      labels: { x: 'y'.repeat(70_000) },
      privileged: [{ field: 'HostConfig.Privileged' }],
    };
    const { facts } = requestRecord('decision', { ...pieces, facts: long }, conceal);
    expect(facts).toEqual({
      labels: '[too large]',
      privileged: [{ field: 'HostConfig.Privileged' }],
      '[too large]': true,
    });
  });

  it('name all that is named, and how many more where that is too long', () => {
    const names = (count: number) =>
      Array.from({ length: count }, (_, index) => `image/docker.io/library/x:${index}`);
    const involved = (count: number) => {
      const resources = ['image', ...names(count)] as const;
      return requestRecord('decision', { ...pieces, resources }, conceal).involves;
    };
    expect(involved(2_000)).toEqual(names(2_000));
    const shown = involved(10_000);
    expect(shown.slice(0, -1)).toEqual(names(shown.length - 1));
    expect(shown.at(-1)).toBe(`and ${10_000 - (shown.length - 1)} more...`);
    expect(JSON.stringify(shown).length).toBeLessThan(200_000);
    expect(namesOf(shown)).toEqual(shown.slice(0, -1));
  });

  it('name who, what, on what, and why', () => {
    expect(requestRecord('decision', pieces, conceal)).toMatchObject({
      type: 'request',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/),
      id: 'e7b0',
      stage: 'decision',
      level: 'Metadata',
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
      request: {
        method: 'GET',
        path: '/v1.41/containers/web/json',
        query: null,
        operation: 'ContainerInspect',
        class: 'read',
        apiVersion: '1.41',
        bodyDigest: null,
      },
      resource: { kind: 'container', tenant: '-', name: 'web', id: null },
      involves: ['image/docker.io/library/x:1'],
      facts: {},
      changes: ['memory was limited to 2g'],
      decision: {
        effect: 'allow',
        reason: 'granted',
        grant: 'grants.csv:3',
        profile: null,
        policyVersion: '0123456789ab',
      },
    });
    expect(requestRecord('decision', pieces, conceal)).not.toHaveProperty('outcome');
    expect(completeRecord(requestRecord('decision', pieces, conceal), pieces, outcome)).toMatchObject({
      stage: 'complete',
      outcome,
    });
  });

  it('say of a refusal which stage refused, whatever was known by then', () => {
    const refusal = new Refusal(400, 'header-duplicate', 'the header host was sent more than once', {
      field: 'host',
    });
    const nothing = { ...pieces, principal: null, api: null, resources: [], decision: null };
    expect(refusedRecord(nothing, conceal, refusal, outcome)).toMatchObject({
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
    expect(refusedRecord(pieces, conceal, refusal, outcome).decision.grant).toBeNull();
    const decision = {
      effect: 'deny',
      reason: 'denied-by-grant',
      grant: 'grants.csv:9',
      policyVersion: 'v',
    } as const;
    expect(refusedRecord({ ...pieces, decision }, conceal, refusal, outcome).decision.grant).toBe(
      'grants.csv:9',
    );
  });

  it('name the profile that the condition of the grant asks for', () => {
    const decision = {
      ...pieces.decision,
      condition: "imageFrom('a') && satisfies('baseline')",
    } as Pieces['decision'];
    expect(requestRecord('decision', { ...pieces, decision }, conceal).decision.profile).toBe('baseline');
  });

  it('tell what is asked for, and the body from level Request on, but no secret', () => {
    const create = parseRequest({ method: 'POST', target: '/v1.41/containers/create?name=web' }, versions);
    const content = readContent(
      create,
      Buffer.from(
        '{"Image":"busybox","Env":["A=s3cret"],"Cmd":["id"],"HostConfig":{"Memory":9007199254740993}}',
      ),
    );
    const made = { ...pieces, api: create, content, facts: factsOf(create, content.value) };
    const metadata = requestRecord('decision', made, conceal);
    expect(metadata.facts).toMatchObject({
      runs: 'container',
      command: ['id'],
      environment: ['A'],
      resources: { memory: { value: '9007199254740993' } },
    });
    expect(metadata.facts).not.toHaveProperty('hostPaths');
    expect(metadata.request).not.toHaveProperty('body');
    expect(metadata.request.bodyDigest).toMatch(/^hmac-sha256:/);
    const request = requestRecord('decision', { ...made, level: 'Request' }, conceal);
    expect(request.request.body).toMatchObject({ Image: 'busybox', Cmd: ['id'] });
    expect(JSON.stringify([metadata, request])).not.toContain('s3cret');
    expect(completeRecord(request, made, outcome).request).not.toHaveProperty('body');
  });

  it('name what was made by its full id, and what was named by it', () => {
    const id = 'a'.repeat(64);
    const named = requestRecord('decision', { ...pieces, resources: [`container/red/${id}`] }, conceal);
    expect(named.resource).toEqual({ kind: 'container', tenant: 'red', name: id, id });
    const made = completeRecord(
      requestRecord('decision', pieces, conceal),
      { objectId: id, session: null },
      outcome,
    );
    expect(made.resource).toEqual({ kind: 'container', tenant: '-', name: 'web', id });
    const kinds = ['engine', 'image/docker.io/library/x:1', 'volume/red/'].map(
      (resource) => requestRecord('decision', { ...pieces, resources: [resource] }, conceal).resource,
    );
    expect(kinds).toEqual([
      { kind: 'engine', tenant: null, name: null, id: null },
      { kind: 'image', tenant: null, name: 'docker.io/library/x:1', id: null },
      { kind: 'volume', tenant: 'red', name: null, id: null },
    ]);
  });

  it('show the target as received, without what is secret in it', () => {
    const shown = (target: string) => {
      const { path, query } = requestRecord('decision', { ...pieces, target }, conceal).request;
      return [path, query];
    };
    expect(shown('https://user:s3@cret@gateway/info?all=1')).toEqual([
      'https://[redacted]@gateway/info',
      'all=1',
    ]);
    expect(shown('//user:s3cret@gateway/info')).toEqual(['//[redacted]@gateway/info', null]);
    expect(shown('user:s3cret@gateway:443')).toEqual(['[redacted]@gateway:443', null]);
    expect(shown('/v1.41/images/a@sha256:0/json')).toEqual(['/v1.41/images/a@sha256:0/json', null]);
    expect(shown('/%zz?')).toEqual(['/%zz', '']);
    expect(shown('/a\r\n{"fake":1}\u2028é')).toEqual(['/a\\u000d\\u000a{"fake":1}\\u2028\\u00e9', null]);
    expect(shown(`/${'a'.repeat(100_000)}`)).toEqual([`/${'a'.repeat(2_044)}...`, null]);
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
    const record = refusedRecord(
      {
        ...pieces,
        method: 'GET\u2028'.repeat(100),
        client: clientOf({ address: '', port: 0, tls: null }, `\u0085${'a'.repeat(1_000)}`),
        resources: [`container/-/\u009b${'c'.repeat(5_000)}`],
      },
      conceal,
      refusal,
      outcome,
    );
    const { decision, client, request, resource } = record;
    expect(request.method).toHaveLength(32);
    expect(client.userAgent).toHaveLength(256);
    expect(client.userAgent?.startsWith('\\u0085aaa')).toBe(true);
    expect(resource?.name).toHaveLength(1_024);
    expect(resource?.name?.startsWith('\\u009bccc')).toBe(true);
    expect(decision.message).toHaveLength(1_024);
    expect(decision.field).toHaveLength(256);
    expect(decision.field?.startsWith('\\u001b[2Jfff')).toBe(true);
    expect(JSON.stringify(record)).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('a client', () => {
  const peer = { address: '127.0.0.1', port: 1, tls: null };

  it('is shown as it calls itself in each request', () => {
    const named = ['one', 'two', null, 'one'].map((name) => clientOf(peer, name).userAgent);
    expect(named).toEqual(['one', 'two', null, 'one']);
  });

  it('that says the same again is the same object', () => {
    expect(clientOf(peer, 'one')).toBe(clientOf(peer, 'one'));
  });

  it('that says much is not remembered, nor what it said before', () => {
    const long = 'x'.repeat(257);
    const before = clientOf(peer, 'one');
    expect(clientOf(peer, long)).not.toBe(clientOf(peer, long));
    expect(clientOf(peer, 'one')).not.toBe(before);
    expect(clientOf(peer, long).userAgent).toHaveLength(256);
  });
});

describe('the documentation', () => {
  it('has the schema and the tables that the code has (npm run docs:audit)', () => {
    expect(readFileSync(SCHEMA_FILE, 'utf8')).toBe(schemaText());
    expect(readFileSync(PAGE_FILE, 'utf8')).toBe(pageText());
  });

  it('shows a real piece of a log', () => {
    const page = readFileSync(PAGE_FILE, 'utf8');
    const lines = [...page.matchAll(/^\{"schema":2.*\}$/gm)].map(([line]) => line);
    const records = lines.map((line) => auditLine.parse(JSON.parse(line)) as RequestLine);
    expect(records.map(({ stage }) => stage)).toEqual(['decision', 'complete', 'refused']);
    for (const line of lines) {
      const bytes = Buffer.from(line);
      expect(hashOf(bytes)).toBe(readLink(bytes)?.hash);
    }
  });
});
