import { describe, expect, it } from 'vitest';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import {
  array,
  bool,
  empty,
  field,
  float,
  ignored,
  int64,
  json,
  map,
  string,
  strings,
  struct,
  uint16,
} from '../../../src/docker/body/types.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { parseJson } from '../../../src/docker/strict-json.ts';
import { refusalOf } from '../refusing.ts';

const Inner = struct('Inner', {
  Binds: field(array(string), 'binds'),
  Kernel: field(bool, 'a letter that U+212A folds to'),
});
const Body = struct(
  'Body',
  {
    Name: field(string, 'a name'),
    Tty: field(bool, 'a flag'),
    Memory: field(int64, 'bytes'),
    Port: field(uint16, 'a port'),
    Ratio: field(float, 'a number'),
    Cmd: field(strings, 'words'),
    Labels: field(map(string), 'labels'),
    Volumes: field(map(empty), 'paths'),
    Ports: field(map(array(string)), 'ports'),
    Inner: field(Inner, 'a struct'),
    Items: field(array(Inner), 'structs'),
    Free: field(json, 'anything'),
    hijack: field(ignored, 'of a client'),
    Newer: field(string, 'of 1.42', { since: 42 }),
    Older: field(string, 'until 1.40', { removed: 41 }),
    Keys: field(string, 'spelled otherwise by a client', { alias: 'keys' }),
  },
  new Map([['Kernel', 'it belongs in Inner']]),
);

const read = (text: string, version = 41) => readBodyAs(Body, parseJson(text), version);
const rewrite = (text: string, version = 41) => writeBody(Body, read(text, version).value);
const refused = (text: string, version = 41) => refusalOf(() => read(text, version));

describe('a body', () => {
  it('is written anew in the order of its description, without spaces', () => {
    expect(rewrite(' { "Tty" : true , "Name" : "a\\u0062" } ')).toBe('{"Name":"ab","Tty":true}');
  });

  it('keeps every digit of an integer and of a number', () => {
    expect(rewrite('{"Memory":9223372036854775807,"Ratio":1.10e2}')).toBe(
      '{"Memory":9223372036854775807,"Ratio":1.10e2}',
    );
  });

  it('takes a bare string where the Engine takes one for an array (A017)', () => {
    expect(rewrite('{"Cmd":"ls -l"}')).toBe('{"Cmd":["ls -l"]}');
    expect(rewrite('{"Cmd":""}')).toBe('{"Cmd":[""]}');
    expect(rewrite('{"Cmd":[]}')).toBe('{"Cmd":[]}');
  });

  it('leaves out null, which Go does not read', () => {
    expect(rewrite('{"Name":null,"Cmd":null,"Inner":null,"Labels":null}')).toBe('{}');
  });

  it('makes null in a map the zero of its type', () => {
    expect(rewrite('{"Labels":{"a":null},"Volumes":{"/x":null},"Ports":{"80/tcp":null}}')).toBe(
      '{"Labels":{"a":""},"Volumes":{"/x":{}},"Ports":{"80/tcp":[]}}',
    );
  });

  it('has no fields when it is null, as the docker CLI sends it to ImageCommit', () => {
    expect(rewrite('null')).toBe('{}');
  });

  it('takes the spelling that a known client uses, and writes the one of the API', () => {
    expect(rewrite('{"keys":"a"}')).toBe('{"Keys":"a"}');
    expect(read('{"keys":"a"}').unknown).toEqual([]);
    expect(rewrite('{"keys":null}')).toBe('{}');
  });

  it('takes no third spelling, nor two at once', () => {
    expect(refused('{"KEYS":"a"}').reason).toBe('body-field-case');
    expect(refused('{"keys":"a","Keys":"a"}').reason).toBe('body-field-duplicate');
    expect(refused('{"keys":null,"Keys":"a"}').reason).toBe('body-field-duplicate');
  });

  it('says of the type of a field in another spelling how the API spells it', () => {
    expect(refused('{"keys":1}').field).toBe('Keys');
  });

  it('keeps zero values of fields it knows', () => {
    const text = '{"Name":"","Tty":false,"Memory":0,"Cmd":[],"Labels":{},"Inner":{"Binds":[]}}';
    expect(rewrite(text)).toBe(text);
  });

  it('keeps keys of a map that are names of objects in JavaScript (A027)', () => {
    const text = '{"Labels":{"__proto__":"a","constructor":"b","toString":"c"}}';
    expect(rewrite(text)).toBe(text);
  });

  it('keeps keys of a map that differ in case apart', () => {
    expect(rewrite('{"Labels":{"a":"1","A":"2"}}')).toBe('{"Labels":{"a":"1","A":"2"}}');
  });

  it('keeps free JSON as it is', () => {
    expect(rewrite('{"Free":{"a":[1.0,null,{"b":{}}]}}')).toBe('{"Free":{"a":[1.0,null,{"b":{}}]}}');
  });

  it('drops what known clients send and no Engine reads', () => {
    expect(read('{"hijack":{"a":1}}')).toEqual({ value: Object.create(null), unknown: [], hints: {} });
    expect(rewrite('{"hijack":true,"Name":"a"}')).toBe('{"Name":"a"}');
  });
});

describe('a field that no description names', () => {
  it('says where it belongs, if the description knows', () => {
    expect(read('{"Kernel":true,"New":1}').hints).toEqual({ Kernel: 'it belongs in Inner' });
  });

  it('has no hint when it carries nothing, nor by a name that every object has', () => {
    expect(read('{"Kernel":false,"constructor":1}').hints).toEqual({});
  });

  it('says which versions know it', () => {
    expect(read('{"Newer":"a","Older":"a"}').hints).toEqual({
      Newer: 'it needs API 1.42 or newer',
      Older: 'no API from 1.41 on has it',
    });
  });

  it.each(['null', 'false', '0', '-0', '0.0', '""', '[]', '{}'])('is dropped when it is %s', (zero) => {
    expect(read(`{"New":${zero},"Inner":{"New":${zero}}}`).unknown).toEqual([]);
    expect(rewrite(`{"New":${zero}}`)).toBe('{}');
  });

  it.each(['true', '1', '0.1', '"a"', '[0]', '[null]', '{"a":null}', '1e-400'])(
    'is told of by its path when it is %s (A031)',
    (value) => {
      expect(read(`{"New":${value}}`).unknown).toEqual(['New']);
      expect(read(`{"Items":[{},{"a b":${value}}]}`).unknown).toEqual(['Items[1]."a b"']);
    },
  );

  it('is named by no more than a line can show', () => {
    expect(read(`{"${'x'.repeat(5_000)}":1}`).unknown).toEqual([`"${'x'.repeat(80)}..."`]);
  });

  it('is told of when it is named like what every object has (A027)', () => {
    expect(read('{"constructor":{"prototype":1},"__proto__":{"Tty":true}}').unknown).toEqual([
      'constructor',
      '__proto__',
    ]);
    expect(read('{"__proto__":{"Tty":true}}').value.Tty).toBeUndefined();
  });

  it('is found nowhere else than in the body: an object that was read has no members but its own', () => {
    const { value } = read('{"Name":"x"}') as { value: Record<string, unknown> };
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect([name, name in value, value[name]]).toEqual([name, false, undefined]);
    }
    const { value: other } = read('{"Name":"y"}') as { value: Record<string, unknown> };
    expect(Object.isFrozen(Object.getPrototypeOf(other))).toBe(true);
  });

  it('is written as it came, after the known ones', () => {
    expect(rewrite('{"New":{"b":1.0,"a":null},"Name":"x"}')).toBe('{"Name":"x","New":{"b":1.0,"a":null}}');
  });

  it('is one that the version of the request does not have', () => {
    expect(read('{"Newer":"a","Older":"b"}', 41).unknown).toEqual(['Newer', 'Older']);
    expect(read('{"Newer":"a"}', 42).unknown).toEqual([]);
    expect(read('{"Older":"b"}', 40).unknown).toEqual([]);
    expect(rewrite('{"Newer":"a"}', 41)).toBe('{"Newer":"a"}');
  });

  it('is no field where an empty object is meant', () => {
    expect(read('{"Volumes":{"/x":{"y":1}}}').unknown).toEqual(['Volumes["/x"].y']);
  });
});

describe('a refusal', () => {
  it.each([
    ['{"name":"a"}', 'body-field-case', 'name', 'the body field name must be written Name'],
    ['{"Inner":{"binds":[]}}', 'body-field-case', 'Inner.binds', 'must be written Inner.Binds'],
    ['{"Inner":{"Bind\u017f":[]}}', 'body-field-case', 'Inner."Bind\u017f"', 'must be written Inner.Binds'],
    ['{"Inner":{"\u212aernel":true}}', 'body-field-case', 'Inner."\u212aernel"', 'written Inner.Kernel'],
    ['{"name":null}', 'body-field-case', 'name', 'written Name'],
    ['{"HIJACK":1}', 'body-field-case', 'HIJACK', 'written hijack'],
    ['{"Name":"a","NAME":"b"}', 'body-field-duplicate', 'NAME', 'the body gives NAME twice'],
    ['{"New":1,"neW":2}', 'body-field-duplicate', 'neW', 'the body gives neW twice'],
    ['{"New\u017f":0,"NewS":0}', 'body-field-duplicate', 'NewS', 'the body gives NewS twice'],
    ['[]', 'body-field-type', undefined, 'the body must be an object, not an array'],
    ['{"Name":1}', 'body-field-type', 'Name', 'the body field Name must be a string, not this number'],
    ['{"Tty":"true"}', 'body-field-type', 'Tty', 'must be true or false, not a string'],
    ['{"Tty":1}', 'body-field-type', 'Tty', 'must be true or false, not this number'],
    ['{"Memory":"1"}', 'body-field-type', 'Memory', 'must be an integer, not a string'],
    ['{"Memory":1e8}', 'body-field-type', 'Memory', 'must be an integer, not this number'],
    ['{"Memory":1.0}', 'body-field-type', 'Memory', 'must be an integer, not this number'],
    [
      '{"Memory":9223372036854775808}',
      'body-field-type',
      'Memory',
      'an integer from -9223372036854775808 to',
    ],
    ['{"Memory":-9223372036854775809}', 'body-field-type', 'Memory', 'an integer from'],
    ['{"Port":-1}', 'body-field-type', 'Port', 'must be an integer from 0 to 65535'],
    ['{"Port":65536}', 'body-field-type', 'Port', 'must be an integer from 0 to 65535'],
    ['{"Ratio":"1"}', 'body-field-type', 'Ratio', 'must be a number, not a string'],
    ['{"Cmd":{}}', 'body-field-type', 'Cmd', 'must be a string or an array of strings, not an object'],
    ['{"Cmd":["a",1]}', 'body-field-type', 'Cmd[1]', 'must be a string, not this number'],
    ['{"Cmd":[null]}', 'body-field-type', 'Cmd[0]', 'must be a value, not null'],
    ['{"Items":[null]}', 'body-field-type', 'Items[0]', 'must be a value, not null'],
    ['{"Labels":[]}', 'body-field-type', 'Labels', 'must be an object, not an array'],
    ['{"Labels":{"a":true}}', 'body-field-type', 'Labels["a"]', 'must be a string, not a boolean'],
    ['{"Inner":"x"}', 'body-field-type', 'Inner', 'must be an object, not a string'],
  ])('of %s names the field', (text, reason, path, sentence) => {
    const refusal = refused(text);
    expect(refusal).toMatchObject({ status: 400, reason });
    expect(refusal.field).toBe(path);
    expect(refusal.message).toContain(sentence);
  });
});
