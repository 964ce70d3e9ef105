import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findOperation } from '../../src/docker/operations.ts';
import { encodeQuery, parseQuery } from '../../src/docker/query.ts';
import type { QueryParameter, QueryType } from '../../src/docker/types.ts';
import { refusalOf } from './refusing.ts';

const parameters = (types: Record<string, QueryType>): QueryParameter[] =>
  Object.entries(types).map(([name, type]) => ({ name, type }));

const SOME = parameters({
  name: 'text',
  tag: 'text',
  force: 'bool',
  stream: 'bool-on',
  verbose: 'strict-bool',
  t: 'int',
  names: 'list',
  buildargs: 'json',
  platform: 'struct',
  platforms: 'structs',
  filters: 'filters',
  Env: 'ignored',
});

const parse = (raw: string) => parseQuery(raw, SOME);
const rewrite = (raw: string) => encodeQuery(parse(raw), SOME);
const value = (type: QueryType, text: string) =>
  parseQuery(`x=${encodeURIComponent(text)}`, parameters({ x: type }))['x'];
const refused = (raw: string) => refusalOf(() => parse(raw));
const refusedValue = (type: QueryType, text: string) => refusalOf(() => value(type, text));
const invalid = (message: string) => ({ status: 400, reason: 'query-value', message, field: 'x' });

describe('a query', () => {
  it('is read into typed values in the order of the catalogue', () => {
    const query = parse('filters={"label":["a"]}&t=-1&force=true&name=web&names=b&names=a');
    expect(query).toEqual({ name: 'web', force: true, t: -1n, names: ['b', 'a'], filters: { label: ['a'] } });
    expect(Object.keys(query)).toEqual(['name', 'force', 't', 'names', 'filters']);
  });

  it('is written in one spelling, whatever the order and the spelling it came in', () => {
    const written = 'name=a%20b&force=1&t=7';
    expect(rewrite('t=007&force=yes&name=a+b')).toBe(written);
    expect(rewrite('n%61me=a%20b&t=7&force=%31')).toBe(written);
  });

  it('may be empty, and may hold empty pairs, which Go skips', () => {
    expect(parse('')).toEqual({});
    expect(parse('&&')).toEqual({});
    expect(rewrite('force=1&&t=2&')).toBe('force=1&t=2');
  });

  it('keeps an empty text, which is not the same as none', () => {
    expect(rewrite('tag=')).toBe('tag=');
    expect(rewrite('tag')).toBe('tag=');
  });

  it('splits a pair at its first equals sign', () => {
    expect(parse('name=a=b')).toEqual({ name: 'a=b' });
  });

  it('takes a plus sign for a space and an encoded one for itself', () => {
    expect(parse('name=a+b%2Bc')).toEqual({ name: 'a b+c' });
  });

  it('takes raw quotation marks and braces, as curl sends them', () => {
    expect(parse('filters={"status":["running"]}')).toEqual({ filters: { status: ['running'] } });
  });

  it('takes hexadecimal digits of either case', () => {
    expect(parse('name=%c3%A9')).toEqual({ name: 'é' });
  });

  it('leaves out what clients send and no Engine reads, however often and with whatever in it', () => {
    expect(rewrite('Env=A%0AB%00&Env=C&name=web')).toBe('name=web');
  });
});

describe('a query is refused', () => {
  const NOT_UTF8 = (subject: string) =>
    `${subject} is not UTF-8 with each percent sign followed by two hex digits`;

  it.each([
    ['%zz', 'name=%zz'],
    ['a lone percent sign', 'name=%'],
    ['half an escape', 'name=%a'],
    ['an overlong slash', 'name=%C0%AF'],
    ['a surrogate', 'name=%ED%A0%80'],
    ['a lone byte above ASCII', 'name=a%FF'],
  ])('for %s in a value, naming the parameter (C013)', (_, raw) => {
    expect(refused(raw)).toEqual({
      status: 400,
      reason: 'query-encoding',
      message: NOT_UTF8('the query parameter name'),
      field: 'name',
    });
  });

  it('for a malformed escape in a name (C013)', () => {
    expect(refused('%zz=1')).toEqual({
      status: 400,
      reason: 'query-encoding',
      message: NOT_UTF8('the query'),
      field: 'query',
    });
  });

  it.each(['name=a;tag=b', 'verbose=1;x', ';'])('for the semicolon in %s (C023)', (raw) => {
    expect(refused(raw)).toEqual({
      status: 400,
      reason: 'query-separator',
      message: 'the query holds a semicolon; separate parameters by & and encode it as %3B',
      field: 'query',
    });
  });

  it('not for an encoded semicolon', () => {
    expect(parse('name=a%3Bb')).toEqual({ name: 'a;b' });
  });

  it.each([
    ['a fragment', 'name=a#b'],
    ['a space', 'name=a b'],
    ['a raw character above ASCII', 'name=\u00e9'],
    ['a raw control character', 'name=\u0001'],
  ])('for %s', (_, raw) => {
    expect(refused(raw)).toEqual({
      status: 400,
      reason: 'query-encoding',
      message: 'the query holds a character that must be percent-encoded',
      field: 'query',
    });
  });

  it.each(['%00', '%0A', '%0D', '%09', '%1B', '%7F', '%C2%85', '%E2%80%A8', '%E2%80%A9'])(
    'for the control character %s in a value',
    (escaped) => {
      expect(refused(`name=a${escaped}b`)).toEqual({
        status: 400,
        reason: 'query-control',
        message: 'the query parameter name holds a control character',
        field: 'name',
      });
    },
  );

  it('for a control character in a name', () => {
    expect(refused('na%0Ame=1')).toMatchObject({ reason: 'query-control', field: 'query' });
  });

  it.each([
    ['nam=1', 'nam'],
    ['Name=1', 'Name'],
    ['_method=DELETE', '_method'],
    ['constructor=1', 'constructor'],
    ['__proto__=1', '__proto__'],
  ])('for the unknown parameter in %s, by its name (B029)', (raw, name) => {
    expect(refused(raw)).toEqual({
      status: 400,
      reason: 'query-unknown',
      message: `${JSON.stringify(name)} is not a query parameter of this operation`,
      field: name,
    });
  });

  it.each(['name%20=1', '=1', '%7B%22TOKEN%22:%22s3cret%22%7D', '%7Bs3cret=1'])(
    'for %s without repeating it: what is no name may be a value that lost its own',
    (raw) => {
      expect(refused(raw)).toEqual({
        status: 400,
        reason: 'query-unknown',
        message: 'what was sent is not a query parameter of this operation',
        field: 'query',
      });
    },
  );

  it('for an unknown parameter with a long name, of which the message has the beginning', () => {
    expect(refused(`${'x'.repeat(5_000)}=1`).message).toBe(
      `"${'x'.repeat(80)}..." is not a query parameter of this operation`,
    );
  });

  it.each(['name=a&name=b', 'name=a&name=a', 'force=1&force=0', 'filters=&filters={}', 'n%61me=a&name=b'])(
    'for a scalar given twice, as in %s (C011)',
    (raw) => {
      const field = raw.startsWith('f') ? (raw.startsWith('force') ? 'force' : 'filters') : 'name';
      expect(refused(raw)).toEqual({
        status: 400,
        reason: 'query-duplicate',
        message: `the query parameter ${field} is given twice`,
        field,
      });
    },
  );

  it('for a list of more than a thousand values', () => {
    const names = (count: number) => Array(count).fill('names=a').join('&');
    expect(parse(names(1_000))['names']).toHaveLength(1_000);
    expect(refused(names(1_001))).toEqual({
      status: 400,
      reason: 'query-value',
      message: 'the query parameter names is given more than 1000 times',
      field: 'names',
    });
  });
});

describe('booleans by the rule of the Engine', () => {
  it.each(['', '0', 'no', 'false', 'none', 'NO', 'False', 'NoNe', ' NO ', '\u00a0none\u3000'])(
    'take "%s" for false (C015)',
    (text) => {
      expect(value('bool', text)).toBe(false);
      expect(rewrite(`force=${encodeURIComponent(text)}`)).toBe('force=0');
    },
  );

  it.each([
    '1',
    'true',
    'yes',
    'off',
    'n',
    'f',
    'disabled',
    '00',
    '-0',
    'null',
    'nil',
    'no!',
    'n o',
    '\ufeffno',
    ' yes ',
    'ﬁ',
  ])('take "%s" for true (C015)', (text) => {
    expect(value('bool', text)).toBe(true);
    expect(rewrite(`force=${encodeURIComponent(text)}`)).toBe('force=1');
  });

  it('refuse an empty one where absent means true, for Engines disagree', () => {
    expect(refusedValue('bool-on', '')).toEqual(
      invalid('the query parameter x is empty, which Engines read differently; give 1 or 0'),
    );
    expect(value('bool-on', 'False')).toBe(false);
    expect(value('bool-on', 'off')).toBe(true);
  });
});

describe('booleans by the rule of strconv.ParseBool', () => {
  it.each(['1', 't', 'T', 'true', 'TRUE', 'True'])('take %s for true', (text) => {
    expect(value('strict-bool', text)).toBe(true);
  });

  it.each(['0', 'f', 'F', 'false', 'FALSE', 'False'])('take %s for false', (text) => {
    expect(value('strict-bool', text)).toBe(false);
  });

  it('take an empty one for absent', () => {
    expect(rewrite('verbose=')).toBe('');
  });

  it.each(['no', 'yes', 'none', 'off', 'tRUE', ' 1', '2', 'constructor'])('refuse "%s"', (text) => {
    expect(refusedValue('strict-bool', text)).toEqual(invalid('the query parameter x must be true or false'));
  });
});

describe('integers', () => {
  it.each([
    ['0', 0n],
    ['-1', -1n],
    ['007', 7n],
    ['-0', 0n],
    ['9223372036854775807', 9223372036854775807n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740993', 9007199254740993n],
  ])('take %s for %s, exactly', (text, number) => {
    expect(value('int', text)).toBe(number);
  });

  it('take an empty one for absent', () => {
    expect(rewrite('t=')).toBe('');
  });

  it.each(['1e3', '1.0', '0x10', '+1', ' 1', '1 ', '1_000', '--1', '-', '٣', 'NaN', 'null', '1'.repeat(33)])(
    'refuse "%s"',
    (text) => {
      expect(refusedValue('int', text)).toEqual(invalid('the query parameter x must be a decimal integer'));
    },
  );

  it.each(['9223372036854775808', '-9223372036854775809', '99999999999999999999'])(
    'refuse %s, which the Engine would take for 0 and so for no limit',
    (text) => {
      expect(refusedValue('int', text)).toEqual(invalid('the query parameter x does not fit 64 bits'));
    },
  );
});

describe('JSON in a query', () => {
  it('is written without spaces and with its numbers as they came', () => {
    expect(value('json', ' { "A" : "\\u0061\\n" , "n" : [ 9223372036854775807 , 1.0 , null ] } ')).toBe(
      '{"A":"a\\n","n":[9223372036854775807,1.0,null]}',
    );
  });

  it('takes null, which the docker CLI sends for nothing', () => {
    expect(value('json', 'null')).toBe('null');
  });

  it('takes an empty one for absent', () => {
    expect(rewrite('buildargs=&platform=')).toBe('');
  });

  it('keeps keys that differ in case apart where they are data', () => {
    expect(value('json', '{"HTTP_PROXY":"a","http_proxy":"b"}')).toBe('{"HTTP_PROXY":"a","http_proxy":"b"}');
  });

  it.each([
    ['{"os":"linux","OS":"windows"}', 'OS', 15],
    ['{"os":"linux","o\u017f":"windows"}', 'o\u017f', 15],
    ['[{"a":{"k":1,"\u212a":2}}]', '\u212a', 14],
  ])('refuses keys that Go would match to one field: %s (A003, A007)', (text, key, at) => {
    expect(refusedValue('struct', text)).toEqual(
      invalid(
        `the query parameter x is not valid: the key ${JSON.stringify(key)} is given twice at character ${at}`,
      ),
    );
    expect(refusedValue('structs', text).reason).toBe('query-value');
  });

  it('refuses a key given twice, escaped or not (A005)', () => {
    expect(refusedValue('json', '{"a":1,"\\u0061":2}')).toEqual(
      invalid('the query parameter x is not valid: the key "a" is given twice at character 8'),
    );
  });

  it('refuses an empty one in a list, which the Engine refuses too', () => {
    expect(refusedValue('structs', '')).toEqual(
      invalid('the query parameter x is not valid: a value was expected at character 1'),
    );
  });

  it('is read in each value of a list', () => {
    expect(parse('platforms={"os": "linux"}&platforms=null'.replaceAll(' ', '%20'))).toEqual({
      platforms: ['{"os":"linux"}', 'null'],
    });
  });
});

describe('filters in a query', () => {
  const filters = (text: string) => rewrite(`filters=${encodeURIComponent(text)}`);
  const written = (text: string) => `filters=${encodeURIComponent(text)}`;

  it('are written as one shape, whichever they came in', () => {
    const one = written('{"label":{"a=1":true,"b":true},"status":{"running":true}}');
    expect(filters('{"status":["running"],"label":["b","a=1","b"]}')).toBe(one);
    expect(filters('{"label":{"b":true,"a=1":true},"status":{"running":true}}')).toBe(one);
  });

  it('count a value marked false as listed (C017)', () => {
    expect(filters('{"label":{"gw.owner=alice":false}}')).toBe(written('{"label":{"gw.owner=alice":true}}'));
  });

  it.each(['', 'null', '{}', ' { } '])('are none when they are "%s" (C019)', (text) => {
    expect(filters(text)).toBe('');
  });

  it('keep keys without values, whose names the Engine checks (C019)', () => {
    expect(parse('filters={"label":[],"name":null}')).toEqual({ filters: { label: [], name: [] } });
    expect(filters('{"label":[]}')).toBe(written('{"label":{}}'));
  });

  it.each([
    ['[]', 'filters are an object of lists'],
    ['"a"', 'filters are an object of lists'],
    ['{"a":["b"],"c":{"d":true}}', 'filters are either all lists or all objects'],
    ['{"a":"b"}', 'the filter "a" is neither a list of strings nor an object of booleans'],
    ['{"a":{"b":1}}', 'the filter "a" is neither a list of strings nor an object of booleans'],
    ['{"a":{"b":true,"c":1}}', 'the filter "a" is neither a list of strings nor an object of booleans'],
    ['{"a":[1]}', 'the filter "a" lists something that is not a string'],
    ['{"a":["b"],"a":["c"]}', 'the key "a" is given twice at character 12'],
    ['{"a":{"b":true,"b":false}}', 'the key "b" is given twice at character 16'],
    ['{"a":["b"]}}', 'something follows the value at character 12'],
    ['a', 'a value was expected at character 1'],
  ])('are refused when they are %s', (text, message) => {
    expect(refusedValue('filters', text)).toEqual(invalid(`the query parameter x is not valid: ${message}`));
  });

  it('take a key of any name for data', () => {
    expect(Object.entries(value('filters', '{"__proto__":["a"]}') as object)).toEqual([['__proto__', ['a']]]);
  });
});

describe('what real clients send', () => {
  it.each([
    ['ContainerList', 'limit=-1&all=0&size=0&trunc_cmd=0', 'all=0&limit=-1&size=0'],
    ['ContainerCreate', 'Image=busybox&Cmd=echo&Cmd=a%0Ab&HostConfig=%7B%7D&name=web', 'name=web'],
    ['ContainerAttach', 'stream=true&stdin=true&stdout=true&hijack=true', 'stream=1&stdin=1&stdout=1'],
    [
      'ContainerLogs',
      'stderr=1&stdout=1&timestamps=0&follow=1&tail=all',
      'follow=1&stdout=1&stderr=1&timestamps=0&tail=all',
    ],
    ['ContainerStats', 'stream=False', 'stream=0'],
    ['ContainerDelete', 'v=False&link=False&force=True', 'v=0&force=1&link=0'],
    ['ContainerTop', 'ps_args=-o+pid%2Ccmd', 'ps_args=-o%20pid%2Ccmd'],
    ['ImageCreate', 'fromSrc=-&message=&repo=app&tag=', 'fromSrc=-&repo=app&tag=&message='],
    [
      'ImageCreate',
      'tag=latest&fromImage=docker.io%2Flibrary%2Falpine',
      'fromImage=docker.io%2Flibrary%2Falpine&tag=latest',
    ],
    ['ImageList', 'only_ids=0&all=0', 'all=0'],
    ['ImageTag', 'tag=1&repo=app&force=0', 'repo=app&tag=1'],
    [
      'ImageBuild',
      'buildargs=null&cachefrom=%5B%5D&labels=%7B%7D&rm=1&t=a&t=b&ulimits=null&version=2',
      't=a&t=b&cachefrom=%5B%5D&rm=1&buildargs=null&labels=%7B%7D&version=2&ulimits=null',
    ],
    ['BuildPrune', 'keep-storage=1024&all=1', 'all=1&keep-storage=1024'],
    ['NetworkInspect', 'verbose=True&scope=swarm', 'verbose=1&scope=swarm'],
    [
      'SwarmUpdate',
      'rotateWorkerToken=False&rotateManagerToken=true&version=12',
      'version=12&rotateWorkerToken=0&rotateManagerToken=1',
    ],
    ['VolumeCreate', 'Name=db&Labels=%7B%7D', ''],
  ])('to %s is taken: %s', (id, raw, written) => {
    const operation = findOperation(id);
    if (operation === undefined) throw new Error(`no operation ${id}`);
    expect(encodeQuery(parseQuery(raw, operation.query), operation.query)).toBe(written);
  });
});

describe('queries of all sorts', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '1',
      '0',
      'no',
      '-7',
      '{"a":["b"]}',
      '{"a":{"b":true}}',
      'null',
      '[]',
      '',
      '%',
      ';',
      '\n',
    ),
    fc.json(),
  );
  const raw = fc
    .array(fc.tuple(fc.constantFrom(...SOME.map(({ name }) => name), 'nope'), value), { maxLength: 5 })
    .map((pairs) => pairs.map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join('&'));

  it('are read back as they were written', () => {
    let taken = 0;
    fc.assert(
      fc.property(raw, (text) => {
        let query: ReturnType<typeof parse>;
        try {
          query = parse(text);
        } catch {
          return;
        }
        taken += 1;
        const written = encodeQuery(query, SOME);
        expect(parse(written)).toEqual(query);
        expect(rewrite(written)).toBe(written);
      }),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});

describe('line breaks', () => {
  const parse = (id: string, raw: string) => parseQuery(raw, findOperation(id)?.query ?? []);

  it('are taken where people write text, and between the words of JSON', () => {
    expect(parse('ImageCommit', 'comment=a%0Ab%09c&changes=ENV%20A=1%0A')).toEqual({
      comment: 'a\nb\tc',
      changes: ['ENV A=1\n'],
    });
    expect(parse('ContainerList', 'filters=%7B%0A%22label%22%3A%5B%22a%22%5D%7D')).toEqual({
      filters: { label: ['a'] },
    });
  });

  it('are refused where a name is meant, and other control characters everywhere', () => {
    for (const [id, raw] of [
      ['ImageCommit', 'repo=a%0Ab'],
      ['ContainerCreate', 'name=a%0Ab'],
      ['ImageCommit', 'comment=a%00b'],
      ['ImageCommit', 'comment=a%1Bb'],
      ['ImageCommit', 'comment=a%E2%80%A8b'],
    ] as const) {
      expect(() => parse(id, raw)).toThrow(expect.objectContaining({ reason: 'query-control', status: 400 }));
    }
  });
});
