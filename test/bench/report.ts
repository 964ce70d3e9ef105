import type { Peer } from './contenders.ts';
import type { RowSamples, Sample } from './measure.ts';

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** What a row came to for one contender. Ratios are medians of the ratios within each round. */
export interface Result {
  readonly row: string;
  readonly contender: Peer;
  readonly unit: 'requests/s' | 'MB/s';
  readonly rate: Spread;
  readonly toHaproxy: Spread;
  readonly toSocket: Spread;
  /** Null for a transfer. */
  readonly p50Ms: Spread | null;
  readonly p99Ms: Spread | null;
  /** Microseconds a request, or seconds a GB, of the proxy's own process; null for the Engine's own socket. */
  readonly proxyCpu: Spread | null;
  /** Percent of one CPU that the load generator used. Near 100, it was the load generator that limited. */
  readonly loadCpuPercent: Spread;
}

/** Works out the results of a row, in the order of its contenders. */
export function resultsOf({ row, samples }: RowSamples): Result[] {
  const transfer = row.unit === 'bytes';
  const scale = transfer ? 1e6 : 1;
  const rate = (sample: Sample): number => sample.units / sample.seconds / scale;
  const ratio = (own: readonly Sample[], other: Peer): Spread =>
    spread(own.map((sample, round) => rate(sample) / rate(samples.get(other)?.[round] as Sample)));
  return [...samples].map(([contender, own]) => ({
    row: row.name,
    contender,
    unit: transfer ? 'MB/s' : 'requests/s',
    rate: spread(own.map(rate)),
    toHaproxy: ratio(own, 'haproxy'),
    toSocket: ratio(own, 'socket'),
    p50Ms: transfer ? null : spread(own.map(({ p50Ms }) => p50Ms)),
    p99Ms: transfer ? null : spread(own.map(({ p99Ms }) => p99Ms)),
    proxyCpu: own.some(({ proxyCpuSeconds }) => proxyCpuSeconds === null)
      ? null
      : spread(own.map((one) => ((one.proxyCpuSeconds ?? 0) / one.units) * (transfer ? 1e9 : 1e6))),
    loadCpuPercent: spread(own.map((one) => (one.cpuSeconds / one.seconds) * 100)),
  }));
}

/** Results as two Markdown tables: requests, then transfers. */
export function tables(results: readonly Result[]): string {
  const requests = results.filter(({ unit }) => unit === 'requests/s');
  const transfers = results.filter(({ unit }) => unit === 'MB/s');
  return [
    table(
      [
        'requests',
        'through',
        'per second',
        'to haproxy',
        'to socket',
        'p50 ms',
        'p99 ms',
        'CPU us',
        'load %',
      ],
      requests.map((one) => [
        ...common(one),
        one.p50Ms?.median.toFixed(2) ?? '',
        one.p99Ms?.median.toFixed(2) ?? '',
        one.proxyCpu?.median.toFixed(0) ?? '-',
        one.loadCpuPercent.median.toFixed(0),
      ]),
    ),
    table(
      ['transfer', 'through', 'MB/s', 'to haproxy', 'to socket', 'CPU s/GB', 'load %'],
      transfers.map((one) => [
        ...common(one),
        one.proxyCpu?.median.toFixed(2) ?? '-',
        one.loadCpuPercent.median.toFixed(0),
      ]),
    ),
  ].join('\n\n');
}

function common({ row, contender, rate, toHaproxy, toSocket }: Result): string[] {
  const rates = `${rate.median.toFixed(0)} (${rate.least.toFixed(0)} to ${rate.most.toFixed(0)})`;
  return [row, contender, rates, toHaproxy.median.toFixed(2), toSocket.median.toFixed(2)];
}

/**
 * A Markdown table.
 *
 * @param texts how many columns are words; the others are numbers
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 2): string {
  const width = (column: number): number =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column < texts ? cell.padEnd(width(column)) : cell.padStart(width(column)))).join(' | ')} |`;
  const rule = head.map((_, column) =>
    column < texts ? '-'.repeat(width(column)) : `${'-'.repeat(width(column) - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** The middle, and how far it goes. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const round = (value: number): number => Number(value.toPrecision(4));
  return {
    median: round((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2),
    least: round(at(0)),
    most: round(at(sorted.length - 1)),
  };
}
