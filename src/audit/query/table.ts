import type { Row } from './rows.ts';

interface Column {
  readonly title: string;
  /** What it takes at least, and what it would like to have. */
  readonly least: number;
  readonly width: number;
  readonly right?: true;
  /** What is too long is cut at its beginning: the names of things differ at their end. */
  readonly keepEnd?: true;
  text(row: Row): string;
}

const TIME: Column = { title: 'TIME (UTC)', least: 19, width: 19, text: ({ time }) => date(time) };
const SHORT_TIME: Column = {
  title: 'TIME (UTC)',
  least: 14,
  width: 14,
  text: ({ time }) => date(time).slice('2026-'.length),
};

const COLUMNS: readonly Column[] = [
  { title: 'PRINCIPAL', least: 7, width: 16, text: ({ principal }) => principal },
  { title: 'TENANT', least: 6, width: 10, text: ({ tenant }) => tenant },
  { title: 'OPERATION', least: 9, width: 20, text: ({ operation }) => operation },
  { title: 'RESOURCE', least: 11, width: 36, keepEnd: true, text: ({ resource }) => brief(resource) },
  { title: 'EFFECT', least: 6, width: 6, text: ({ effect }) => effect },
  { title: 'REASON', least: 7, width: 18, text: ({ reason }) => reason },
  { title: 'STATUS', least: 6, width: 6, right: true, text: ({ status }) => status },
  { title: 'TAKEN', least: 6, width: 7, right: true, text: ({ duration }) => span(duration) },
];

/** Below that many columns the year is left out, and one space stands between columns. */
const NARROW = 120;

/** Prints rows under each other. The widths are settled at the start, as rows come one by one. */
export interface Table {
  readonly heading: string;
  line(row: Row): string;
}

/**
 * @param columns how wide the terminal is; undefined where there is none: nothing is cut then, as `grep` and others read it
 */
export function makeTable(columns: number | undefined): Table {
  const isNarrow = columns !== undefined && columns < NARROW;
  const shown = [isNarrow ? SHORT_TIME : TIME, ...COLUMNS];
  const gap = isNarrow ? ' ' : '  ';
  const widths = widthsOf(
    shown,
    columns === undefined ? undefined : columns - gap.length * (shown.length - 1),
  );
  const row = (texts: readonly string[]): string =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, shown[index] as Column, columns !== undefined))
      .join(gap)
      .trimEnd();
  return {
    heading: row(shown.map(({ title }) => title)),
    line: (of) => row(shown.map(({ text }) => visible(text(of)))),
  };
}

/**
 * Text as a terminal may have it: control characters, line and paragraph separators, and those that turn the direction of
 * writing or are not seen at all stand as escapes, so that nobody's name can paint over another's.
 */
export function visible(text: string): string {
  return text.replace(
    /[\p{C}\p{Zl}\p{Zp}\u00a0\u2000-\u200f\u3000]/gu,
    (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** A number of milliseconds in at most six signs: `3ms`, `12.4s`, `2m05s`, `3h12m`. */
export function span(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return '-';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)}ms`;
  const seconds = milliseconds / 1_000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  if (whole < 3_600) return `${Math.floor(whole / 60)}m${two(whole % 60)}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 6_000) return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
  return `${Math.floor(minutes / 1_440)}d`;
}

/** Shares what is beyond the least widths by what each column would like to have beyond. */
function widthsOf(columns: readonly Column[], room: number | undefined): readonly number[] {
  const wish = columns.reduce((sum, { width }) => sum + width, 0);
  if (room === undefined) return columns.map(({ width }) => width);
  if (room >= wish) {
    return columns.map(({ title, width }) => (title === 'RESOURCE' ? width + room - wish : width));
  }
  const least = columns.reduce((sum, column) => sum + column.least, 0);
  const share = Math.max(0, room - least) / (wish - least);
  return columns.map((column) => column.least + Math.floor((column.width - column.least) * share));
}

function pad(text: string, width: number, { right, keepEnd }: Column, isCut: boolean): string {
  const isLong = isCut && text.length > width;
  const cut = keepEnd ? `…${text.slice(1 - width)}` : `${text.slice(0, width - 1)}…`;
  const fitting = isLong ? cut : text;
  return right ? fitting.padStart(width) : fitting.padEnd(width);
}

/** Full ids as the docker CLI shows them: their first twelve digits. */
function brief(resource: string): string {
  return resource.replace(/\b([0-9a-f]{12})[0-9a-f]{52}\b/g, '$1');
}

/** `2026-11-26 14:00:00` of RFC 3339. */
function date(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
