import { describe, expect, it } from 'vitest';
import { PlainText } from '../../src/recording/plain-text.ts';

describe('PlainText', () => {
  it.each([
    ['colours', '\x1b[1;31mred\x1b[0m', 'red'],
    ['cursor movements', 'a\x1b[2K\x1b[1Gb', 'ab'],
    ['a title ended by BEL', '\x1b]0;title\x07$ ', '$ '],
    ['a title ended by ST', '\x1b]2;title\x1b\\$ ', '$ '],
    ['a device control string', '\x1bPq#0;2\x1b\\x', 'x'],
    ['a character set', '\x1b(Bx', 'x'],
    ['the 8-bit forms', '\u009b31mred\u009dtitle\u009cx', 'redx'],
    ['line ends of a terminal', 'a\r\nb\r\r\nc', 'a\nb\nc'],
    ['a progress bar', '10%\r20%\r\n', '10%\n20%\n'],
    ['an escape within a sequence', '\x1b[3\x1b[1mx', 'x'],
    ['other control characters', 'a\b\x07\x00\x7fb\tc', 'ab\tc'],
  ])('takes out %s', (_, given, wanted) => {
    expect(new PlainText().write(given)).toBe(wanted);
    const text = new PlainText();
    expect([...given].map((character) => text.write(character)).join('')).toBe(wanted);
  });

  it('never lets a control character through', () => {
    const all = Array.from({ length: 0x120 }, (_, code) => `${String.fromCharCode(code)}x`).join('');
    expect(new PlainText().write(all)).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  });
});
