import { type Case, isForwarded, type Verdict } from './case.ts';
import type { Observed } from './observe.ts';

const WIDTHS = [6, 64, 44, 62, 4] as const;

export const HEADING: string = row(['id', 'case', 'verdict', 'what the Engine received', 'ok?']);

/** One line for a case: what was tried, what must come of it, what the Engine received, and whether all was so. */
export function lineOf(each: Case, observed: readonly Observed[], faults: readonly string[]): string {
  const times = each.attempts.length > 1 ? ` (${each.attempts.length} ways)` : '';
  return row([
    each.id,
    `${fitted(each.title, WIDTHS[1] - times.length).trimEnd()}${times}`,
    `${each.verdicts.map(shown).join(', ')}${each.later === undefined ? '' : ` (issue ${each.later.issue})`}`,
    received(observed),
    faults.length === 0 ? 'ok' : 'FAIL',
  ]);
}

function shown(verdict: Verdict): string {
  return isForwarded(verdict) ? 'forwarded' : `${verdict.status} ${verdict.reason}`;
}

/** The request line and the body of the first one, without the head between them. */
function received(observed: readonly Observed[]): string {
  const first = observed.flatMap(({ received }) => received)[0];
  if (first === undefined) return 'nothing';
  const [head = '', ...body] = first.split('\r\n\r\n');
  return `${head.split(' HTTP/1', 1)[0]} ${body.join(' ')}`.trim();
}

function row(cells: readonly string[]): string {
  return cells
    .map((cell, index) => fitted(cell, WIDTHS[index] ?? 0))
    .join('  ')
    .trimEnd();
}

function fitted(text: string, width: number): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '.');
  return plain.length > width ? `${plain.slice(0, width - 3)}...` : plain.padEnd(width);
}
