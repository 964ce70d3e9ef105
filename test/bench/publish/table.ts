/**
 * A Markdown table.
 *
 * @param texts how many columns are words; the others are numbers
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts = 2): string {
  const width = (column: number): number =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => (column < texts ? cell.padEnd(width(column)) : cell.padStart(width(column)))).join(' | ')} |`;
  const rule = head.map((_, column) =>
    column < texts ? '-'.repeat(width(column)) : `${'-'.repeat(width(column) - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
