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
    ['container/-/*-*-*-*', `container/-/${'-'.repeat(20_000)}/`],
    ['**a*a*a**a*a', `${'a'.repeat(20_000)}/b`],
    ['**/**/**/x', '/'.repeat(20_000)],
  ])('%s takes no long time over any text', (pattern, text) => {
    const started = performance.now();
    expect(compileGlob(pattern)(text)).toBe(false);
    // A regular expression takes time that grows with the third or a higher power of the length.
    expect(performance.now() - started).toBeLessThan(1_000);
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
