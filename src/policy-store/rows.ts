import { ConfigError } from '../errors.ts';
import { readRows } from '../policy/csv.ts';
import { atOnce, type Work } from '../policy/unhurried.ts';

/** One line of the grants as the database keeps it: `p` a grant, `g` a membership, `#` a comment. */
export interface StoredRow {
  /** Its number, from 1, which is that of its line in a file. */
  readonly line: number;
  readonly ptype: string;
  /** The columns after the first; of a comment what follows the `#`. */
  readonly values: readonly (string | null)[];
}

/** How a decision and a fault name the tables: they read `grants:12` and `postgres/grants:12: ...`. */
export const GRANTS = 'postgres/grants';
export const PROFILES = 'postgres/profiles';

/** How much of a policy is read: what is beyond is refused, and not cut off. */
export const MOST = {
  /** Number of a line. */
  line: 1_000_000,
  rows: 100_000,
  /** Characters of one column, and of the profiles. */
  column: 8_192,
  profiles: 262_144,
  /** Characters of all rows. */
  text: 16_777_216,
} as const;

const COLUMNS = 5;
/** What would end a line, or not be seen in it. */
const CONTROLS = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

/**
 * Makes the text of a grants file of rows, each on the line of its number, so that whatever is said about a line is about
 * the row of that number.
 *
 * @throws ConfigError naming each row that can not be one line of a file
 */
export function textOf(rows: readonly StoredRow[]): string {
  return atOnce(makingText(rows));
}

/** The same, in pieces. */
export function* makingText(rows: readonly StoredRow[]): Work<string> {
  const lines: string[] = [];
  const faults: string[] = [];
  for (const row of rows) {
    const fault = faultOf(row, lines);
    if (fault === undefined) lines[row.line - 1] = lineOf(row);
    else faults.push(`${GRANTS}:${row.line}: ${fault}`);
    if (faults.length >= MOST_FAULTS) break;
    yield;
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return Array.from(lines, (line) => `${line ?? ''}\n`).join('');
}

const MOST_FAULTS = 100;

function faultOf({ line, ptype, values }: StoredRow, lines: readonly string[]): string | undefined {
  if (!Number.isSafeInteger(line) || line < 1 || line > MOST.line)
    return `a row has a line from 1 to ${MOST.line}`;
  if (lines[line - 1] !== undefined) return 'there is another row of that line';
  if (!['p', 'g', '#'].includes(ptype))
    return 'ptype is p (a grant), g (a membership) or # (a comment), and nothing else';
  if (values.some((value) => value !== null && CONTROLS.test(value)))
    return 'a column holds control characters';
  if (values.some((value) => value !== null && value.length > MOST.column))
    return `a column is longer than ${MOST.column} characters`;
  return undefined;
}

function lineOf({ ptype, values }: StoredRow): string {
  if (ptype === '#') return `#${values[0] ?? ''}`;
  const used = values.slice(0, values.findLastIndex((value) => value !== null) + 1);
  return [ptype, ...used.map((value) => quoted(value ?? ''))].join(', ');
}

function quoted(value: string): string {
  return /[",]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * Makes rows of the text of a grants file: one of each line that is not empty.
 *
 * @param text valid, see `readPolicy`
 * @throws ConfigError when it is more than a store takes
 */
export function rowsOf(text: string, file: string): StoredRow[] {
  const known = new Map(readRows(text).map(({ line, columns }) => [line, columns]));
  const faults: string[] = [];
  const rows = text.split(/\r?\n/).flatMap((raw, index): StoredRow[] => {
    const line = index + 1;
    const columns = known.get(line);
    if (columns === undefined && raw.trim() === '') return [];
    const [ptype = '', ...values] = columns ?? ['#', raw.trimEnd().replace(/^\s*#/, '')];
    if (line > MOST.line)
      faults.push(`${file}:${line}: a policy in a database has at most ${MOST.line} lines`);
    if (values.some((value) => value.length > MOST.column)) {
      faults.push(
        `${file}:${line}: a column is longer than the ${MOST.column} characters that a database takes`,
      );
    }
    return [{ line, ptype, values: padded(values) }];
  });
  if (rows.length > MOST.rows || text.length > MOST.text) faults.push(tooMuch(file));
  if (faults.length > 0) throw new ConfigError(faults.slice(0, MOST_FAULTS));
  return rows;
}

/** The sentence about a policy that is beyond `MOST`. */
export function tooMuch(what: string): string {
  return `${what}: a policy in a database has at most ${MOST.rows} rows and ${MOST.text} characters`;
}

/** As many values as the table has columns. */
export function padded(values: readonly (string | null)[]): (string | null)[] {
  return Array.from({ length: COLUMNS }, (_, index) => values[index] ?? null);
}
