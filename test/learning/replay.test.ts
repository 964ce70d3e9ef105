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
import { grantsText, testsOf, testsText } from '../../src/workbench/suggest/write.ts';
import { readTests } from '../../src/workbench/test-file.ts';
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
  readonly involves?: readonly string[];
  readonly refused?: string;
  readonly engine?: string;
  readonly reason?: string;
}

/** A request as its records tell of it. */
function recorded({
  line,
  body,
  level = 'Request',
  resource = 'container/-/web',
  involves = [],
  refused,
  engine,
  reason,
}: Asked) {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  const content = body === undefined ? null : readContent(api, Buffer.from(JSON.stringify(body)));
  const pieces = {
    ...{
      id: 'id',
      level,
      client: { address: '', port: 0, tls: null, userAgent: null },
      method,
      target,
      api,
      content,
    },
    ...{
      resources: [resource, ...involves],
      objectId: null,
      changes: [],
      session: null,
      traceId: null,
      statedReason: reason ?? null,
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

describe('a verdict on a user that was left to the image', () => {
  const asked = { line: CREATE, body: { Image: 'alpine' } };

  it.each(["r.facts.user.value == 'root', deny", "r.facts.user.value == '0', deny"])(
    'can not be told where the gateway would have looked: %s',
    async (denial) => {
      const policy = await policyOf(
        `p, user:app, **, *, true, allow\np, user:app, **, ContainerCreate, ${denial}`,
      );
      expect(verdictOf(policy, recorded(asked))).toEqual({
        effect: 'untold',
        missing: 'the user of the image',
      });
      const said = recorded({ ...asked, body: { Image: 'alpine', User: '1000' } });
      expect(verdictOf(policy, said).effect).toBe('allow');
    },
  );

  it('is a denial still where not knowing denies', async () => {
    expect(await verdict("usersWithin('1000')", asked)).toBe('deny');
    expect(await verdict("satisfies('restricted')", asked)).toBe('deny');
  });
});

describe('where tenants are told apart', () => {
  const START = { line: 'POST /v1.41/containers/web/start', resource: 'container/default/web' };
  const EXEC = { line: 'POST /v1.41/exec/abc/start', body: {}, resource: 'exec/default/abc' };
  const CREATES = {
    ...{ line: CREATE, body: { Image: 'alpine' }, resource: 'container/default/web' },
    involves: ['image/docker.io/library/alpine:latest', 'volume/default/new'],
  };
  const IMPORT = {
    line: 'POST /v1.41/images/create?fromSrc=-&repo=x',
    resource: 'image/docker.io/library/x',
  };
  const told = async (grants: string, asked: Asked, tenants = true) => {
    const files = { model: MODEL, grants: fileOf(grants, 'grants.csv'), profiles: PROFILES };
    const policy = (await loadPolicies(files, { engines: [{ name: 'default' }], tenants })).get('default');
    const { effect, ...rest } = verdictOf(policy, recorded(asked), tenants);
    return effect === 'allow' ? effect : Object.values(rest)[0];
  };

  it.each([
    ['an object', START, 'ContainerStart', 'ContainerInspect', 'no-such-object'],
    ['an image to run', CREATES, 'ContainerCreate', 'ImageInspect', 'no-such-object'],
    ['a container to exec in', EXEC, 'ExecStart ContainerExec', 'ContainerInspect', 'no-such-object'],
    ['an exec', EXEC, 'ExecStart ContainerInspect', 'ContainerExec', 'not-granted'],
    ['an import', IMPORT, 'ImageCreate', 'ImageLoad', 'not-granted'],
  ] as const)('%s needs more than its own grant', async (_, asked, operations, besides, reason) => {
    const grant = (list: string) => `p, user:app, **, ${list}, true, allow`;
    expect(await told(grant(operations), asked)).toBe(reason);
    expect(await told(grant(`${operations} ${besides}`), asked)).toBe('allow');
  });

  it('what a record has no name of can not be told', async () => {
    const grants =
      'p, user:app, exec/**, *, true, allow\np, user:app, container/default/web, @read @exec, true, allow';
    expect(await told(grants, EXEC)).toBe('the name of the container');
  });

  it('nor whether what is fetched is pulled, where the query was cut', async () => {
    const cut = { ...IMPORT, line: `POST /v1.41/images/create?fromImage=x&platform=${'p'.repeat(2_100)}` };
    expect(await told('p, user:app, **, ImageCreate, true, allow', cut)).toBe('query.fromImage');
  });

  it('nor what there is beyond many', async () => {
    const involves = Array.from({ length: 5_000 }, (_, index) => `image/docker.io/library/alpine:${index}`);
    const saved = { line: 'GET /v1.41/images/get?names=alpine', resource: 'image', involves };
    expect(await told('p, user:app, **, *, true, allow', saved)).toBe('the names of all that it acts on');
    const fewer = { ...saved, involves: involves.slice(0, 1_000) };
    expect(await told('p, user:app, **, *, true, allow', fewer, false)).toBe('allow');
  });

  it('and elsewhere it does not', async () => {
    const started = { ...START, resource: 'container/-/web' };
    expect(await told('p, user:app, **, ContainerStart, true, allow', started, false)).toBe('allow');
  });
});

describe('what was allowed for a stated reason', () => {
  it('becomes no standing right, and is told of', () => {
    const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
    suggestions.add(recorded({ line: CREATE, body: { Image: 'alpine' }, reason: 'INC-1' }));
    const text = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    expect(text).not.toMatch(/^p, /m);
    expect(text).toContain('1 request with a stated reason');
    suggestions.add(recorded({ line: CREATE, body: { Image: 'alpine' } }));
    expect(suggestions.lines()).toHaveLength(1);
  });

  it('a dangerous line says that it allows everything', () => {
    const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
    suggestions.add(recorded({ line: CREATE, body: { Image: 'alpine', HostConfig: { Privileged: true } } }));
    const text = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    expect(text).toMatch(/^# DANGEROUS, not granted: .*As it stands the line allows all/m);
  });
});

describe('what a client called something', () => {
  it.each(['/web', 'a//b', 'web/'])('%j keeps no suggestion from loading', async (name) => {
    const suggestions = new Suggestions({ by: 'principal', profiles: VOCABULARY.profiles, tenants: false });
    const line = `POST /v1.41/commit?container=${encodeURIComponent(name)}`;
    suggestions.add(recorded({ line, resource: `container/-/${name}` }));
    const text = grantsText(suggestions.lines(), { at: '', period: '', leftOut: suggestions.leftOut });
    expect(text).toContain('\np, user:app, container/-/*, ImageCommit, ');
    await policyOf(text);
  });

  it('and wrote is read back from the tests that are suggested, whatever looks like a variable', () => {
    const reference = (name: string): string => `$\{${name}}`;
    const body = {
      ...{ Image: 'alpine', Cmd: ['echo', `${reference('HOME')} $${reference('X')} ${reference('')}`] },
      Labels: { [reference('K')]: reference('V') },
    };
    const text = testsText(testsOf([recorded({ line: CREATE, body })], false));
    expect(readTests(fileOf(text, 'a.test.yaml')).tests[0]?.body).toMatchObject(body);
  });

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
