import { PEERS, type Peer } from '../contenders/contender.ts';
import type { RowSamples, Sample } from '../load/measure.ts';
import { type Spread, spread } from './spread.ts';

/** A contender beside another one: medians of the ratios or differences within each round. */
export interface Beside {
  readonly rate: Spread;
  /** Null where one of them has no process of its own. */
  readonly cpu: Spread | null;
  readonly addedP50Ms: Spread;
  readonly addedP99Ms: Spread;
}

/** What a row came to for one contender. */
export interface Result {
  readonly row: string;
  readonly contender: Peer;
  /** Requests, keys or MB a second. */
  readonly rate: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Microseconds a request, or seconds a GB, of the contender's own processes; null for the Engine itself. */
  readonly cpu: Spread | null;
  readonly beside: { readonly [K in Peer]?: Beside };
  /** Percent of one CPU that the load generator used. Near 100, it was the load generator that limited. */
  readonly loadCpuPercent: Spread;
  /** Of new connections, the share that was resumed; null where none was to be. */
  readonly resumed: Spread | null;
  /** How late the load generator was itself in an open loop, in ms; null in a closed one. */
  readonly lateMs: Spread | null;
}

/** Works out the results of a row, in the order of its contenders. */
export function resultsOf({ row, samples }: RowSamples): Result[] {
  const bytes = row.unit === 'bytes';
  const rate = ({ units, seconds }: Sample): number => units / seconds / (bytes ? 1e6 : 1);
  const cpu = ({ proxyCpuSeconds, units }: Sample): number | null =>
    proxyCpuSeconds === null ? null : (proxyCpuSeconds / units) * (bytes ? 1e9 : 1e6);
  return [...samples].map(([contender, own]) => {
    const beside = (other: readonly Sample[]): Beside => {
      const each = (of: (mine: Sample, theirs: Sample) => number): Spread =>
        spread(own.map((sample, round) => of(sample, other[round] as Sample)));
      return {
        rate: each((mine, theirs) => rate(mine) / rate(theirs)),
        cpu: orNull(own.map((mine, round) => ratio(cpu(mine), cpu(other[round] as Sample)))),
        addedP50Ms: each((mine, theirs) => mine.p50Ms - theirs.p50Ms),
        addedP99Ms: each((mine, theirs) => mine.p99Ms - theirs.p99Ms),
      };
    };
    return {
      row: row.name,
      contender,
      rate: spread(own.map(rate)),
      p50Ms: spread(own.map(({ p50Ms }) => p50Ms)),
      p99Ms: spread(own.map(({ p99Ms }) => p99Ms)),
      cpu: orNull(own.map(cpu)),
      beside: Object.fromEntries(
        PEERS.flatMap((peer) => {
          const other = samples.get(peer);
          return other === undefined ? [] : [[peer, beside(other)]];
        }),
      ),
      loadCpuPercent: spread(own.map(({ cpuSeconds, seconds }) => (cpuSeconds / seconds) * 100)),
      resumed: orNull(own.map(({ resumed }) => resumed ?? null)),
      lateMs: orNull(own.map(({ lateMs }) => lateMs ?? null)),
    };
  });
}

/** Null as soon as there is no number for one of them. */
function orNull(values: readonly (number | null)[]): Spread | null {
  const numbers = values.filter((value) => value !== null);
  return numbers.length < values.length ? null : spread(numbers);
}

function ratio(mine: number | null, theirs: number | null): number | null {
  return mine === null || theirs === null ? null : mine / theirs;
}
