import { describe, expect, it } from 'vitest';
import { DerError, readMembers, readObjectIdentifier, readValues } from '../../src/identity/der.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const oid = (hex: string) => readObjectIdentifier(readValues(bytes(hex))[0]);

describe('readValues', () => {
  it('reads values that follow one another', () => {
    const values = readValues(bytes('0c0161020105'));
    expect(values.map(({ tag, content }) => [tag, Buffer.from(content).toString('hex')])).toEqual([
      [0x0c, '61'],
      [0x02, '05'],
    ]);
  });

  it('reads a length of two octets', () => {
    const [value] = readValues(Buffer.concat([bytes('04820100'), Buffer.alloc(256)]));
    expect(value?.content.length).toBe(256);
    expect(value?.encoding.length).toBe(260);
  });

  it.each([
    ['a tag without a length', '30'],
    ['content cut short', '3003020105'.slice(0, -2)],
    ['an indefinite length', '30800000'],
    ['a long length that fits the short form', '04810161'],
    ['a length with a leading zero', `048200ff${'00'.repeat(255)}`],
    ['a length of four octets', '048401000000'],
    ['a tag number above 30', '1f2000'],
    ['bytes after the last value', '02010500'],
  ])('refuses %s', (_, hex) => {
    expect(() => readValues(bytes(hex))).toThrow(DerError);
  });
});

describe('what anybody may send', () => {
  it('is not read without end: neither many values nor a long object identifier', () => {
    const nulls = (count: number) => Buffer.concat(Array.from({ length: count }, () => bytes('0500')));
    expect(readValues(nulls(4_096))).toHaveLength(4_096);
    expect(() => readValues(nulls(4_097))).toThrow('more than 4096 values');
    const arcs = (length: number) => ({ tag: 0x06, content: Buffer.alloc(length, 1), encoding: bytes('') });
    expect(readObjectIdentifier(arcs(64))).toMatch(/^0\.1/);
    expect(() => readObjectIdentifier(arcs(65))).toThrow('more than 64 bytes');
  });
});

describe('readMembers', () => {
  it('refuses another tag than the one that belongs there, and a missing value', () => {
    expect(() => readMembers(readValues(bytes('3100'))[0], 0x30)).toThrow('expected tag 0x30');
    expect(() => readMembers(undefined, 0x30)).toThrow('expected tag 0x30');
  });
});

describe('readObjectIdentifier', () => {
  it.each([
    ['0603550403', '2.5.4.3'],
    ['0608' + '2b06010505070302', '1.3.6.1.5.5.7.3.2'],
    ['060a0992268993f22c640119', '0.9.2342.19200300.100.1.25'],
    ['0603883703', '2.999.3'],
  ])('reads %s as %s', (hex, dotted) => {
    expect(oid(hex)).toBe(dotted);
  });

  it.each([
    ['an empty one', '0600'],
    ['an arc cut short', '06025588'],
    ['a padded arc', '0603558003'],
    ['another type', '0c0161'],
  ])('refuses %s', (_, hex) => {
    expect(() => oid(hex)).toThrow(DerError);
  });
});
