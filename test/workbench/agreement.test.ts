import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { printable } from '../../src/audit/printable.ts';
import { loadConfigToRead } from '../../src/config/load.ts';
import { OPERATIONS } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';
import { consider } from '../../src/workbench/consider.ts';
import { openDesk } from '../../src/workbench/desk.ts';
import { supposedPrincipal } from '../../src/workbench/principal.ts';
import { headersFor, requestLineOf } from '../../src/workbench/request-line.ts';
import { SupposedEngine } from '../../src/workbench/supposed-engine.ts';
import { samples } from '../fuzz/bodies.ts';
import { bodyOf, polite, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from '../support/front-door.ts';

/** Conditions of every kind, denials, names, memberships, a grant of unknown fields. */
const GRANTS = `
p, role:operator, **, *, true, allow
p, role:viewer, **, @read, true, allow
p, role:developer, **, @read @lifecycle @exec @build @supply @network @volume, satisfies('baseline'), allow
p, role:developer, container/-/b*, @lifecycle, true, deny
p, user:dev, **, ContainerExec, "r.facts.user.value == 'root' || !isEmpty(r.facts.capabilities.added)", deny
g, user:ci, role:builder
p, role:builder, **, @read, true, allow
p, role:builder, container/**, ContainerCreate ContainerUpdate, "satisfies('baseline') && memoryAtMost('1g') && imageFrom('docker.io/library/**')", allow
p, role:builder, container/**, ContainerCreate, "portsWithin('30000-32767') && r.body.HostConfig.Privileged == false && hostPathsWithin('/srv')", allow
p, role:builder, image/docker.io/library/**, ImageCreate, r.query.platform == null, allow
p, role:builder, image/docker.io/library/**, @supply @build, baseImagesFrom('docker.io/library/*'), allow
p, role:builder, network/-/a*, *, true, allow
p, *, **, ContainerCreate, "!capsWithin('NET_BIND_SERVICE', 'CHOWN')", deny
p, role:builder, **, UnknownFields, r.version >= 50, allow
`;

const PRINCIPALS = [
  { name: 'alice', roles: ['operator'] },
  { name: 'viewer', roles: ['viewer'] },
  { name: 'nobody', roles: [] },
  { name: 'dev', roles: ['developer'] },
  { name: 'ci', roles: [] },
  { name: 'eve', roles: ['developer', 'ci'], tenant: 'team-b' },
] as const;

/** What real clients have sent. */
const BODIES: ReadonlyMap<string, readonly string[]> = readBodies();

interface Sent {
  readonly who: (typeof PRINCIPALS)[number];
  readonly operation: Operation | undefined;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly string[];
  readonly body: Buffer | undefined;
}

interface Verdict {
  readonly effect: string;
  readonly reason: string;
  readonly status: number | null;
  readonly field: string | null;
}

const AT_ONCE = 24;
const doors: FrontDoor[] = [];
afterAll(async () => {
  for (const door of doors) await door.close();
});

describe('policy can and the running gateway', () => {
  it('agree on 8,000 generated requests', async () => {
    await expectAgreement(8_000, false, {
      prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
      config: {
        mutations: [{ for: ['role:developer'], noNewPrivileges: true, memory: '512m' }],
        policy: { roles: [{ role: 'operator', floor: 'off' }] },
      },
    });
  }, 300_000);

  it('agree on 2,000 where tenants are told apart', async () => {
    const tenants = readFileSync(new URL('../../policies/tenants.csv', import.meta.url), 'utf8');
    await expectAgreement(2_000, true, {
      prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, tenants),
      config: { tenancy: { enabled: true, names: 'private' } },
    });
  }, 300_000);
});

/** What there is on the Engine, where that matters. */
const THERE = [
  'container/team-a/web',
  'container/team-b/web',
  'container/-/box',
  'network/team-a/back',
  'volume/team-a/db',
  'volume/team-b/db',
  'exec/team-a/exec-1',
];

async function expectAgreement(count: number, hasTenants: boolean, options: FrontDoorOptions): Promise<void> {
  const world = new SupposedEngine(THERE, true, ['team-a', 'team-b']);
  const door = await openFrontDoor({ ...options, script: hasTenants ? standIn(world) : polite });
  doors.push(door);
  const desk = await openDesk(loadConfigToRead(door.gateway.config));
  const requests = fc.sample(requestsOf(hasTenants), { seed: 8, numRuns: count });
  const agents = new Map<string, Agent>();
  for (const { name, roles, ...more } of PRINCIPALS) {
    const o = 'tenant' in more ? more.tenant : 'team-a';
    const folder = await door.certPath(name, {
      o,
      ...(roles[0] === undefined ? {} : { ou: [...roles] }),
    } as never);
    agents.set(
      name,
      new Agent({
        keepAlive: true,
        maxSockets: AT_ONCE,
        ca: readFileSync(`${door.gateway.certPath('admin')}/ca.pem`),
        cert: readFileSync(`${folder}/cert.pem`),
        key: readFileSync(`${folder}/key.pem`),
      }),
    );
  }
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < requests.length; at = next++) {
      const sent = requests[at] as Sent;
      await send(door, agents.get(sent.who.name) as Agent, sent, `n-${at}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const agent of agents.values()) agent.destroy();
  const recorded = await verdicts(door, count);

  const differing: unknown[] = [];
  const reasons = new Map<string, number>();
  for (const [at, sent] of requests.entries()) {
    const { name, roles, ...more } = sent.who;
    const principal = supposedPrincipal({ name, roles, tenant: 'tenant' in more ? more.tenant : 'team-a' });
    const { effect, reason, status, field } = await consider(desk, { ...sent, principal, there: THERE });
    const shown = field === null ? null : printable(field, 256);
    const here: Verdict = { effect, reason, status: effect === 'allow' ? null : status, field: shown };
    const there = recorded.get(`n-${at}`);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    if (JSON.stringify(here) !== JSON.stringify(there))
      differing.push({
        here,
        there,
        line: `${name} ${sent.method} ${sent.target}`,
        body: sent.body?.toString().slice(0, 300),
      });
  }
  expect(differing.slice(0, 3)).toEqual([]);
  // It is not that all were refused for one reason.
  expect(reasons.get('granted')).toBeGreaterThan(count / 20);
  expect(reasons.size).toBeGreaterThan(hasTenants ? 8 : 25);
}

function requestsOf(hasTenants: boolean): fc.Arbitrary<Sent> {
  const version = fc.constantFrom('1.41', '1.50', '1.24', '1.56', '1.23', '1.41');
  const some = fc.constantFrom(...OPERATIONS);
  const create = fc.constant(OPERATIONS.find(({ id }) => id === 'ContainerCreate') as Operation);
  const execs = fc.constant(OPERATIONS.find(({ id }) => id === 'ContainerExec') as Operation);
  return fc
    .record({
      who: fc.constantFrom(...PRINCIPALS),
      operation: fc.oneof(
        { weight: 6, arbitrary: some },
        { weight: 5, arbitrary: create },
        { weight: 1, arbitrary: execs },
      ),
      version,
      name: fc.constantFrom('web', 'box', 'a1', hasTenants ? 'exec-1' : 'e1', 'db', 'back'),
      tenant: hasTenants ? fc.constantFrom('team-a', 'team-b', '-') : fc.constant('-'),
      image: fc.constantFrom(
        'docker.io/library/alpine:3',
        'reg.example.com/team-a/app:1',
        'docker.io/team-a/app:latest',
      ),
      query: fc.array(
        fc.tuple(fc.nat(), fc.constantFrom('1', '0', 'x', '', '{"label":["a=b"]}', '["x"]', 'linux', '9')),
        { maxLength: 2 },
      ),
      stray: fc.integer({ min: 0, max: 40 }),
      made: samples,
      pick: fc.nat(),
    })
    .map(({ who, operation, version: api, name, tenant, image, query, stray, made, pick }): Sent => {
      const { id, kind } = operation;
      const known = operation.query.filter(({ type }) => type !== 'ignored');
      const given = query.flatMap(([index, value]) => {
        const parameter = known[index % Math.max(1, known.length)]?.name;
        return parameter === undefined ? [] : [[parameter, value] as const];
      });
      const once = [...new Map(given.map((pair) => [pair[0], pair])).values()];
      const line = requestLineOf(operation, {
        resource: resourceFor(kind, tenant, name, image),
        query: stray === 0 ? [...once, ['bogus', '1']] : once,
        api,
        hasTenants,
        hasPrivateNames: true,
      });
      const bodies = BODIES.get(id) ?? [];
      const text = pick % 3 === 0 ? line.body : (bodies[pick % Math.max(1, bodies.length)] ?? line.body);
      const isMade = id === 'ContainerCreate' && pick % 4 !== 0;
      const body = line.body === undefined ? undefined : isMade ? made.bytes : Buffer.from(text ?? '');
      const method = stray === 1 ? 'DELETE' : line.method;
      const target = stray === 2 ? line.target.replace('/', '//') : line.target;
      const headers = headersFor(operation, body !== undefined && body.length > 0);
      return { who, operation, method, target, headers: stray === 3 ? [] : headers, body };
    });
}

function resourceFor(kind: string, tenant: string, name: string, image: string): string {
  switch (kind) {
    case 'image':
      return `image/${image}`;
    case 'registry':
      return 'registry/docker.io';
    case 'engine':
    case 'swarm':
    case 'build':
      return kind;
    case 'plugin':
    case 'node':
      return `${kind}/${name}`;
    default:
      return `${kind}/${tenant}/${name}`;
  }
}

function send(
  door: FrontDoor,
  agent: Agent,
  { method, target, headers, body }: Sent,
  mark: string,
): Promise<void> {
  const length = body === undefined || body.length === 0 ? {} : { 'Content-Length': body.length };
  const pairs: Record<string, string | number> = { 'User-Agent': mark, ...length };
  for (let at = 0; at < headers.length; at += 2) pairs[headers[at] as string] = headers[at + 1] as string;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: door.gateway.port, method, path: target, headers: pairs, agent },
      (answer) =>
        void answer
          .resume()
          .once('end', resolve)
          .once('error', () => resolve()),
    );
    sent.once('upgrade', (_, socket) => {
      socket.destroy();
      resolve();
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** What the records say of each, once all are there. */
async function verdicts(door: FrontDoor, count: number): Promise<ReadonlyMap<string, Verdict>> {
  const found = new Map<string, Verdict>();
  const deadline = Date.now() + 20_000;
  while (found.size < count && Date.now() < deadline) {
    for (const { client, decision, outcome, stage } of door.gateway.auditRecords()) {
      const mark = client.userAgent ?? '';
      if (!mark.startsWith('n-') || (stage !== 'decision' && stage !== 'refused')) continue;
      const { effect, reason, field } = decision;
      // What the gateway does for a request of its own accord is recorded under its client too.
      if (reason === 'default-network') continue;
      const status = effect === 'allow' ? null : (outcome?.status ?? null);
      found.set(mark, { effect, reason, status, field });
    }
    if (found.size < count) await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return found;
}

/** Answers what the gateway asks by what is supposed to be there, and politely all else. */
function standIn(world: SupposedEngine): Script {
  return async (connection, head) => {
    const [method = '', target = ''] = head.split(' ');
    const isOwn = method === 'GET' && !/^\/v\d/.test(target) && !/^\/(?:_ping|version|events)/.test(target);
    if (!isOwn) return polite(connection, head);
    await bodyOf(connection, head);
    const { status, text } = await world.ask('GET', target);
    connection.socket.write(
      reply(status === 200 ? '200 OK' : '404 Not Found', text, ['Content-Type: application/json']),
    );
  };
}

function readBodies(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const file of [
    'container-docker-cli-28.2.2',
    'cluster-docker-cli-28.2.2',
    'container-go-types',
    'container-docker-py-7.1.0',
  ]) {
    const lines = readFileSync(new URL(`../data/bodies/${file}.jsonl`, import.meta.url), 'utf8')
      .trim()
      .split('\n');
    for (const line of lines) {
      const { request: head = '', body } = JSON.parse(line) as { request?: string; body: string };
      const [method, path = ''] = head
        .replace(/\/v1\.\d+/, '')
        .replace(/\?.*/, '')
        .split(' ');
      const operation = OPERATIONS.find(
        (each) =>
          each.method === method && new RegExp(`^${each.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
      );
      const id = operation?.id ?? 'ContainerCreate';
      if (typeof body === 'string') found.set(id, [...(found.get(id) ?? []), body]);
    }
  }
  return found;
}
