import { Unclear, unclear } from './unclear.ts';

/** One instruction with its continuation lines. */
export interface Line {
  /** Of its first line, from 1. */
  readonly number: number;
  /** Of its last line. */
  readonly last: number;
  readonly text: string;
}

/** How releases of the builder differ in joining lines. */
export interface Dialect {
  /** Whether a comment between continuation lines may be indented. */
  readonly indentedComments: boolean;
}

/** Every dialect that an Engine may speak; what one of them reads must not be hidden from us by another. */
export const DIALECTS: readonly Dialect[] = [{ indentedComments: true }, { indentedComments: false }];

/** The builder takes lines of at most 64 KiB; older ones stop reading at a longer one without a word. */
const LINE_BYTES = 65_000;

/** Go's unicode.IsSpace, in the bytes of UTF-8. */
const SPACE =
  /^(?:[\t\n\v\f\r ]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)+/;

const ESCAPE = /^#[ \t]*escape[ \t]*=[ \t]*([\\`])[ \t]*$/i;
/** What a release of the builder may take for it: newer ones trim other white space too. */
const MAYBE_ESCAPE = /^#[^A-Za-z0-9]*escape\s*=/i;

/** The text without the white space that Go trims from its beginning. */
export function trimLeft(text: string): string {
  return text.replace(SPACE, '');
}

/**
 * Joins the lines of a Dockerfile to instructions (buildkit, frontend/dockerfile/parser).
 *
 * @param file its bytes, one character each
 * @throws Unclear for what releases of the builder join differently
 */
export function linesOf(file: string, { indentedComments }: Dialect): readonly Line[] {
  if (file.includes('\0')) throw new Unclear('the Dockerfile holds NULs');
  // A byte order mark counts for nothing.
  const physical = file.replace(/^\xef\xbb\xbf/, '').split('\n');
  const isBacktick = escapeOf(physical) === '`';
  const continued = isBacktick ? /`[ \t]*$/ : /\\[ \t]*$/;
  const doubled = isBacktick ? /``[ \t]*$/ : /\\\\[ \t]*$/;
  const lines: Line[] = [];
  let open: Line | undefined;
  for (const [index, raw] of physical.entries()) {
    const number = index + 1;
    const text = raw.replace(/\r$/, '');
    if (text.includes('\r')) unclear(number, 'holds a carriage return');
    if (text.length > LINE_BYTES) unclear(number, 'is too long');
    const trimmed = trimLeft(text);
    const isComment = (open === undefined || indentedComments ? trimmed : text).startsWith('#');
    if (trimmed === '' || isComment) continue;
    if (doubled.test(text)) unclear(number, 'ends with an escaped escape character');
    const joined: string = (open?.text ?? '') + (open === undefined ? trimmed : text).replace(continued, '');
    const line = { number: open?.number ?? number, last: number, text: joined };
    if (continued.test(text)) open = line;
    else {
      lines.push(line);
      open = undefined;
    }
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

/**
 * The character that continues lines. A parser directive sets it, but which comments count as directives, and so
 * may stand before it, depends on the release: only the very first line is one for all.
 */
function escapeOf(physical: readonly string[]): string {
  const first = ESCAPE.exec(physical[0]?.replace(/\r$/, '') ?? '')?.[1];
  for (const [index, text] of physical.entries()) {
    const trimmed = trimLeft(text);
    if (trimmed !== '' && !trimmed.startsWith('#')) break;
    if (MAYBE_ESCAPE.test(trimmed) && (index > 0 || first === undefined)) {
      unclear(index + 1, 'sets an escape character where not every builder reads it');
    }
  }
  return first ?? '\\';
}
