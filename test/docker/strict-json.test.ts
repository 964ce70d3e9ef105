import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeJson, JsonError, JsonNumber, parseJson } from '../../src/docker/strict-json.ts';

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
    ['"\\ud800"', 'a string holds half of a surrogate pair'],
    ['"\\udc00\\ud800"', 'a string holds half of a surrogate pair'],
    ['{"a":1,"a":1}', 'the key "a" is given twice'],
    ['['.repeat(70) + ']'.repeat(70), 'it is nested deeper than 64 levels'],
  ])('refuses %s', (text, message) => {
    expect(() => parseJson(text)).toThrow(new JsonError(message));
  });

  it('takes a whole surrogate pair', () => {
    expect(parseJson('"\\ud83d\\udc33"')).toBe('🐳');
  });

  it('takes a long string without running out of stack', () => {
    expect(parseJson(`"${'a\\n'.repeat(1_000_000)}"`)).toHaveLength(2_000_000);
  });

  it('refuses keys of one object that differ in case only where they are field names', () => {
    expect(() => parseJson('{"Binds":[],"Bind\u017f":[]}', { fieldNames: true })).toThrow(
      new JsonError('the key "Bind\u017f" is given twice'),
    );
    expect(parseJson('{"a":{"X":1},"b":{"x":1}}', { fieldNames: true })).toBeInstanceOf(Map);
  });
});
