import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goPattern } from '../../../src/tenancy/names/go-pattern.ts';

/** Texts in which JavaScript and Go find the same. */
const PATTERNS = [
  ...[
    'web',
    '^web$',
    '^/?web',
    'web.*db',
    'w.b',
    '^(web|db)[0-9]*$',
    '[^a-c]+',
    'a{2,3}',
    '^a{2}$',
    'a{2,}$',
    '(?:ab)+c?',
  ],
  ...[
    '',
    '^$',
    '|x',
    '\\.',
    '\\d+',
    '\\D',
    '\\w-\\w',
    '\\bweb\\b',
    '\\Beb',
    '[a\\-z]',
    '[]a]',
    '[a-]',
    'a+?b',
    '(a|b)*$',
  ],
  ...['a{', 'a{x}', '}', ']', '(a*)*b', '[\\d_]+$', '((a)|b){2}', '-_'],
];
const TEXTS = [
  '',
  'web',
  '/web',
  'web2',
  'xweb',
  'web-db',
  'wob',
  'db17',
  'aaa',
  'aa',
  'abab',
  'ababc',
  'b',
  'a.b',
  'a-b',
  '_9',
  'a{x}',
  ']',
  '}',
];

describe('a pattern of a filter', () => {
  it.each(PATTERNS)('%s finds what Go finds', (source) => {
    const pattern = goPattern(source);
    // To JavaScript a bracket that closes at once is an empty class.
    const same = new RegExp(source.replace('[]a]', '[\\]a]').replace(/\{(?![0-9])/, '\\{'));
    for (const text of TEXTS) expect([text, pattern?.(text)]).toEqual([text, same.test(text)]);
  });

  it('finds the same as JavaScript in what both read alike', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '^', '$');
    const part = fc
      .tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}', '*?'))
      .map(([each, often]) => (each === '^' || each === '$' ? each : each + often));
    const source = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(source, fc.stringMatching(/^[abc]{0,8}$/), (pattern, text) => {
        expect(goPattern(pattern)?.(text)).toBe(new RegExp(pattern).test(text));
      }),
    );
  });

  it.each([
    '(',
    ')',
    'a)',
    '[',
    '[a',
    '*',
    '+a',
    'a**',
    'a{3,2}',
    'a{1001}',
    '(?i)a',
    '(?P<n>a)',
    '\\p{L}',
    '\\Qa\\E',
    '\\x41',
    '[[:alpha:]]',
    '\\',
    '[b-a]',
    '((a{100}){100}){100}',
    '(((){999}){999}){999}',
  ])('%s is not read', (source) => expect(goPattern(source)).toBeUndefined());

  it('takes no longer than its length and the text’s', () => {
    const began = performance.now();
    expect(goPattern('^(([a-z])+.)+[A-Z]([a-z])+$')?.('a'.repeat(5_000))).toBe(false);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
