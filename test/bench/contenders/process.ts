import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** A process and all that it started: the workers of a master too. */
export function withChildren(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(withChildren)];
}

/** CPU seconds that a process and its children have used, of all threads that still run, to the nanosecond. */
export function cpuSeconds(pid: number): number {
  let total = 0;
  // The first field is the time on a CPU in nanoseconds; stat(5) has ticks of 10 ms only.
  for (const each of withChildren(pid))
    for (const thread of readdirSync(`/proc/${each}/task`))
      total += Number(readFileSync(`/proc/${each}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return total / 1e9;
}

/** The most memory that a process and its children have had resident, in MiB. */
export function peakMemory(pid: number): number {
  return Math.round(memory(pid, 'VmHWM') / 1024);
}

/** Has `peakMemory` begin anew with what is resident now (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  for (const each of withChildren(pid)) writeFileSync(`/proc/${each}/clear_refs`, '5');
}

/** The memory that a process and its children have resident now, in KiB. */
export function residentKib(pid: number): number {
  return memory(pid, 'VmRSS');
}

function memory(pid: number, field: 'VmHWM' | 'VmRSS'): number {
  return withChildren(pid).reduce((total, each) => {
    const status = readFileSync(`/proc/${each}/status`, 'utf8');
    return total + Number(new RegExp(`${field}:\\s+([0-9]+) kB`).exec(status)?.[1] ?? 0);
  }, 0);
}
