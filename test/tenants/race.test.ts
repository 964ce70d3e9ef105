import { randomInt } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTenants, type Tenants } from '../support/tenants.ts';
import { type Caller, callerAt, callerOn, type Reply } from './caller.ts';
import { IDLE } from './world.ts';

const ROUNDS = Number(process.env['QUAYWARDEN_RACE_ROUNDS'] ?? 500);

/** How long it goes on beyond them, where the Engine has too much to do for the name to be hers often. */
const MOST_MS = 20_000;

/** How many of alice's actions are under way at once, on each name. */
const IN_FLIGHT = 4;

let tenants: Tenants;
let alice: Caller;
let ann: Caller;
let bob: Caller;
let engine: Caller;

beforeAll(async () => {
  tenants = await openTenants();
  [alice, ann, bob] = (await Promise.all(
    ['alice', 'ann', 'bob'].map((name) => callerAt(tenants.door, name)),
  )) as [Caller, Caller, Caller];
  engine = callerOn(tenants.engine.socket);
  await alice.json('POST /networks/create', { Name: 'hers' });
});
afterAll(async () => {
  for (const each of [alice, ann, bob]) each?.close();
  await tenants?.close();
});

/** What alice does by a name; `N` stands for it. Each leaves a trace where it lands. */
type Deed = readonly [line: string, body?: object];

/** Cheap on a container that runs, and told by an event or by the container's inspection. */
const ON_RUNNING: readonly Deed[] = [
  ['POST /containers/N/exec', { Cmd: ['true'] }],
  ['POST /containers/N/kill?signal=CONT'],
  ['POST /containers/N/rename?name=alice-NEW'],
  ['POST /containers/N/pause'],
  ['POST /containers/N/unpause'],
  ['POST /containers/N/update', { CpuShares: 77 }],
  ['GET /containers/N/logs?stdout=1'],
  ['GET /containers/N/json'],
  ['POST /networks/hers/connect', { Container: 'N' }],
  ['POST /networks/hers/disconnect', { Container: 'N', Force: true }],
];

/** The same on one that was never started. */
const ON_CREATED: readonly Deed[] = [
  ['POST /containers/N/rename?name=alice-NEW'],
  ['POST /containers/N/update', { CpuShares: 77 }],
  ['GET /containers/N/json'],
  ['POST /containers/N/stop?t=0'],
  ['DELETE /containers/N?force=1'],
  ['POST /containers/N/rename?name=alice-NEW'],
  ['POST /networks/hers/connect', { Container: 'N' }],
  ['POST /containers/N/start'],
  ['DELETE /containers/N'],
];

/** What the Engine tells of bob's containers, but for what bob does himself. */
interface Watch {
  readonly landed: readonly string[];
  end(): void;
}

function watch(isBobs: (id: string) => boolean): Watch {
  const landed: string[] = [];
  let rest = '';
  const sent = request({ socketPath: tenants.engine.socket, path: '/events' }, (response) => {
    response.setEncoding('utf8').on('data', (piece: string) => {
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const { Type, Action, Actor } = JSON.parse(line) as {
          Type: string;
          Action: string;
          Actor: { ID: string; Attributes: Record<string, string> };
        };
        const id = Type === 'network' ? (Actor.Attributes['container'] ?? '') : Actor.ID;
        if (!isBobs(id)) continue;
        const name = Actor.Attributes['name'] ?? '';
        const isHers = name.startsWith('alice') || name === 'hers';
        if (isHers || !/^(?:create|rename|destroy|start|connect|disconnect)$/.test(Action)) landed.push(line);
      }
    });
    response.on('error', () => {});
  });
  sent.on('error', () => {}).end();
  return { landed, end: () => sent.destroy() };
}

describe.each([
  { state: 'running', deeds: ON_RUNNING },
  { state: 'created', deeds: ON_CREATED },
])('a name that is taken by turns, of $state containers', ({ state, deeds }) => {
  const isRunning = state === 'running';
  const spec = { Image: 'busybox:latest', Cmd: isRunning ? ['sh', '-c', IDLE] : ['true'] };

  it(`never leads alice to what is bob's, in ${ROUNDS / 2} rounds`, {
    timeout: 30_000 + ROUNDS * 100,
  }, async () => {
    const name = `turn-${state}`;
    const hers = new Set<string>();
    const his = new Set<string>();
    /** Ids that bob removed himself, or is about to. */
    const left = new Set<string>();
    let serial = 0;
    const make = async (as: Caller, ids: Set<string>, called: string): Promise<string | undefined> => {
      const reply = await as.call(`POST /containers/create?name=${called}`, spec);
      if (reply.status !== 201) return undefined;
      const { Id } = JSON.parse(reply.body) as { Id: string };
      ids.add(Id);
      if (isRunning) await as.json(`POST /containers/${Id}/start`);
      return Id;
    };
    const events = watch((id) => his.has(id));
    const first = [make(ann, hers, `ann-${state}`), make(bob, his, `bob-${state}`)] as const;
    await Promise.all(first);
    let rounds = 0;
    const answers: Record<string, number> = {};
    const count = (fits: (status: number) => boolean) =>
      Object.entries(answers).reduce((sum, [status, times]) => sum + (fits(Number(status)) ? times : 0), 0);
    const wasHers = () => count((status) => status < 400 || status === 409);
    const wasNot = () => count((status) => status === 404);
    const until = Date.now() + MOST_MS;
    const isOver = () =>
      rounds >= ROUNDS / 2 && (Math.min(wasHers(), wasNot()) > ROUNDS / 50 || Date.now() > until);

    /** Both take the name by turns, by renaming and by making anew. */
    const turns = async (): Promise<void> => {
      let [a, b] = await Promise.all(first);
      for (let turn = 0; !isOver(); turn += 1) {
        const isAnew = !isRunning && turn % 4 === 3;
        a ??= await make(ann, hers, `ann-${state}-${turn}`);
        if (a !== undefined) {
          const taken = await ann.call(`POST /containers/${a}/rename?name=${name}`);
          await dwell();
          if (taken.status === 404) a = undefined;
          else await ann.call(`POST /containers/${a}/rename?name=ann-${state}-${turn}`);
        }
        if (isAnew && b !== undefined) {
          left.add(b);
          const gone = await bob.call(`DELETE /containers/${b}?force=1`);
          expect(gone.status, "bob's container was gone before he removed it").toBe(204);
          b = await make(bob, his, name);
        }
        b ??= await make(bob, his, `bob-${state}-${turn}`);
        if (b === undefined) continue;
        const taken = await bob.call(`POST /containers/${b}/rename?name=${name}`);
        await dwell();
        expect(taken.status, `what bob made is gone: ${taken.body}`).not.toBe(404);
        const freed = await bob.call(`POST /containers/${b}/rename?name=bob-${state}-${turn}`);
        expect(freed.status, `what bob made is gone: ${freed.body}`).not.toBe(404);
      }
    };

    const act = async (): Promise<void> => {
      while (!isOver()) {
        rounds += 1;
        serial += 1;
        const [line, body] = deeds[serial % deeds.length] as Deed;
        const asked = line.replace('/N', `/${name}`).replace('NEW', `${state}-${serial}`);
        const named =
          body === undefined ? body : JSON.parse(JSON.stringify(body).replace('"N"', `"${name}"`));
        const reply = await alice.call(asked, named);
        answers[reply.status] = (answers[reply.status] ?? 0) + 1;
        holdAnswer(asked, reply, hers, his);
      }
    };
    await Promise.all([turns(), ...Array.from({ length: IN_FLIGHT }, act)]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    events.end();
    expect(events.landed).toEqual([]);
    for (const id of [...his].filter((id) => !left.has(id))) await holdUntouched(id, isRunning);
    // Both happened often: the name was hers, and it was not.
    expect(wasHers(), JSON.stringify(answers)).toBeGreaterThan(ROUNDS / 50);
    expect(wasNot(), JSON.stringify(answers)).toBeGreaterThan(ROUNDS / 50);
  });
});

/** As long as alice's actions take to arrive, or not quite. */
function dwell(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, randomInt(12)));
}

/** What alice reads is of hers. */
function holdAnswer(
  asked: string,
  { body }: Reply,
  hers: ReadonlySet<string>,
  his: ReadonlySet<string>,
): void {
  for (const id of body.match(/[0-9a-f]{64}/g) ?? []) expect(his.has(id), `${asked}: ${body}`).toBe(false);
  if (!asked.endsWith('/json') || !body.includes('"Id"')) return;
  expect(hers.has((JSON.parse(body) as { Id: string }).Id)).toBe(true);
}

async function holdUntouched(id: string, isRunning: boolean): Promise<void> {
  const shown = await engine.json<{
    Name: string;
    State: { Status: string };
    HostConfig: { CpuShares: number };
    ExecIDs: unknown;
    NetworkSettings: { Networks: object };
  }>(`GET /containers/${id}/json`);
  expect({
    status: shown.State.Status,
    shares: shown.HostConfig.CpuShares,
    execs: shown.ExecIDs,
    networks: Object.keys(shown.NetworkSettings.Networks),
    isHers: shown.Name.startsWith('/alice'),
  }).toEqual({
    status: isRunning ? 'running' : 'created',
    shares: 0,
    execs: null,
    networks: ['bridge'],
    isHers: false,
  });
}
