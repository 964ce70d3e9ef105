import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { readRows } from '../../src/policy/csv.ts';
import { MOST, padded, rowsOf, type StoredRow, textOf } from '../../src/policy-store/rows.ts';

function faultsOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const row = (line: number, ptype: string, ...values: (string | null)[]): StoredRow => ({
  line,
  ptype,
  values: padded(values),
});

/** Columns as people write them: no control characters, no white space around. */
const value = fc
  .string({ unit: fc.constantFrom(...'ab,"\'#*/ \\$;é{}') })
  .map((text) => text.trim())
  .filter((text) => text !== '');
const rule = fc.oneof(
  fc.tuple(fc.constant('p'), fc.array(value, { minLength: 5, maxLength: 5 })),
  fc.tuple(fc.constant('g'), fc.array(value, { minLength: 2, maxLength: 2 })),
);

describe('rows of a policy', () => {
  it('come out of the text that is made of them, on their lines', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), rule), { maxLength: 20 }), (rules) => {
        let line = 0;
        const rows = rules.map(([step, [ptype, values]]) => {
          line += step;
          return row(line, ptype, ...values);
        });
        const text = textOf(rows);
        expect(rowsOf(text, 'f')).toEqual(rows);
        expect(readRows(text).map((each) => [each.line, padded(each.columns?.slice(1) ?? [])])).toEqual(
          rows.map((each) => [each.line, each.values]),
        );
      }),
    );
  });

  it('keep comments, and the number of every line', () => {
    const text = '# one\n\np, user:a, engine, SystemPing, true, allow\n   #two, "three"\ng, user:a, role:b\n';
    const rows = rowsOf(text, 'f');
    expect(rows.map(({ line, ptype }) => [line, ptype])).toEqual([
      [1, '#'],
      [3, 'p'],
      [4, '#'],
      [5, 'g'],
    ]);
    expect(textOf(rows)).toBe(text.replace('   #', '#'));
    expect(textOf([])).toBe('');
  });

  it.each([
    [
      'a line break',
      row(4, 'p', 'a', 'b', 'c', 'true, allow\np, *, **, *, true', 'allow'),
      'control characters',
    ],
    ['a carriage return', row(4, '#', 'x\rp, *, **, *, true, allow'), 'control characters'],
    ['a line break in a comment', row(4, '#', 'x\np, *, **, *, true, allow'), 'control characters'],
    [
      'a separator that some take for a line break',
      row(4, 'g', 'user:a\u2028', 'role:b'),
      'control characters',
    ],
    ['a byte order mark', row(4, 'g', '\ufeffuser:a', 'role:b'), 'control characters'],
    ['another type', row(4, 'p2', 'a'), 'ptype'],
    ['a type that makes a comment of it', row(4, '#p', 'a'), 'ptype'],
    ['no type', row(4, '', 'a'), 'ptype'],
    ['a text without end', row(4, 'p', 'a'.repeat(MOST.column + 1)), 'longer than'],
    ['no line', row(0, 'p', 'a'), 'a line from 1'],
    ['a line beyond all', row(MOST.line + 1, 'p', 'a'), 'a line from 1'],
    ['a line that is no number', row(Number.NaN, 'p', 'a'), 'a line from 1'],
  ])('are refused with %s, by their number', (_, hostile, sentence) => {
    const faults = faultsOf(() => textOf([row(3, '#', 'fine'), hostile]));
    expect(faults).toEqual([expect.stringMatching(`^postgres/grants:${hostile.line}: `)]);
    expect(faults[0]).toContain(sentence);
  });

  it('are refused twice on one line', () => {
    expect(faultsOf(() => textOf([row(3, 'g', 'a', 'b'), row(3, 'g', 'c', 'd')]))).toEqual([
      'postgres/grants:3: there is another row of that line',
    ]);
  });

  it('are not made of a text that no database would give back', () => {
    const long = `p, user:a, engine, SystemPing, ${'x'.repeat(MOST.column + 1)}, allow\n`;
    expect(faultsOf(() => rowsOf(`\n${long}`, 'f'))).toEqual([
      expect.stringMatching(/^f:2: a column is longer/),
    ]);
    expect(faultsOf(() => rowsOf('#\n'.repeat(MOST.rows + 1), 'f'))).toEqual([
      expect.stringContaining(`at most ${MOST.rows} rows`),
    ]);
  });
});
