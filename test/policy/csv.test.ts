import { describe, expect, it } from 'vitest';
import { linesWithControls, readRows } from '../../src/policy/csv.ts';

describe('rows of columns', () => {
  it.each([
    ['a, b ,\tc\t', ['a', 'b', 'c']],
    ['a,,', ['a', '', '']],
    ['"a, b",c', ['a, b', 'c']],
    ['"a ""b"" c"', ['a "b" c']],
    [' " a " , b', ['a', 'b']],
    ['""', ['']],
    ['a b', ['a b']],
    ['a#b', ['a#b']],
  ])('are split at commas outside quotes, and trimmed: %j', (line, columns) => {
    expect(readRows(line)).toEqual([{ line: 1, columns }]);
  });

  it.each(['a"b', '"a', '"a"b', 'a "b"', '"a" b,c'])(
    'have no columns where the quoting is broken: %j',
    (line) => {
      expect(readRows(line)).toEqual([{ line: 1, columns: undefined }]);
    },
  );

  it('are those of lines that say something, each with its number', () => {
    expect(readRows('# x\r\n\r\n   \na\n  # y\n\tb\n')).toEqual([
      { line: 4, columns: ['a'] },
      { line: 6, columns: ['b'] },
    ]);
  });
});

describe('lines with characters that an editor does not show', () => {
  it.each(['\0', '\x08', '\x0b', '\x1f', '\x7f', '\x9f', '\u2028', '\u2029', '\ufeff'])(
    'are found: %j',
    (sign) => {
      expect(linesWithControls(`a\r\n# b${sign}\nc`)).toEqual([2]);
    },
  );

  it('are not those with tabs and letters of any kind', () => {
    expect(linesWithControls('a\tb\r\n\xa0é🐳\n')).toEqual([]);
  });
});
