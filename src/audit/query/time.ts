/** Points in time that people write, as the log writes them: RFC 3339 in UTC with nine digits of a second. */

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const DAY = 86_400_000;

/**
 * Reads `2026-11-26T14:00:00Z` (RFC 3339, any offset, up to nine digits of a second), a date such as `2026-11-26`, or
 * how long ago: `90s`, `30m`, `2h`, `7d`, `4w`.
 *
 * @param edge what a date means: the beginning of that day in UTC, or its end
 * @param now milliseconds since 1970
 * @returns undefined when it is none of these; times before 1970 and after 9999 are none either
 */
export function parseTime(text: string, edge: 'since' | 'until', now: number): string | undefined {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return format(now - Number(count) * (UNITS[unit] ?? 0), '');
  if (/^\d{4}-\d\d-\d\d$/.test(text)) {
    const day = Date.parse(`${text}T00:00:00Z`);
    // `Date` takes the 31st of February for the 3rd of March.
    if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text) return undefined;
    return format(edge === 'until' ? day + DAY : day, '');
  }
  const [, seconds = '', fraction = '', offset = ''] =
    /^(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${seconds.replace(/[t ]/, 'T')}${offset.toUpperCase()}`);
  return format(milliseconds, fraction);
}

function format(milliseconds: number, fraction: string): string | undefined {
  if (!(milliseconds >= 0 && milliseconds < 253_402_300_800_000)) return undefined;
  const [seconds = '', thousandths = ''] = new Date(milliseconds).toISOString().slice(0, -1).split('.');
  return `${seconds}.${(fraction === '' ? thousandths : fraction).padEnd(9, '0')}Z`;
}
