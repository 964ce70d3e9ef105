/** How far the two clocks may be apart before the steady one is set again, in milliseconds. */
const MOST_DRIFT = 2;

/** What has to be added to the steady clock to have the wall clock. */
let offset = 0;
/** The last second that was written, and how. */
let second = -1;
let text = '';

/** The time now in milliseconds since 1970: the wall clock's, with the digits below of the steady one. */
function milliseconds(): number {
  const now = Date.now();
  const ticks = performance.now();
  const estimate = ticks + offset;
  if (Math.abs(estimate - now) <= MOST_DRIFT) return estimate;
  offset = now - ticks;
  return now;
}

/** The time now as RFC 3339 in UTC, with nine digits of a second: `2026-11-21T09:00:00.120481230Z`. */
export function timestamp(): string {
  const now = milliseconds();
  const seconds = Math.floor(now / 1_000);
  if (seconds !== second) {
    second = seconds;
    text = new Date(seconds * 1_000).toISOString().slice(0, 19);
  }
  const nanoseconds = Math.floor((now - seconds * 1_000) * 1e6);
  return `${text}.${String(nanoseconds).padStart(9, '0')}Z`;
}
