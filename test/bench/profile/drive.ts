import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../support/engine.ts';
import { makeFolder, startFullGateway } from '../contenders/folder.ts';
import { createIdle, startBusy } from '../engines/fixture.ts';
import { startLoad } from '../load/measure.ts';
import type { Measured, Task } from '../load/task.ts';
import { connectionRows, echoRow, type Row, requestRows, transferRows } from '../rows.ts';
import type { CpuProfile } from './cpuprofile.ts';

const PROFILER = fileURLToPath(new URL('./profiler.cjs', import.meta.url));
const CONTAINERS = 50;
const WRITE_MS = 20_000;

/** What can be profiled: the rows of the benchmark by short names, which pictures are called after. */
export const PROFILED = [
  ...['ping', 'inspect', 'list', 'full', 'resumed'],
  ...['download', 'upload', 'save', 'load', 'exec', 'echo'],
] as const;

export type Profiled = (typeof PROFILED)[number];

export interface Driven {
  readonly row: string;
  readonly profile: CpuProfile;
  /** Microseconds of the gateway's CPU a request or key, or seconds a GB. */
  readonly cpu: number;
  readonly unit: 'us' | 's/GB';
}

/** Drives a gateway with everything on, warm, with one row of the benchmark for so long, and profiles it meanwhile. */
export async function drive(what: Profiled, seconds: number): Promise<Driven> {
  const closing: (() => unknown)[] = [];
  try {
    const dir = mkdtempSync('/tmp/qwb-');
    closing.push(() => rmSync(dir, { recursive: true, force: true }));
    const file = `${dir}/gateway.cpuprofile`;
    const engine = await startEngine();
    closing.push(() => engine.destroy());
    const env = { NODE_OPTIONS: `--require ${PROFILER}`, QUAYWARDEN_PROFILE: file };
    const folder = await makeFolder();
    const gateway = await startFullGateway(folder, { engineSocket: engine.socket, env });
    closing.push(() => gateway.stop());
    const load = startLoad();
    closing.push(() => load.stop());
    const target = { port: gateway.port, certs: folder.developer };
    const row = await rowOf(what, engine.socket);
    const run = async (): Promise<Measured> => {
      const task = await row.task();
      // In one piece: the connections that a measurement opens are not what is profiled.
      const whole = task.kind === 'requests' ? { ...task, ms: seconds * 1_000 } : task;
      return load.run({ ...whole, target } as Task, gateway.pid);
    };
    const warmUp = row.warmUp?.();
    // Without the profiler, and longer than the benchmark does: what V8 compiles is not to be in the picture.
    for (let round = 0; round < 3; round += 1)
      await (warmUp === undefined ? run() : load.run({ ...warmUp, target } as Task));
    gateway.signal('SIGUSR2');
    let units = 0;
    let cpuSeconds = 0;
    for (const end = Date.now() + seconds * 1_000; Date.now() < end; ) {
      const measured = await run();
      units += measured.units;
      cpuSeconds += measured.proxyCpuSeconds ?? 0;
    }
    gateway.signal('SIGUSR2');
    for (const end = Date.now() + WRITE_MS; !existsSync(file) && Date.now() < end; ) await sleep(50);
    const isBytes = row.unit === 'bytes';
    return {
      row: row.name,
      profile: JSON.parse(readFileSync(file, 'utf8')) as CpuProfile,
      cpu: (cpuSeconds / units) * (isBytes ? 1e9 : 1e6),
      unit: isBytes ? 's/GB' : 'us',
    };
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function rowOf(what: Profiled, socket: string): Promise<Row> {
  const [container] = await createIdle(socket, 0, CONTAINERS);
  if (container === undefined) throw new Error('There is no container to inspect.');
  const [ping, , inspect, , list] = requestRows(container);
  const [full, resumed] = connectionRows();
  const light = { ping, inspect, list, full, resumed } as { readonly [what: string]: Row | undefined };
  const found = light[what];
  if (found !== undefined) return found;
  const fixture = await startBusy(socket);
  const [download, upload, save, load, exec] = transferRows(fixture);
  const heavy = { download, upload, save, load, exec, echo: echoRow(fixture) } as {
    readonly [what: string]: Row | undefined;
  };
  const row = heavy[what];
  if (row === undefined) throw new Error(`There is no row ${what}.`);
  return row;
}
