import { describe, expect, it } from 'vitest';
import { quoted } from '../../src/docker/text.ts';

describe('a name quoted for a message', () => {
  it.each([
    ['plain', '"plain"'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['é 日本 😀', '"é 日本 😀"'],
    ['line\nfeed', '"line\\nfeed"'],
    ['\u001b[31m', '"\\u001b[31m"'],
    ['\u007f', '"\\u{7f}"'],
    ['\u009b31m', '"\\u{9b}31m"'],
    ['a\u2028b\u2029c', '"a\\u{2028}b\\u{2029}c"'],
    ['a\u202eb', '"a\\u{202e}b"'],
    ['\ud800', '"\\ud800"'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}..."`],
  ])('shows %j as %s', (name, shown) => {
    expect(quoted(name)).toBe(shown);
  });
});
