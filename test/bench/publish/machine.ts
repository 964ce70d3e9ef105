import { spawnSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import type { Facts } from './measurements.ts';

/** On what was measured, and when. */
export function machine(began: Date, seconds: number): Omit<Facts, 'loadAverage' | 'peakMiB'> {
  return {
    time: began.toISOString(),
    seconds,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    haproxy: firstLine('haproxy', '-v'),
    nginx: firstLine('nginx', '-v'),
    engine: firstLine('dockerd', '--version'),
  };
}

/** The load of the machine before and now. */
export function busy(before: number): Facts['loadAverage'] {
  const round = (value: number): number => Math.round(value * 100) / 100;
  return { before: round(before), after: round(loadavg()[0] ?? 0) };
}

/** Share of all CPUs below which a machine is quiet. */
const QUIET = 0.05;
/** For how many seconds it has to be, and at most waited for. */
const SECONDS = { quiet: 3, most: 30 };

/** Waits until nothing else uses the CPUs: what is measured first would have it in its figures otherwise. */
export async function whenQuiet(): Promise<void> {
  let before = cpuTimes();
  for (let waited = 0, quiet = 0; waited < SECONDS.most && quiet < SECONDS.quiet; waited += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const now = cpuTimes();
    const isQuiet = 1 - (now.idle - before.idle) / (now.all - before.all) < QUIET;
    quiet = isQuiet ? quiet + 1 : 0;
    before = now;
  }
}

/** What all CPUs have done since they began, in milliseconds. */
function cpuTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (of: readonly number[]): number => of.reduce((total, each) => total + each, 0);
  return { idle: sum(times.map(({ idle }) => idle)), all: sum(times.flatMap((each) => Object.values(each))) };
}

/** nginx says its version on standard error. */
function firstLine(command: string, argument: string): string {
  const { stdout, stderr } = spawnSync(command, [argument], { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
}
