import type { Peer } from '../contenders/contender.ts';
import { ROWS } from '../rows.ts';
import type { Measurements } from './measurements.ts';
import type { Beside, Result } from './result.ts';
import { table } from './table.ts';

export type Verdict = 'met' | 'floor met' | 'not met' | 'not measured';

/** One line of the table of goals. */
export interface Goal {
  readonly work: string;
  readonly goal: string;
  /** What is accepted where the goal is out of reach; empty where nothing less is. */
  readonly floor: string;
  readonly measured: string;
  readonly verdict: Verdict;
}

/** A bound, and whether more or less than it is wanted. */
interface Bound {
  readonly is: 'at least' | 'at most';
  readonly goal: number;
  readonly floor?: number;
  /** Words after the numbers: `ms`. */
  readonly unit?: string;
}

/** Holds a measurement against its bound. What was not measured meets nothing. */
export function judged(bound: Bound, value: number | undefined): Verdict {
  if (value === undefined || Number.isNaN(value)) return 'not measured';
  const reaches = (limit: number): boolean => (bound.is === 'at least' ? value >= limit : value <= limit);
  if (reaches(bound.goal)) return 'met';
  return bound.floor !== undefined && reaches(bound.floor) ? 'floor met' : 'not met';
}

/** Every goal of the work on speed, held against what was measured. */
export function goalsOf(measurements: Measurements): Goal[] {
  return [
    ...commandGoals(measurements),
    ...rateGoals(measurements),
    ...cpuGoals(measurements),
    ...latencyGoals(measurements),
    ...connectionGoals(measurements),
    ...transferGoals(measurements),
    ...sessionGoals(measurements),
    ...judgementGoals(measurements),
    ...startGoals(measurements),
  ];
}

/** As a Markdown table. */
export function goalTable(goals: readonly Goal[]): string {
  return table(
    ['work', 'goal', 'floor', 'measured', ''],
    goals.map(({ work, goal, floor, measured, verdict }) => [
      ...[work, goal, floor, measured],
      verdict === 'met' ? verdict : `**${verdict}**`,
    ]),
    5,
  );
}

function commandGoals({ commands }: Measurements): Goal[] {
  const own = commands.filter(({ through }) => through === 'gateway');
  return own.map(({ command, ratio }) =>
    goal(`\`${command}\`, wall time to dockerd's own mTLS`, { is: 'at most', goal: 1.05 }, ratio.median),
  );
}

function rateGoals({ requests }: Measurements): Goal[] {
  const lists = [ROWS.list50, ROWS.list1000].map((row) =>
    goal(
      `${row}: rate to haproxy`,
      { is: 'at least', goal: 0.95 },
      beside(requests, row, 'haproxy')?.rate.median,
    ),
  );
  const bound = { is: 'at least', goal: 0.75, floor: 0.5 } as const;
  const light = [ROWS.ping16, ROWS.ping64, ROWS.inspect16, ROWS.inspect64].flatMap((row) =>
    (['haproxy, 1 thread', 'haproxy'] as const).map((peer) =>
      goal(
        `${row}: rate to ${peer === 'haproxy' ? 'haproxy on all CPUs' : peer}`,
        bound,
        beside(requests, row, peer)?.rate.median,
      ),
    ),
  );
  return [...lists, ...light];
}

function cpuGoals({ requests }: Measurements): Goal[] {
  return [ROWS.ping16, ROWS.inspect16].map((row) =>
    goal(
      `${row}: CPU to haproxy`,
      { is: 'at most', goal: 2, floor: 3 },
      beside(requests, row, 'haproxy')?.cpu?.median,
    ),
  );
}

function latencyGoals({ offered }: Measurements): Goal[] {
  return [ROWS.offeredPing, ROWS.offeredInspect].map((row) =>
    goal(
      `${row}, 1,000 a second offered: p99 over haproxy`,
      { is: 'at most', goal: 1, unit: 'ms' },
      beside(offered, row, 'haproxy')?.addedP99Ms.median,
    ),
  );
}

function connectionGoals({ connections, start, workers }: Measurements): Goal[] {
  const bound = { is: 'at most', goal: 1.2 } as const;
  const cpu = [ROWS.full, ROWS.resumed].map((row) =>
    goal(`${row}: CPU to haproxy`, bound, beside(connections, row, 'haproxy')?.cpu?.median),
  );
  const share = of(connections, ROWS.resumed, 'gateway')?.resumed?.least;
  return [
    ...cpu,
    goal('share of offered sessions that are resumed', { is: 'at least', goal: 1 }, share),
    yes('tickets resumed across restarts', start.resumedAcrossRestarts),
    goal(
      'share of offered sessions that are resumed across workers',
      { is: 'at least', goal: 1 },
      workers.resumed,
    ),
  ];
}

function transferGoals({ transfers, memory }: Measurements): Goal[] {
  const rows = [ROWS.download, ROWS.upload, ROWS.save, ROWS.load, ROWS.exec];
  const rate = { is: 'at least', goal: 1, floor: 0.8 } as const;
  const stalled = memory.stalled.find(({ contender }) => contender === 'gateway');
  return [
    ...rows.map((row) =>
      goal(`${row}: MB/s to haproxy`, rate, beside(transfers, row, 'haproxy')?.rate.median),
    ),
    ...rows.map((row) =>
      goal(
        `${row}: CPU a GB to haproxy`,
        { is: 'at most', goal: 1.25 },
        beside(transfers, row, 'haproxy')?.cpu?.median,
      ),
    ),
    goal(
      'memory of the gateway with stalled peers',
      { is: 'at most', goal: 100, unit: 'MB' },
      stalled && stalled.peakMiB * 1.048576,
    ),
  ];
}

function sessionGoals({ echo, memory }: Measurements): Goal[] {
  const added = beside(echo, ROWS.echo, 'socket');
  const idle = memory.idle.find(({ contender }) => contender === 'gateway');
  return [
    goal(
      'exec keystroke echo: p50 over the plain socket',
      { is: 'at most', goal: 0.2, unit: 'ms' },
      added?.addedP50Ms.median,
    ),
    goal(
      'exec keystroke echo: p99 over the plain socket',
      { is: 'at most', goal: 1, unit: 'ms' },
      added?.addedP99Ms.median,
    ),
    goal(
      'idle hijacked session, memory each',
      { is: 'at most', goal: 64, unit: 'kB' },
      idle && idle.kibEach * 1.024,
    ),
    goal('idle hijacked sessions held at once', { is: 'at least', goal: 5_000 }, idle?.held),
  ];
}

function judgementGoals({ costs, decisions, reload }: Measurements): Goal[] {
  const growth = [...new Set(decisions.map(({ operation }) => operation))].map((operation) => {
    const own = decisions.filter((each) => each.operation === operation);
    return (own.at(-1)?.p50 ?? Number.NaN) / (own[0]?.p50 ?? Number.NaN);
  });
  return [
    goal(
      'decision on a 4 KB create body (strict parse, facts, policy), p99',
      { is: 'at most', goal: 150, unit: 'us' },
      costs.at(-1)?.p99,
    ),
    goal(
      'policy decision alone, 10 to 10,000 grants: the highest p99',
      { is: 'at most', goal: 50, unit: 'us' },
      Math.max(...decisions.map(({ p99 }) => p99)),
    ),
    goal(
      'policy decision alone: p50 with 10,000 grants to p50 with 10, the worse of two operations',
      { is: 'at most', goal: 1.2 },
      Math.max(...growth),
    ),
    goal(
      `reload of ${reload.grants.toLocaleString('en')} grants`,
      { is: 'at most', goal: 300, unit: 'ms' },
      reload.tookMs.median,
    ),
    goal(
      'the slowest request of all during such reloads',
      { is: 'at most', goal: 50, unit: 'ms' },
      reload.slowestMs.during.most,
    ),
  ];
}

function startGoals({ audit, start, workers }: Measurements): Goal[] {
  const strict = audit.filter((result) => result.audit === 'strict');
  return [
    ...strict.map(({ row, toNone }) =>
      goal(`strict audit, ${row}: rate to no records`, { is: 'at least', goal: 0.7 }, toNone.rate.median),
    ),
    goal(
      'cold start to the first answered request',
      { is: 'at most', goal: 600, unit: 'ms' },
      start.firstAnswerMs.median,
    ),
    goal(
      `GET /_ping, 64 connections: rate of ${workers.workers} workers to that of one, on ${workers.cpus} CPUs`,
      { is: 'at least', goal: 1 },
      workers.rateToOne.median,
    ),
  ];
}

function goal(work: string, bound: Bound, value: number | undefined): Goal {
  const unit = bound.unit === undefined ? '' : ` ${bound.unit}`;
  const text = (limit: number): string => `${bound.is} ${limit.toLocaleString('en')}${unit}`;
  return {
    work,
    goal: text(bound.goal),
    floor: bound.floor === undefined ? '' : text(bound.floor),
    measured: value === undefined ? '' : `${shown(value)}${unit}`,
    verdict: judged(bound, value),
  };
}

function yes(work: string, isSo: boolean): Goal {
  return { work, goal: 'yes', floor: '', measured: isSo ? 'yes' : 'no', verdict: isSo ? 'met' : 'not met' };
}

function shown(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}

function of(results: readonly Result[], row: string, contender: Peer): Result | undefined {
  return results.find((result) => result.row === row && result.contender === contender);
}

/** The gateway beside a peer. */
function beside(results: readonly Result[], row: string, peer: Peer): Beside | undefined {
  return of(results, row, 'gateway')?.beside[peer];
}
