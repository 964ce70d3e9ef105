import { appendFileSync } from 'node:fs';
import type { Contender } from '../contenders/contender.ts';
import { startFullGateway } from '../contenders/folder.ts';
import { haproxy } from '../contenders/haproxy.ts';
import { startProxy } from '../contenders/proxy.ts';
import type { Stage } from '../contenders/stage.ts';
import { startCrowd } from '../engines/crowd.ts';
import { OWNER } from '../engines/fixture.ts';
import { type Load, measure, type Sample } from '../load/measure.ts';
import { type Spread, spread } from '../publish/spread.ts';
import { inspectOf, LIST, loopRow, type Row } from '../rows.ts';

type Grower = 'gateway' | 'haproxy';

/** What one contender came to at one place of an axis. */
export interface Point {
  readonly contender: Grower;
  readonly at: number;
  readonly perSecond: Spread;
  readonly p99Ms: Spread;
  /** Microseconds a request. */
  readonly cpuUs: Spread;
}

/** What grows, what is asked meanwhile, and what became of it. */
export interface Axis {
  readonly grows: string;
  readonly asked: string;
  readonly points: readonly Point[];
}

const CONNECTIONS = [1, 16, 64, 256, 1_024];
const GRANTS = [10, 100, 1_000, 10_000, 100_000];
const TENANTS = [1, 10, 100, 1_000];
const CONTAINERS = [10, 100, 1_000, 5_000];

const ROUNDS = 3;
const MS = 800;
/** Of many connections each is to have its turn more than once. */
const MANY = 256;
const MANY_MS = 2_500;
/** A list of thousands takes a while: fewer at once, measured for longer. */
const LIST_CONNECTIONS = 4;
const LIST_MS = 1_500;
const START_MS = 90_000;

/** More and more connections that all ask at once. */
export async function connectionAxis({ load, contenders }: Stage, say: Say): Promise<Axis> {
  const asked = contenders.filter((one): one is Contender<Grower & Contender['name']> =>
    ['gateway', 'haproxy'].includes(one.name),
  );
  const points: Point[] = [];
  for (const at of CONNECTIONS) {
    say(`${at} connections`);
    points.push(...(await pointsAt(load, at, loopRow('', '/_ping', at, at < MANY ? MS : MANY_MS), asked)));
  }
  return { grows: 'connections', asked: 'GET /_ping', points };
}

/** A policy with more and more grants, all but a few of them about others; the gateways take turns. */
export async function grantAxis({ load, folder, engine }: Stage, id: string, say: Say): Promise<Axis> {
  const gateways: (Contender<`${number}`> & { stop(): Promise<unknown> })[] = [];
  try {
    for (const count of GRANTS) {
      say(`${count} grants`);
      const gateway = await startFullGateway(folder, {
        engineSocket: engine.socket,
        startMs: START_MS,
        prepare: (dir) => appendFileSync(`${dir}/policies/grants.csv`, grantsOfOthers(count)),
      });
      const target = { port: gateway.port, certs: folder.developer };
      gateways.push({ name: `${count}`, pid: gateway.pid, target, stop: () => gateway.stop() });
    }
    const row = { ...loopRow('', inspectOf({ id }), 16, MS), rounds: ROUNDS };
    const { samples } = await measure(load, row, gateways);
    const points = [...samples].map(([count, own]) => pointOf('gateway', Number(count), own));
    return { grows: 'grants', asked: 'inspect by id, 16 connections', points };
  } finally {
    for (const gateway of gateways) await gateway.stop();
  }
}

/** The same 1,000 containers, of more and more tenants; of the last, the one who asks has a single one. */
export async function tenantAxis(stage: Stage, say: Say): Promise<Axis> {
  const points: Point[] = [];
  for (const at of TENANTS) {
    say(`${at} tenants`);
    const others = Array.from({ length: at - 1 }, (_, n) => `tenant-${n}`);
    points.push(...(await listPoints(stage, at, 1_000, [OWNER.tenant, ...others])));
  }
  const asked = `list of 1,000 (Engine of bytes), ${LIST_CONNECTIONS} connections`;
  return { grows: 'tenants', asked, points };
}

/** More and more containers, all of the tenant's. */
export async function containerAxis(stage: Stage, say: Say): Promise<Axis> {
  const points: Point[] = [];
  for (const at of CONTAINERS) {
    say(`${at} containers`);
    points.push(...(await listPoints(stage, at, at, [OWNER.tenant])));
  }
  const asked = `list of all (Engine of bytes), ${LIST_CONNECTIONS} connections`;
  return { grows: 'containers', asked, points };
}

type Say = (what: string) => void;

async function listPoints(
  { load, folder, engine }: Stage,
  at: number,
  containers: number,
  tenants: readonly string[],
): Promise<Point[]> {
  const crowd = await startCrowd(engine.socket, containers, tenants);
  const closing: (() => unknown)[] = [() => crowd.close()];
  try {
    const started = [
      ['gateway', await startFullGateway(folder, { engineSocket: crowd.socket })],
      ['haproxy', await startProxy(haproxy(), crowd.socket, folder.certificates)],
    ] as const;
    const contenders = started.map(([name, { pid, port, stop }]) => {
      closing.push(stop);
      return { name, pid, target: { port, certs: folder.developer } };
    });
    return await pointsAt(load, at, loopRow('', LIST, LIST_CONNECTIONS, LIST_MS, 50), contenders);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function pointsAt(
  load: Load,
  at: number,
  row: Row,
  contenders: readonly Contender<Grower>[],
): Promise<Point[]> {
  const { samples } = await measure(load, { ...row, rounds: ROUNDS }, contenders);
  return [...samples].map(([contender, own]) => pointOf(contender, at, own));
}

function pointOf(contender: Grower, at: number, samples: readonly Sample[]): Point {
  return {
    contender,
    at,
    perSecond: spread(samples.map(({ units, seconds }) => units / seconds)),
    p99Ms: spread(samples.map(({ p99Ms }) => p99Ms)),
    cpuUs: spread(samples.map(({ proxyCpuSeconds, units }) => ((proxyCpuSeconds ?? 0) / units) * 1e6)),
  };
}

function grantsOfOthers(count: number): string {
  const line = (n: number): string =>
    `p, role:team-${n}, container/team-${n}/**, @read @lifecycle, "memoryAtMost(""${(n % 4_096) + 1}m"")", allow\n`;
  return `\n${Array.from({ length: count }, (_, n) => line(n)).join('')}`;
}
