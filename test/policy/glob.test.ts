import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob } from '../../src/policy/glob.ts';

/** The slow and obvious way to say the same. */
function reference(pattern: string, text: string): boolean {
  if (pattern.endsWith('/**')) {
    const head = pattern.slice(0, -3);
    if (reference(head, text)) return true;
  }
  if (pattern === '') return text === '';
  if (pattern.startsWith('**')) {
    for (let i = 0; i <= text.length; i += 1) if (reference(pattern.slice(2), text.slice(i))) return true;
    return false;
  }
  if (pattern.startsWith('*')) {
    for (let i = 0; i <= text.length; i += 1) {
      if (reference(pattern.slice(1), text.slice(i))) return true;
      if (text[i] === '/') return false;
    }
    return false;
  }
  return text !== '' && pattern[0] === text[0] && reference(pattern.slice(1), text.slice(1));
}

/**
 * A text that counts how often its characters are read. As a whole it can not be read at all: a regular expression,
 * which a client could make run for minutes, is refused it.
 */
function readCounting(text: string): { readonly counted: string; readonly reads: () => number } {
  let reads = 0;
  const counted = new Proxy(Object(text) as string & object, {
    get(_, key) {
      if (key === 'length') return text.length;
      if (key === 'startsWith') return (prefix: string) => text.startsWith(prefix);
      if (typeof key === 'symbol' || !/^[0-9]+$/.test(key))
        throw new TypeError(`${String(key)} goes uncounted`);
      reads += 1;
      return text[Number(key)];
    },
  });
  return { counted, reads: () => reads };
}

describe('compileGlob', () => {
  it.each([
    ['**', 'container/-/web', true],
    ['**', '', true],
    ['*', 'engine', true],
    ['*', 'container/-', false],
    ['container/**', 'container', true],
    ['container/**', 'container/-/a/b', true],
    ['container/**', 'containers/-', false],
    ['container/*/web', 'container/-/web', true],
    ['container/*/web', 'container/a/b/web', false],
    ['container/-/web-*', 'container/-/web-', true],
    ['container/-/web-*', 'container/-/web-1/x', false],
    ['image/docker.io/**', 'image/dockerxio/a', false],
    ['image/a+b', 'image/aab', false],
    ['engine', 'engine\n', false],
    ['**', 'a\nb', true],
  ])('%s against %s is %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it.each([
    ['container/-/*-*-*-*', `container/-/${'-'.repeat(2_000)}/`],
    ['**a*a*a**a*a', `${'a'.repeat(2_000)}/b`],
    ['**/**/**/x', '/'.repeat(2_000)],
    ['a*/**/b*/**', `a/${'b'.repeat(2_000)}`],
  ])('%s never goes back in a text: it reads each character once for each way to end', (pattern, text) => {
    const { counted, reads } = readCounting(text);
    expect(compileGlob(pattern)(counted)).toBe(compileGlob(pattern)(text));
    const ends = pattern.endsWith('/**') ? 2 : 1;
    expect(reads()).toBeLessThanOrEqual(ends * text.length);
  });

  it('agrees with the obvious way', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '*'), maxLength: 7 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
    fc.assert(
      fc.property(
        word.filter((w) => !w.includes('***')),
        text,
        (pattern, against) => {
          expect(compileGlob(pattern)(against)).toBe(reference(pattern, against));
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
