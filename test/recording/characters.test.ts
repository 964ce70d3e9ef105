import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CharacterJoiner, type Characters } from '../../src/recording/characters.ts';

function write(chunks: readonly Buffer[]): Characters[] {
  const joiner = new CharacterJoiner();
  return [...chunks.map((chunk) => joiner.write(chunk)), joiner.end()].filter((each) => each !== undefined);
}

describe('CharacterJoiner', () => {
  it('joins a character that is cut anywhere', () => {
    const bytes = Buffer.from('aé€😀z');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      const read = write([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(read.map(({ text }) => text).join('')).toBe('aé€😀z');
      expect(read.every(({ exact }) => exact)).toBe(true);
    }
  });

  it('keeps back nothing but the beginning of a character', () => {
    const joiner = new CharacterJoiner();
    expect(joiner.write(Buffer.from([0x61, 0xf0, 0x9f]))?.text).toBe('a');
    expect(joiner.write(Buffer.from([0x98]))).toBeUndefined();
    expect(joiner.write(Buffer.from([0x80, 0x62]))?.text).toBe('😀b');
  });

  it.each([
    ['a byte of no character', [0x61, 0xff, 0x62]],
    ['a continuation alone', [0x80]],
    ['an overlong form', [0xc0, 0x80]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a beginning that never ends', [0xe2, 0x82]],
  ])('keeps the bytes of %s', (_, bytes) => {
    const read = write([Buffer.from(bytes)]);
    expect(Buffer.concat(read.map((each) => each.bytes))).toEqual(Buffer.from(bytes));
    expect(read.some(({ exact }) => !exact)).toBe(true);
  });

  it('leaves out and adds no byte, and says exactly when the text is not the bytes', () => {
    const chunk = fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes));
    const text = fc.string({ unit: 'grapheme' }).map((each) => Buffer.from(each));
    fc.assert(
      fc.property(fc.array(fc.oneof(chunk, text)), (chunks) => {
        const read = write(chunks);
        expect(Buffer.concat(read.map(({ bytes }) => bytes))).toEqual(Buffer.concat(chunks));
        for (const { bytes, text: shown, exact } of read) {
          expect(Buffer.from(shown).equals(bytes)).toBe(exact);
        }
      }),
    );
  });
});
