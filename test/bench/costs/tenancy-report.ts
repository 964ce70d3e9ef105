import type { RowSamples, Sample } from '../load/measure.ts';
import { ratios, type Spread, spread } from '../publish/spread.ts';
import { table } from '../publish/table.ts';

export type Role = 'developer' | 'operator';

/** A client of one of the two gateways: with tenancy, or without. */
export type Way = `${Role}, ${'off' | 'on'}`;

/** What a row came to for one client. All that is `toOff` are medians over the rounds, against tenancy off in each. */
export interface TenancyResult {
  readonly row: string;
  readonly role: Role;
  readonly tenancy: 'off' | 'on';
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  /** Microseconds a request, of the gateway's own process. */
  readonly cpuUs: Spread;
  /** What p50 is longer. */
  readonly addedMs: Spread;
  readonly toOff: { readonly p50: Spread; readonly p99: Spread; readonly cpu: Spread };
}

export interface TenancyCosts {
  readonly results: readonly TenancyResult[];
  /** The most memory that each gateway of the long list had resident. */
  readonly peakMiB: { readonly off: number; readonly on: number };
}

const ROLES = ['developer', 'operator'] as const;
const TENANCY = ['off', 'on'] as const;

/** Works out the results of a row. */
export function tenancyResultsOf({ row, samples }: RowSamples<Way>): TenancyResult[] {
  return ROLES.flatMap((role) =>
    TENANCY.map((tenancy) => {
      const own = samples.get(`${role}, ${tenancy}`) ?? [];
      const off = samples.get(`${role}, off`) ?? [];
      const ratio = (of: (sample: Sample) => number): Spread => ratios(own, off, of);
      return {
        row: row.name,
        role,
        tenancy,
        p50Ms: spread(own.map(p50)),
        p99Ms: spread(own.map(p99)),
        cpuUs: spread(own.map(cpu)),
        addedMs: spread(own.map((sample, round) => p50(sample) - p50(off[round] as Sample))),
        toOff: { p50: ratio(p50), p99: ratio(p99), cpu: ratio(cpu) },
      };
    }),
  );
}

/** As a Markdown table. */
export function tenancyTable({ results }: TenancyCosts): string {
  return table(
    [
      ...['tenancy, 1 connection', 'as', 'tenancy', 'p50 ms', 'p99 ms', 'CPU us'],
      ...['added ms', 'p50 to off', 'p99 to off', 'CPU to off'],
    ],
    results.map(({ row, role, tenancy, p50Ms, p99Ms, cpuUs, addedMs, toOff }) => [
      ...[row, role, tenancy],
      ...[p50Ms.median.toFixed(2), p99Ms.median.toFixed(2), cpuUs.median.toFixed(0)],
      tenancy === 'off' ? '-' : addedMs.median.toFixed(2),
      ...[toOff.p50, toOff.p99, toOff.cpu].map(({ median }) => median.toFixed(2)),
    ]),
    3,
  );
}

function p50({ p50Ms }: Sample): number {
  return p50Ms;
}

function p99({ p99Ms }: Sample): number {
  return p99Ms;
}

function cpu({ proxyCpuSeconds, units }: Sample): number {
  return ((proxyCpuSeconds ?? Number.NaN) / units) * 1e6;
}
