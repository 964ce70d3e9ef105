import type { Beside, Result } from './result.ts';
import { range, type Spread } from './spread.ts';
import { table } from './table.ts';

/** A column: its head, and its cell for a result. */
type Column = readonly [head: string, cell: (result: Result) => string];

const row: Column = ['', (result) => result.row];
const through: Column = ['through', ({ contender }) => contender];
const p50: Column = ['p50 ms', ({ p50Ms }) => p50Ms.median.toFixed(2)];
const p99: Column = ['p99 ms', ({ p99Ms }) => p99Ms.median.toFixed(2)];
const cpuUs: Column = ['CPU us', ({ cpu }) => cpu?.median.toFixed(0) ?? '-'];
const cpuToHaproxy: Column = ['CPU to haproxy', besideHaproxy(({ cpu }) => cpu)];
const rateToHaproxy: Column = ['to haproxy', besideHaproxy(({ rate }) => rate)];
const cpuToNode: Column = ['CPU to node', ({ beside }) => cell(beside.node?.cpu)];
const load: Column = ['load %', ({ loadCpuPercent }) => loadCpuPercent.median.toFixed(0)];

const perSecond: Column = ['per second', ({ rate }) => range(rate)];
const toOneThread: Column = ['to 1 thread', ({ beside }) => cell(beside['haproxy, 1 thread']?.rate)];
const toDockerd: Column = ['to dockerd', ({ beside }) => cell(beside.dockerd?.rate)];
const addedP99: Column = ['p99 over haproxy', besideHaproxy(({ addedP99Ms }) => addedP99Ms)];

/** Requests in a closed loop. */
export function requestTable(results: readonly Result[]): string {
  const rates = [perSecond, rateToHaproxy, toOneThread, toDockerd];
  return tableOf(
    'requests',
    [row, through, ...rates, p50, p99, cpuUs, cpuToHaproxy, cpuToNode, load],
    results,
  );
}

/** Requests at a constant rate. */
export function offeredTable(results: readonly Result[]): string {
  const late: Column = ['load late ms', ({ lateMs }) => cell(lateMs)];
  const answered: Column = ['answered', ({ rate }) => rate.median.toFixed(0)];
  const columns = [row, through, answered, p50, p99, addedP99, cpuUs, cpuToHaproxy, cpuToNode, late, load];
  return tableOf('1,000 requests a second offered', columns, results);
}

/** A new connection for each request. */
export function connectionTable(results: readonly Result[]): string {
  const share: Column = ['resumed', ({ resumed }) => cell(resumed, 2)];
  const columns = [row, through, perSecond, rateToHaproxy, p50, cpuUs, cpuToHaproxy, cpuToNode, share, load];
  return tableOf('8 connections at a time, a request on each', columns, results);
}

export function transferTable(results: readonly Result[]): string {
  const rate: Column = ['MB/s', (result) => range(result.rate)];
  const cpu: Column = ['CPU s/GB', (result) => cell(result.cpu)];
  return tableOf(
    'transfer',
    [row, through, rate, rateToHaproxy, toDockerd, cpu, cpuToHaproxy, cpuToNode, load],
    results,
  );
}

/** Keys on a terminal. */
export function echoTable(results: readonly Result[]): string {
  const added = (head: string, peer: 'socket' | 'dockerd', of: (one: Beside) => Spread): Column => [
    head,
    ({ beside }) => cell(beside[peer] && of(beside[peer]), 3),
  ];
  const columns: Column[] = [
    ...[row, through],
    ['p50 ms', ({ p50Ms }) => p50Ms.median.toFixed(3)],
    ['p99 ms', ({ p99Ms }) => p99Ms.median.toFixed(3)],
    added('p50 over socket', 'socket', ({ addedP50Ms }) => addedP50Ms),
    added('p99 over socket', 'socket', ({ addedP99Ms }) => addedP99Ms),
    added('p50 over dockerd', 'dockerd', ({ addedP50Ms }) => addedP50Ms),
    added('p99 over dockerd', 'dockerd', ({ addedP99Ms }) => addedP99Ms),
    cpuUs,
  ];
  return tableOf('keys', columns, results);
}

function tableOf(title: string, columns: readonly Column[], results: readonly Result[]): string {
  return table(
    columns.map(([head]) => head || title),
    results.map((result) => columns.map(([, of]) => of(result))),
  );
}

function besideHaproxy(of: (one: Beside) => Spread | null): Column[1] {
  return ({ beside }) => cell(beside.haproxy && of(beside.haproxy));
}

function cell(value: Spread | null | undefined, digits = 2): string {
  return value?.median.toFixed(digits) ?? '-';
}
