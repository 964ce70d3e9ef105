import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checked,
  editElements,
  editMembers,
  elementsOf,
  memberOf,
  membersOf,
  writeList,
  writeObject,
} from '../../../src/tenancy/view/raw-json.ts';
import { REAL } from './sight.ts';

/** A JSON text with spaces at random places between its tokens. */
const spaced = (text: fc.Arbitrary<unknown>) =>
  fc
    .tuple(text, fc.constantFrom(undefined, 1, '\t', ' \r\n'))
    .map(([value, space]) => JSON.stringify(value, null, space as string));

const list = fc.array(fc.jsonValue());
const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());

describe('cutting JSON', () => {
  it('loses no element of any list', () => {
    fc.assert(
      fc.property(spaced(list), (text) => {
        expect(elementsOf(text).map((raw) => JSON.parse(raw))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('loses no member of any object', () => {
    fc.assert(
      fc.property(spaced(object), (text) => {
        const members = membersOf(text).map(({ key, raw }) => [key, JSON.parse(raw)] as const);
        expect(members).toEqual(Object.entries(JSON.parse(text)).sort(byPlaceIn(members)));
      }),
    );
  });

  it('and joining gives what JSON.stringify wrote, byte for byte', () => {
    fc.assert(
      fc.property(list, (value) => {
        const text = JSON.stringify(value);
        expect(writeList(elementsOf(text))).toBe(text);
      }),
    );
    fc.assert(
      fc.property(object, (value) => {
        const text = JSON.stringify(value);
        expect(writeObject(membersOf(text))).toBe(text);
      }),
    );
  });

  it('keeps numbers that JavaScript would round, and escapes that it would write otherwise', () => {
    const text = '{"a\\u003c":[12345678901234567890,1.0,1e400,"\\u003c\\/\\ud800"],"b":-0}';
    expect(editMembers(text, new Map())).toBe(text);
    expect(memberOf(text, 'a<')).toBe('[12345678901234567890,1.0,1e400,"\\u003c\\/\\ud800"]');
    expect(editElements('[1e400,-0]', (raw) => raw)).toBe('[1e400,-0]');
  });

  it.each(Object.entries(REAL).filter(([name]) => name !== 'SystemEvents'))(
    'and joining the real reply of %s gives the same bytes',
    (_name, body) => {
      const text = body.trimEnd();
      expect(text.startsWith('[') ? writeList(elementsOf(text)) : writeObject(membersOf(text))).toBe(text);
    },
  );

  it('takes null for nothing in it', () => {
    expect(elementsOf(' null ')).toEqual([]);
    expect(membersOf('null\n')).toEqual([]);
    expect(editMembers('null', new Map([['a', () => '1']]))).toBe('null');
  });

  it.each([
    '',
    '[',
    '[1',
    '[1,]',
    '[,1]',
    '[1]x',
    '[1 2]',
    '["a]',
    '["a\\"]',
    '[{]',
    '1',
    '{}',
    '[1}',
    '[[1}',
    '"[]"',
  ])('refuses %j as a list, or a piece of it is refused', (text) => {
    expect(() => elementsOf(text).map((raw) => JSON.parse(raw))).toThrow();
  });

  it.each([
    '',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1,}',
    '{a:1}',
    '{"a":1}x',
    '{"a" 1}',
    '[]',
    '{"a":1 "b":2}',
  ])('refuses %j as an object', (text) => {
    expect(() => membersOf(text)).toThrow();
  });

  it('refuses an object that has a key twice, however it is written', () => {
    expect(() => membersOf('{"a":1,"\\u0061":2}')).toThrow('twice');
  });

  it('refuses every text that JSON.parse refuses, when its pieces are parsed', () => {
    fc.assert(
      fc.property(
        spaced(list),
        fc.nat(),
        fc.constantFrom('', '"', '[', '}', ',', '\\', 'x'),
        (text, at, put) => {
          const place = at % text.length;
          const broken = text.slice(0, place) + put + text.slice(place + 1);
          const valid = isJson(broken) && broken.trim().startsWith('[');
          const read = () => elementsOf(broken).map((raw) => JSON.parse(raw));
          if (valid) expect(read()).toEqual(JSON.parse(broken));
          else if (broken.trim() !== 'null') expect(read).toThrow();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives a text back that is JSON, and throws at one that is not', () => {
    expect(checked('{"a":1}\n')).toBe('{"a":1}\n');
    expect(() => checked('{"a":1')).toThrow(SyntaxError);
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** JavaScript moves keys that look like numbers to the front. */
function byPlaceIn(members: readonly (readonly [string, unknown])[]) {
  const place = new Map(members.map(([key], index) => [key, index] as const));
  return ([a]: [string, unknown], [b]: [string, unknown]) => (place.get(a) ?? 0) - (place.get(b) ?? 0);
}
