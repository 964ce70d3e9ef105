import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeJson,
  JsonError,
  JsonNumber,
  parseJson,
  parseJsonBytes,
} from '../../src/docker/strict-json.ts';

function refusal(act: () => unknown): JsonError {
  try {
    act();
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('strict JSON', () => {
  it('takes and writes whatever JavaScript writes', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const plain = JSON.parse(text);
        expect(JSON.parse(encodeJson(parseJson(text)))).toEqual(plain);
      }),
    );
  });

  it('takes nothing that JavaScript refuses', () => {
    const near = fc.array(fc.constantFrom(...'{}[],:"\\/aentrufls0123-+.eE \n\t\u0000'), { maxLength: 12 });
    fc.assert(
      fc.property(near, (parts) => {
        const text = parts.join('');
        let taken = true;
        try {
          parseJson(text);
        } catch (error) {
          expect(error).toBeInstanceOf(JsonError);
          taken = false;
        }
        if (taken) JSON.parse(text);
      }),
      { numRuns: 5_000 },
    );
  });

  it('keeps numbers as they are written', () => {
    expect(parseJson('1e0')).toEqual(new JsonNumber('1e0'));
    expect(encodeJson(parseJson('[9223372036854775807,-0,1E+2]'))).toBe('[9223372036854775807,-0,1E+2]');
  });

  it('keeps members in their order, integer-like keys too', () => {
    expect(encodeJson(parseJson('{"b":1,"2":2,"1":3}'))).toBe('{"b":1,"2":2,"1":3}');
  });

  it('writes every control character and line separator as an escape', () => {
    expect(encodeJson('a\u0000\u001f\u007f\u0085\u2028\u2029é')).toBe(
      '"a\\u0000\\u001f\\u007f\\u0085\\u2028\\u2029é"',
    );
  });

  it.each([
    ['', 'a value was expected at character 1'],
    ['{} {}', 'something follows the value at character 4'],
    ['{"a":1}]', 'something follows the value at character 8'],
    ['{"a":1,}', 'a string was expected at character 8'],
    ['{a:1}', 'a string was expected at character 2'],
    ['{1:2}', 'a string was expected at character 2'],
    ['{"a" 1}', '":" was expected at character 6'],
    ['{"a":1', '"," or "}" was expected at character 7'],
    ['[1,]', 'a value was expected at character 4'],
    ['[1 2]', '"," or "]" was expected at character 4'],
    ['01', 'something follows the value at character 2'],
    ['"a\nb"', 'a string was expected at character 1'],
    ['"\\x"', 'a string was expected at character 1'],
    ["'a'", 'a value was expected at character 1'],
    ['NaN', 'a value was expected at character 1'],
    ['\ufeff{}', 'a value was expected at character 1'],
    ['\u00a0{}', 'a value was expected at character 1'],
    ['"\\ud800"', 'a string holds half of a surrogate pair at character 1'],
    ['"\\udc00\\ud800"', 'a string holds half of a surrogate pair at character 1'],
    ['{"a":1,"a":1}', 'the key "a" is given twice at character 8'],
    ['"a', 'a string was expected at character 1'],
    ['"a\\"', 'a string was expected at character 1'],
  ])('refuses %s', (text, message) => {
    expect(refusal(() => parseJson(text)).message).toBe(message);
  });

  it('takes 64 levels and refuses one more', () => {
    expect(parseJson('['.repeat(65) + ']'.repeat(65))).toBeInstanceOf(Array);
    const { message } = refusal(() => parseJson('['.repeat(66) + ']'.repeat(66)));
    expect(message).toBe('it is nested deeper than 64 levels at character 66');
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}0${'}'.repeat(levels)}`;
    expect(parseJson(objects(64))).toBeInstanceOf(Map);
    expect(refusal(() => parseJson(objects(65))).message).toContain('it is nested deeper than 64 levels');
  });

  it('takes any white space of JSON between tokens', () => {
    const space = ' \t\n\r ';
    const text = ['', '{', '"a"', ':', '[', '1', ',', 'null', ']', '}', ''].join(space);
    expect(encodeJson(parseJson(text))).toBe('{"a":[1,null]}');
  });

  it('is refused with an error that says so', () => {
    expect(String(refusal(() => parseJson('')))).toBe('JsonError: a value was expected at character 1');
  });

  it('takes 32768 values and refuses one more, in whatever they stand', () => {
    const list = (length: number, item: string) => `[${Array(length).fill(item).join(',')}]`;
    expect(parseJson(list(32_767, '0'))).toHaveLength(32_767);
    expect(parseJson(list(16_383, '[0]'))).toHaveLength(16_383);
    expect(refusal(() => parseJson(list(32_768, '0'))).message).toContain('it holds more than 32768 values');
    expect(refusal(() => parseJson(list(16_384, '[0]'))).message).toContain(
      'it holds more than 32768 values',
    );
  });

  it.each([
    ['{"HostConfig":{"Binds":["a",{"b" 1}]}}', 'HostConfig.Binds[1]'],
    ['{"a b":{"x":tru}}', '"a b".x'],
    ['{"x":1,"x":1}', ''],
    ['[0,[1,x]]', '[1][1]'],
  ])('says where in %s the fault is', (text, path) => {
    expect(refusal(() => parseJson(text)).path).toBe(path);
  });

  it('takes a whole surrogate pair', () => {
    expect(parseJson('"\\ud83d\\udc33"')).toBe('🐳');
  });

  it('takes a long string without running out of stack', () => {
    expect(parseJson(`"${'a\\n'.repeat(1_000_000)}"`)).toHaveLength(2_000_000);
  });

  it('refuses keys of one object that differ in case only where they are field names', () => {
    const { message } = refusal(() => parseJson('{"Binds":[],"Bind\u017f":[]}', { fieldNames: true }));
    expect(message).toBe('the key "Bind\u017f" is given twice at character 13');
    expect(() => parseJson('{"Links":1,"lin\u212as":1}', { fieldNames: true })).toThrow('is given twice');
    expect(parseJson('{"a":{"X":1},"b":{"x":1}}', { fieldNames: true })).toBeInstanceOf(Map);
  });

  it('holds no keys for the same that Go tells apart', () => {
    // In capitals they would be equal: Go folds each letter by itself, and the dotless i into none.
    const text = '{"Binds":1,"B\u0131nds":1,"\u00df":1,"ss":1}';
    expect(parseJson(text, { fieldNames: true })).toHaveProperty('size', 4);
  });
});

describe('the bytes of a body', () => {
  const bytes = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from([part]))));

  it('are read as UTF-8', () => {
    expect(parseJsonBytes(bytes('{"a":"é🐳"}'))).toEqual(new Map([['a', 'é🐳']]));
  });

  it.each([
    [bytes('{"a":"a', 0xff, '"}'), 'it is not UTF-8 at byte 8'],
    [bytes('{"a', 0xc0, 0xaf, '":1}'), 'it is not UTF-8 at byte 4'],
    [bytes('"', 0xed, 0xa0, 0x80, '"'), 'it is not UTF-8 at byte 3'],
    [bytes('"', 0xf0, 0x9f, 0x90), 'it is not UTF-8 at byte 5'],
    [Buffer.from('{"a":1}', 'utf16le'), 'a string was expected at character 2'],
    [bytes(0xff, 0xfe), 'it is not UTF-8 at byte 1'],
    [bytes(0xef, 0xbb, 0xbf, '{}'), 'a byte order mark stands at byte 1'],
    [bytes('{}', 0), 'something follows the value at character 3'],
    [bytes(''), 'a value was expected at character 1'],
  ])('are refused where they are not one JSON text: %s', (body, message) => {
    expect(refusal(() => parseJsonBytes(body))).toMatchObject({ message, path: '' });
  });
});
