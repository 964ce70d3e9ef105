import { setTimeout as sleep } from 'node:timers/promises';
import { bareNode } from '../contenders/bare-node.ts';
import type { Contender } from '../contenders/contender.ts';
import { type Folder, startFullGateway } from '../contenders/folder.ts';
import { haproxy } from '../contenders/haproxy.ts';
import { nginx } from '../contenders/nginx.ts';
import { forgetPeak, peakMemory, residentKib } from '../contenders/process.ts';
import { startProxy } from '../contenders/proxy.ts';
import { type Fixture, tarHeader } from '../engines/fixture.ts';
import { startFlooding, startSilent } from '../engines/odd.ts';
import type { Load } from '../load/measure.ts';
import type { HoldTask, Target } from '../load/task.ts';
import { table } from '../publish/table.ts';
import { archivePut, execStart, get } from '../rows.ts';

type Holder = 'gateway' | 'haproxy' | 'nginx' | 'node';

/** What sessions that nobody uses cost in memory. */
export interface IdleMemory {
  readonly contender: Holder;
  /** How many were held at once. */
  readonly held: number;
  readonly kibEach: number;
}

/** What peers that stop reading, or whom nobody reads, cost in memory. */
export interface StalledMemory {
  readonly contender: Holder;
  readonly peers: number;
  readonly idleMiB: number;
  readonly peakMiB: number;
}

export interface MemoryCosts {
  readonly idle: readonly IdleMemory[];
  readonly stalled: readonly StalledMemory[];
}

const SESSIONS: { readonly [K in Holder]?: number } = { gateway: 5_000, nginx: 600, node: 600 };
/** Of each kind: archives that are not read, execs that are not read, archives that the Engine does not read. */
const STALLED = 8;
const SETTLE_MS = 2_000;
/** Garbage of handshakes is no session's: V8 collects it when nothing has happened for a while. nginx has none. */
const IDLE_MS = { gateway: 6_000, node: 6_000, nginx: 500, haproxy: 500 } as const;

/** Measures memory with proxies that have done nothing before. */
export async function memoryCosts(
  load: Load,
  folder: Folder,
  engineSocket: string,
  fixture: Fixture,
): Promise<MemoryCosts> {
  return {
    idle: await idleSessions(load, folder, engineSocket, fixture),
    stalled: await stalledPeers(load, folder, engineSocket, fixture),
  };
}

async function idleSessions(
  load: Load,
  folder: Folder,
  engineSocket: string,
  fixture: Fixture,
): Promise<IdleMemory[]> {
  const engine = await startSilent(engineSocket);
  try {
    const request = execStart(await fixture.newTerminal(), true);
    const results: IdleMemory[] = [];
    for (const [name, count] of Object.entries(SESSIONS) as [Holder, number][]) {
      await withHolder(name, folder, engine.socket, async ({ target, pid }) => {
        const hold = async (connections: number): Promise<number> => {
          const task = { kind: 'hold', target, request, connections, atOnce: 16 } as const;
          const { units } = await load.run(task satisfies HoldTask);
          await sleep(IDLE_MS[name]);
          return units;
        };
        // The first ones fill caches and let V8 compile: they are not what a session costs.
        const before = await hold(count / 10);
        const kibBefore = residentKib(pid ?? 0);
        const held = await hold(count - before);
        const kibEach = (residentKib(pid ?? 0) - kibBefore) / (held - before);
        results.push({ contender: name, held, kibEach });
        await load.run({ kind: 'release', target });
      });
    }
    return results;
  } finally {
    await engine.close();
  }
}

async function stalledPeers(
  load: Load,
  folder: Folder,
  engineSocket: string,
  fixture: Fixture,
): Promise<StalledMemory[]> {
  const engine = await startFlooding(engineSocket);
  try {
    const results: StalledMemory[] = [];
    const archive = `/v1.41/containers/${fixture.container}/archive`;
    const exec = execStart(await fixture.newTerminal(), true);
    for (const contender of ['gateway', 'haproxy', 'nginx'] as const) {
      await withHolder(contender, folder, engine.socket, async ({ target, pid }) => {
        // One answer, so that what starts late has started.
        const once = { kind: 'requests', target, request: get('/_ping'), lives: 'kept' } as const;
        await load.run({ ...once, connections: 1, ms: 200 });
        // What the start took for a moment is no peer's.
        await sleep(SETTLE_MS);
        forgetPeak(pid ?? 0);
        const idleMiB = residentKib(pid ?? 0) / 1024;
        const stalled = { kind: 'hold', target, connections: STALLED, atOnce: STALLED } as const;
        await load.run({ ...stalled, request: get(`${archive}?path=/data/big`), stalled: 'reading' });
        await load.run({ ...stalled, request: exec, stalled: 'reading' });
        const bytes = 2 ** 40;
        const put = `${archivePut(fixture.container, bytes)}${tarHeader('upload', bytes - 1_536).toString('latin1')}`;
        const { units } = await load.run({ ...stalled, request: put, stalled: 'writing' });
        await sleep(SETTLE_MS);
        results.push({ contender, peers: units, idleMiB, peakMiB: peakMemory(pid ?? 0) });
        await load.run({ kind: 'release', target });
      });
    }
    return results;
  } finally {
    await engine.close();
  }
}

async function withHolder(
  name: Holder,
  folder: Folder,
  engineSocket: string,
  act: (contender: Contender<Holder>) => Promise<void>,
): Promise<void> {
  const { certificates, developer: certs } = folder;
  const kinds = { haproxy: haproxy(), nginx, node: bareNode };
  const holder =
    name === 'gateway'
      ? await startFullGateway(folder, { engineSocket })
      : await startProxy(kinds[name], engineSocket, certificates);
  const target: Target = { port: holder.port, certs };
  try {
    await act({ name, target, pid: holder.pid });
  } finally {
    await holder.stop();
  }
}

/** As two Markdown tables. */
export function memoryTables({ idle, stalled }: MemoryCosts): string {
  return [
    table(
      ['idle hijacked sessions', 'held at once', 'KiB each'],
      idle.map(({ contender, held, kibEach }) => [contender, String(held), kibEach.toFixed(1)]),
      1,
    ),
    table(
      ['stalled peers', 'how many', 'MiB before', 'most MiB'],
      stalled.map(({ contender, peers, idleMiB, peakMiB }) => [
        ...[contender, String(peers), idleMiB.toFixed(0), peakMiB.toFixed(0)],
      ]),
      1,
    ),
  ].join('\n\n');
}
