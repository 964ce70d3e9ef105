import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';

/** Open connections of a process. */
export interface Connections {
  /** To the Engine's unix socket. */
  readonly engine: number;
  /** Of clients. */
  readonly clients: number;
}

/** Counts what a process holds open: its unix sockets beside standard output and error, and its TCP connections. */
export function connectionsOf(pid: number): Connections {
  // The gateway listens on a unix socket too, for its operator's commands (flag __SO_ACCEPTCON).
  const unix = inodes(`/proc/${pid}/net/unix`, 6, (columns) => columns[3] !== '00010000');
  const listening = '0A';
  const open = (columns: readonly string[]) => columns[3] !== listening;
  const tcp = new Set([
    ...inodes(`/proc/${pid}/net/tcp`, 9, open),
    ...inodes(`/proc/${pid}/net/tcp6`, 9, open),
  ]);
  let engine = 0;
  let clients = 0;
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const inode = Number(descriptor) > 2 ? inodeOf(`/proc/${pid}/fd/${descriptor}`) : undefined;
    if (inode === undefined) continue;
    if (unix.has(inode)) engine += 1;
    else if (tcp.has(inode)) clients += 1;
  }
  return { engine, clients };
}

/** Number of open file descriptors. */
export function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident memory now, in MB. */
export function memoryOf(pid: number): number {
  return status(pid, 'VmRSS');
}

/** Peak of resident memory since `forgetPeak`, in MB. */
export function peakOf(pid: number): number {
  return status(pid, 'VmHWM');
}

/** Lets the peak begin anew (proc(5), clear_refs). */
export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** CPU time used so far, in seconds. */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Prints a number that the closing note of the issue wants. */
export function report(line: string): void {
  console.log(`[measured] ${line}`);
}

function status(pid: number, field: string): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${field}:`));
  return Math.round(Number(/\d+/.exec(line ?? '')?.[0]) / 102.4) / 10;
}

function inodes(table: string, column: number, wanted: (columns: readonly string[]) => boolean): Set<string> {
  const rows = readFileSync(table, 'utf8').trim().split('\n').slice(1);
  return new Set(
    rows
      .map((row) => row.trim().split(/\s+/))
      .filter(wanted)
      .map((columns) => columns[column] ?? ''),
  );
}

function inodeOf(link: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
  } catch {
    return undefined; // closed meanwhile
  }
}
