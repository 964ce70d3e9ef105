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

/** nginx says its version on standard error. */
function firstLine(command: string, argument: string): string {
  const { stdout, stderr } = spawnSync(command, [argument], { encoding: 'utf8' });
  return `${stdout}${stderr}`.split('\n')[0]?.trim() ?? '';
}
