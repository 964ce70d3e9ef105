/** How far the two clocks may be apart before the steady one is set again, in nanoseconds. */
const MOST_DRIFT = 2_000_000n;

let wall = 0n;
let steady = 0n;

/** The time now in nanoseconds since 1970: the wall clock's, with the digits below a millisecond of the steady one. */
function nanoseconds(): bigint {
  const now = BigInt(Date.now()) * 1_000_000n;
  const ticks = process.hrtime.bigint();
  const estimate = wall + ticks - steady;
  const drift = estimate - now;
  if (drift >= -MOST_DRIFT && drift <= MOST_DRIFT) return estimate;
  wall = now;
  steady = ticks;
  return now;
}

/** The time now as RFC 3339 in UTC, with nine digits of a second: `2026-11-21T09:00:00.120481230Z`. */
export function timestamp(): string {
  const now = nanoseconds();
  const seconds = new Date(Number(now / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${(now % 1_000_000_000n).toString().padStart(9, '0')}Z`;
}
