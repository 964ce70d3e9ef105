import { startGateway } from '../../support/gateway.ts';
import type { Contender } from '../contenders/contender.ts';
import type { Idle } from '../engines/fixture.ts';
import { type Load, measure, type Sample } from '../load/measure.ts';
import { ratios, type Spread, spread } from '../publish/spread.ts';
import { table } from '../publish/table.ts';
import { auditRows } from '../rows.ts';

/** The same gateway three times: with every record on disk before the Engine is asked, without waiting, and without records. */
const WAYS = { strict: {}, 'not strict': { strict: false }, none: { rules: [{ level: 'None' }] } } as const;

type Way = keyof typeof WAYS;

/** What a row came to. Ratios are medians of the ratios within each round, to no records. */
export interface AuditResult {
  readonly row: string;
  readonly audit: Way;
  readonly rate: Spread;
  readonly p99Ms: Spread;
  /** Microseconds a request, of the gateway's own process. */
  readonly cpuUs: Spread;
  readonly toNone: { readonly rate: Spread; readonly p99: Spread; readonly cpu: Spread };
}

/** Measures what the audit log costs. */
export async function auditCosts(
  load: Load,
  engineSocket: string,
  container: Idle,
  onRow: (row: string) => void,
): Promise<readonly AuditResult[]> {
  const gateways: (Contender<Way> & { stop(): Promise<unknown> })[] = [];
  try {
    for (const name of Object.keys(WAYS) as Way[]) {
      const gateway = await startGateway({ engineSocket, config: { audit: WAYS[name] } });
      const { pid, port } = gateway;
      gateways.push({
        name,
        pid,
        target: { port, certs: gateway.certPath('admin') },
        stop: () => gateway.stop(),
      });
    }
    const results: AuditResult[] = [];
    for (const row of auditRows(container)) {
      onRow(row.name);
      const { samples } = await measure(load, row, gateways);
      const none = samples.get('none') ?? [];
      for (const [audit, own] of samples) {
        const ratio = (of: (sample: Sample) => number): Spread => ratios(own, none, of);
        results.push({
          row: row.name,
          audit,
          rate: spread(own.map(rate)),
          p99Ms: spread(own.map(({ p99Ms }) => p99Ms)),
          cpuUs: spread(own.map(cpu)),
          toNone: { rate: ratio(rate), p99: ratio(({ p99Ms }) => p99Ms), cpu: ratio(cpu) },
        });
      }
    }
    return results;
  } finally {
    for (const gateway of gateways) await gateway.stop();
  }
}

/** As a Markdown table. */
export function auditTable(results: readonly AuditResult[]): string {
  return table(
    [
      ...['audit log, 50 connections', 'audit', 'per second', 'p99 ms', 'CPU us'],
      ...['rate to none', 'p99 to none', 'CPU to none'],
    ],
    results.map(({ row, audit, rate: perSecond, p99Ms, cpuUs, toNone }) => [
      ...[row, audit, perSecond.median.toFixed(0), p99Ms.median.toFixed(2), cpuUs.median.toFixed(0)],
      ...[toNone.rate, toNone.p99, toNone.cpu].map(({ median }) => median.toFixed(2)),
    ]),
    2,
  );
}

function rate({ units, seconds }: Sample): number {
  return units / seconds;
}

function cpu({ proxyCpuSeconds, units }: Sample): number {
  return ((proxyCpuSeconds ?? Number.NaN) / units) * 1e6;
}
