/** One line of a file of columns. */
export interface Row {
  readonly line: number;
  /** Trimmed columns; undefined when the quoting is broken. */
  readonly columns: readonly string[] | undefined;
}

/**
 * Splits a text into rows: one a line, columns between commas, quotes after RFC 4180 but never across lines.
 * Empty lines and lines that begin with `#` are left out.
 */
export function readRows(text: string): Row[] {
  return [...readingRows(text)];
}

/** The same, one after the other. */
export function* readingRows(text: string): Generator<Row, void> {
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    if (raw.trim() === '' || raw.trimStart().startsWith('#')) continue;
    yield { line: index + 1, columns: splitColumns(raw) };
  }
}

/** Numbers of the lines, comments included, that hold characters which an editor does not show as they are. */
export function linesWithControls(text: string): number[] {
  // Most files have none, and are read once.
  if (!CONTROLS.test(text.replaceAll('\r\n', '\n'))) return [];
  return text.split(/\r?\n/).flatMap((raw, index) => (CONTROLS.test(raw) ? [index + 1] : []));
}

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;

function splitColumns(line: string): string[] | undefined {
  const columns: string[] = [];
  let rest = line;
  for (;;) {
    const match = /^[ \t]*(?:"((?:[^"]|"")*)"|([^",]*))[ \t]*(,|$)/.exec(rest);
    if (match === null) return undefined;
    columns.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
    if (match[3] === '') return columns;
    rest = rest.slice(match[0].length);
  }
}
