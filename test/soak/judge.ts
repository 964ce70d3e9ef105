/** What the gateway's process had at one time. */
export interface Sample {
  /** Milliseconds since the begin. */
  readonly at: number;
  /** Resident, in MiB. */
  readonly memory: number;
  readonly files: number;
  readonly sockets: number;
}

export interface Judgement {
  readonly isGood: boolean;
  readonly lines: readonly string[];
}

/** What memory may grow by from the second quarter to the last: noise of the collector, in MiB and as a share. */
const MOST_GROWTH = { mebibytes: 20, share: 0.15 };
/** What may stand open at the end more than before anything was done: connections to the Engine that wait for use. */
const MOST_LEFT = 8;

/**
 * Whether nothing has grown: memory from the second quarter, when all that is remembered is there, to the last; open files
 * and sockets from the rest before to the rest after.
 */
export function judge(before: Sample, samples: readonly Sample[], after: Sample): Judgement {
  const quarter = Math.floor(samples.length / 4);
  const early = median(samples.slice(quarter, 2 * quarter).map(({ memory }) => memory));
  const late = median(samples.slice(-Math.max(quarter, 1)).map(({ memory }) => memory));
  const most = Math.max(early + MOST_GROWTH.mebibytes, early * (1 + MOST_GROWTH.share));
  const checks = [
    {
      ok: quarter > 0 && late <= most,
      line: `memory: ${early.toFixed(0)} MB in the second quarter, ${late.toFixed(0)} MB in the last (${most.toFixed(0)} are allowed); ${after.memory.toFixed(0)} at rest`,
    },
    {
      ok: after.files <= before.files + MOST_LEFT,
      line: `files: ${before.files} at rest before, ${after.files} after`,
    },
    {
      ok: after.sockets <= before.sockets + MOST_LEFT,
      line: `sockets: ${before.sockets} at rest before, ${after.sockets} after`,
    },
  ];
  return {
    isGood: checks.every(({ ok }) => ok),
    lines: checks.map(({ ok, line }) => `${ok ? 'ok' : 'NOT OK'} ${line}`),
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
