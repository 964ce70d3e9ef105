import { describe, expect, it } from 'vitest';
import { Concealer } from '../../src/audit/concealer.ts';
import type { AuditLevel, RequestLine } from '../../src/audit/record.ts';
import { refusedRecord, requestRecord } from '../../src/audit/records.ts';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { Refusal } from '../../src/errors.ts';
import { loadPolicies } from '../../src/policy/load.ts';
import { RecordedRequests } from '../../src/workbench/recorded.ts';
import { Replay, verdictOf } from '../../src/workbench/replay.ts';
import { Suggestions } from '../../src/workbench/suggest/suggest.ts';
import { grantsText } from '../../src/workbench/suggest/write.ts';
import { fileOf, MODEL, PROFILES, policyOf, VOCABULARY } from '../policy/support.ts';

const conceal = new Concealer(Buffer.alloc(32, 1));
const PRINCIPAL = {
  ...{ name: 'app', tenant: 'default', roles: ['app'], method: 'certificate', issuer: 'CN=ca' },
  ...{
    certificate: { serial: 'AB', thumbprint: 'x', subject: 'CN=app' },
    expiresAt: Number.POSITIVE_INFINITY,
  },
} as const;
const OUTCOME = {
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  ending: 'finished',
  error: null,
} as const;

interface Asked {
  readonly line: string;
  readonly body?: object;
  readonly level?: AuditLevel;
  readonly resource?: string;
  readonly refused?: string;
  readonly engine?: string;
}

/** A request as its records tell of it. */
function recorded({ line, body, level = 'Request', resource = 'container/-/web', refused, engine }: Asked) {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  const content = body === undefined ? null : readContent(api, Buffer.from(JSON.stringify(body)));
  const pieces = {
    ...{
      id: 'id',
      level,
      client: { address: '', port: 0, tls: null },
      userAgent: null,
      method,
      target,
      api,
      content,
    },
    ...{
      resources: [resource],
      objectId: null,
      changes: [],
      session: null,
      traceId: null,
      statedReason: null,
      engine: engine ?? null,
    },
    principal: PRINCIPAL as never,
    facts: refused === undefined ? factsOf(api, content?.value) : null,
    decision: {
      effect: refused === undefined ? 'allow' : 'deny',
      reason: refused ?? 'granted',
      policyVersion: 'v',
    } as const,
  };
  const record =
    refused === undefined
      ? requestRecord('decision', pieces, conceal)
      : refusedRecord(pieces, conceal, new Refusal(403, refused, 'no'), OUTCOME);
  const requests = new RecordedRequests(false);
  const read = requests.push(JSON.parse(JSON.stringify(record)) as RequestLine) ?? requests.rest()[0];
  if (read === undefined) throw new Error('the policy had no say');
  return read;
}

const CREATE = 'POST /v1.41/containers/create?name=web';

async function verdict(condition: string, asked: Asked, operations = 'ContainerCreate'): Promise<unknown> {
  const policy = await policyOf(`p, user:app, **, ${operations}, "${condition}", allow`);
  const { effect, ...rest } = verdictOf(policy, recorded(asked));
  return effect === 'untold' ? rest : effect;
}

describe('a verdict out of a record', () => {
  const body = { Image: 'alpine', Hostname: 'h', Env: ['A=secret'], HostConfig: { Memory: 1024 } };

  it('is that of the live request, where the record holds what conditions ask for', async () => {
    for (const level of ['Metadata', 'Request'] as const) {
      expect(
        await verdict("imageFrom('docker.io/library/alpine') && memoryAtMost('1k')", {
          line: CREATE,
          body,
          level,
        }),
      ).toBe('allow');
      expect(await verdict("memoryAtMost('512')", { line: CREATE, body, level })).toBe('deny');
    }
    expect(
      await verdict("r.body.Hostname == 'h' && r.body.HostConfig.Memory == 1024", { line: CREATE, body }),
    ).toBe('allow');
    expect(await verdict("r.query.name == 'web'", { line: CREATE, body })).toBe('allow');
  });

  it('can not be told without a body that a condition names, and a condition that names none does not mind', async () => {
    const asked = { line: CREATE, body, level: 'Metadata' } as const;
    expect(await verdict("r.body.Hostname == 'h'", asked)).toEqual({ missing: 'body' });
    expect(await verdict('true', asked)).toBe('allow');
  });

  it('can not be told where a value is concealed that a condition names', async () => {
    const asked = { line: 'POST /v1.41/build?t=a&remote=https%3A%2F%2Fu%3Ap%40h%2Fx', resource: 'build' };
    expect(await verdict("r.query.remote == 'x'", asked, 'ImageBuild')).toEqual({ missing: 'query.remote' });
    expect(await verdict("r.query.q == true || r.query.t[0] == 'a'", asked, 'ImageBuild')).toBe('allow');
  });

  it('of what was refused before its body was read can be told only where that does not matter', async () => {
    const asked = { line: CREATE, refused: 'not-granted' };
    expect(await verdict("satisfies('baseline')", asked)).toEqual({ missing: 'facts' });
    expect(await verdict('true', asked)).toBe('allow');
    expect(await verdict('true', asked, 'ContainerStart')).toBe('deny');
  });
});

describe('what a client called something', () => {
  it.each([
    `"a, **, *, true, allow`,
    `x') || true || imageFrom('**`,
    'x\np, user:app, **, *, true, allow',
    '*',
    '**',
  ])('%j gets into no suggestion', async (name) => {
    const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
    const body = {
      Image: 'alpine',
      User: name,
      HostConfig: { Binds: [`${name.replace(/[:\n]/g, '')}:/data`], NetworkMode: name, CapAdd: [name] },
    };
    suggestions.add(recorded({ line: CREATE, body, resource: `container/-/${name}` }));
    suggestions.add(
      recorded({ line: CREATE, body: { Image: 'alpine', User: name }, resource: `container/-/${name}` }),
    );
    const text = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    const granted = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of granted) expect(line).toMatch(/^p, user:app, container\/-\/\*, ContainerCreate, /);
    expect(text).not.toContain('|| true');
    expect(granted.join('\n')).not.toMatch(/'\*+'/);
    await policyOf(granted.join('\n'));
  });
});

describe('several Engines', () => {
  const all = ['default', 'build'].map((engine) =>
    recorded({ line: CREATE, body: { Image: 'alpine' }, engine }),
  );
  const policies = async (grants: string) =>
    loadPolicies(
      { model: MODEL, grants: fileOf(grants, 'grants.csv'), profiles: PROFILES },
      { engines: [{ name: 'default' }, { name: 'build' }] },
    );
  const outcomes = async (grants: string, records = all) => {
    const replay = new Replay(await policies(grants));
    for (const each of records) replay.add(each);
    return replay.comparisons().map(({ engine, outcome }) => `${engine} ${outcome}`);
  };

  it('what was seen on one is suggested for that one', async () => {
    const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
    suggestions.add(all[1] as (typeof all)[0]);
    const text = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    expect(text).toContain('\np, user:app, engine/build/container/-/web, ContainerCreate, ');
    expect(await outcomes(text)).toEqual(['default newly-refused', 'build unchanged']);
    suggestions.add(all[0] as (typeof all)[0]);
    const both = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    expect(both).toContain('\np, user:app, container/-/web, ContainerCreate, ');
    expect(await outcomes(both)).toEqual(['build unchanged', 'default unchanged']);
  });

  it('a record is held against the grants for its Engine', async () => {
    expect(await outcomes('p, user:app, container/**, *, true, allow')).toEqual([
      'build newly-refused',
      'default unchanged',
    ]);
    expect(await outcomes('p, user:app, engine/*/container/**, *, true, allow')).toEqual([
      'build unchanged',
      'default unchanged',
    ]);
  });

  it('what was on one that is there no longer can not be told', async () => {
    const gone = recorded({ line: CREATE, body: { Image: 'alpine' }, engine: 'gone' });
    expect(await outcomes('p, user:app, engine/*/**, *, true, allow', [gone])).toEqual(['gone untold']);
  });
});
