import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeName, parseTarget } from '../../src/docker/path.ts';
import { Refusal } from '../../src/errors.ts';
import { refusalOf } from './refusing.ts';

const names = (target: string) => parseTarget(target).segments.map(({ text }) => text);

describe('a request target in its one spelling', () => {
  it('is taken apart into version, decoded names and undecoded query', () => {
    expect(parseTarget('/v1.41/containers/a%20b/json?size=%31')).toEqual({
      version: 41,
      segments: [
        { text: 'containers', encodedSlash: false },
        { text: 'a b', encodedSlash: false },
        { text: 'json', encodedSlash: false },
      ],
      query: 'size=%31',
    });
  });

  it('has no version when it names none', () => {
    expect(parseTarget('/_ping')).toEqual({
      version: null,
      segments: [{ text: '_ping', encodedSlash: false }],
      query: '',
    });
  });

  it('takes words that begin with v for words', () => {
    expect(parseTarget('/version').version).toBeNull();
    expect(parseTarget('/volumes/v1').version).toBeNull();
    expect(parseTarget('/volumes/v1.41').version).toBeNull();
  });

  it('may end in a bare question mark', () => {
    expect(parseTarget('/info?').query).toBe('');
  });

  it('cuts at the first question mark only', () => {
    expect(parseTarget('/info?a=?b').query).toBe('a=?b');
  });

  it('keeps colons, at signs and the other characters of a path as they are', () => {
    expect(names("/images/reg.io:5000/app@sha256:ab!$&'()*+,;=~/json")).toEqual([
      'images',
      'reg.io:5000',
      "app@sha256:ab!$&'()*+,;=~",
      'json',
    ]);
  });

  it('takes reserved characters encoded too, as docker-py sends them', () => {
    expect(names('/images/app%40sha256%3Aab/json')).toEqual(['images', 'app@sha256:ab', 'json']);
  });

  it('tells where a slash came encoded', () => {
    expect(parseTarget('/images/bob%2Fapp/json').segments).toEqual([
      { text: 'images', encodedSlash: false },
      { text: 'bob', encodedSlash: false },
      { text: 'app', encodedSlash: true },
      { text: 'json', encodedSlash: false },
    ]);
  });

  it('decodes names of any script', () => {
    expect(names('/volumes/%C3%A9%E2%82%AC%F0%9F%90%B3')).toEqual(['volumes', 'é€🐳']);
  });

  it('does not drop a byte order mark from a name', () => {
    expect(names('/volumes/%EF%BB%BFdb')).toEqual(['volumes', '\ufeffdb']);
  });

  it('decodes once only', () => {
    expect(names('/volumes/%252E%252E')).toEqual(['volumes', '%2E%2E']);
  });
});

const NO_SCHEME = 'the request target must be a path that starts with a slash, without scheme or host';
const FRAGMENT = 'a fragment (#) has no place in a request target';
const EMPTY = 'the path holds an empty part: no double slash and no slash at the end';
const DOTS = 'the path holds a dot segment';
const RAW = 'the path holds a character that must be percent-encoded as UTF-8';
const PERCENT = 'a percent sign in the path must be followed by two digits or capitals A to F';
const UNRESERVED = 'letters, digits and - . _ ~ must not be percent-encoded in the path';
const UTF8 = 'the path is not UTF-8 once it is decoded';
const CONTROL = 'the path holds an encoded control character';
const RAW_CONTROL = 'the path holds a control character';
const BACKSLASH = 'the path holds a backslash';
const VERSION = 'the API version in the path must have the form v1.N, as in /v1.41/info';

const REFUSED: [title: string, target: string, reason: string, message: string, field?: string][] = [
  ['an empty target', '', 'path-form', NO_SCHEME],
  ['the asterisk form', '*', 'path-form', NO_SCHEME],
  ['a target without a slash', 'v1.41/info', 'path-form', NO_SCHEME],
  ['the absolute form', 'http://docker/v1.41/info', 'path-form', NO_SCHEME],
  ['the authority form', 'docker:2375', 'path-form', NO_SCHEME],
  ['a fragment (B009)', '/v1.41/containers/json#/../../info', 'path-form', FRAGMENT],
  ['a double slash at the start (B007)', '//v1.41/containers/json', 'path-segments', EMPTY],
  ['a double slash within (B007)', '/v1.41//containers/json', 'path-segments', EMPTY],
  ['a slash at the end (B025)', '/v1.41/networks/', 'path-segments', EMPTY],
  ['the bare slash', '/', 'path-segments', EMPTY],
  ['a version and a slash', '/v1.41/', 'path-segments', EMPTY],
  ['an encoded slash at the start of a name', '/images/%2Fetc/json', 'path-segments', EMPTY],
  ['an encoded slash at the end of a name', '/images/etc%2F/json', 'path-segments', EMPTY],
  ['a double encoded slash', '/images/a%2F%2Fb/json', 'path-segments', EMPTY],
  ['a dot segment (B005)', '/v1.41/containers/./json', 'path-segments', DOTS],
  ['a double dot segment (B005)', '/v1.41/containers/x/../bobc/json', 'path-segments', DOTS],
  ['a double dot behind an encoded slash', '/images/a%2F..%2Fb/json', 'path-segments', DOTS],
  [
    'an encoded double dot segment (B005)',
    '/v1.41/containers/alicec/%2E%2E/bobc/json',
    'path-encoding',
    UNRESERVED,
  ],
  [
    'an encoded double dot in lower case (B005)',
    '/v1.41/containers/alicec/%2e%2e/bobc/json',
    'path-encoding',
    PERCENT,
  ],
  ['a half encoded double dot', '/v1.41/containers/.%2E/json', 'path-encoding', UNRESERVED],
  ['an encoded letter', '/%63ontainers/json', 'path-encoding', UNRESERVED],
  ['an encoded digit', '/volumes/%31', 'path-encoding', UNRESERVED],
  ['an encoded tilde', '/volumes/%7E', 'path-encoding', UNRESERVED],
  ['an encoded underscore', '/volumes/%5F', 'path-encoding', UNRESERVED],
  ['an encoded hyphen', '/volumes/%2D', 'path-encoding', UNRESERVED],
  ['an encoded letter of a version', '/%761.41/info', 'path-encoding', UNRESERVED],
  ['lower-case hexadecimal digits', '/images/a%3ab/json', 'path-encoding', PERCENT],
  ['an encoded slash in lower case', '/images/a%2fb/json', 'path-encoding', PERCENT],
  ['a percent sign and no digits', '/volumes/%zz', 'path-encoding', PERCENT],
  ['a percent sign at the end', '/volumes/a%', 'path-encoding', PERCENT],
  ['half an escape', '/volumes/a%2', 'path-encoding', PERCENT],
  ['an overlong slash', '/volumes/%C0%AF', 'path-encoding', UTF8],
  ['a surrogate', '/volumes/%ED%A0%80', 'path-encoding', UTF8],
  ['a lone byte above ASCII', '/volumes/%FF', 'path-encoding', UTF8],
  ['a character beyond U+10FFFF', '/volumes/%F4%90%80%80', 'path-encoding', UTF8],
  ['a raw character above ASCII', '/volumes/\u00e9', 'path-encoding', RAW],
  ['a raw space', '/volumes/a b', 'path-encoding', RAW],
  ['a raw quotation mark', '/volumes/"', 'path-encoding', RAW],
  ['raw brackets', '/volumes/[a]', 'path-encoding', RAW],
  ['raw braces', '/volumes/{a}', 'path-encoding', RAW],
  ['a raw angle bracket', '/volumes/<a>', 'path-encoding', RAW],
  ['a raw caret', '/volumes/^', 'path-encoding', RAW],
  ['a raw bar', '/volumes/|', 'path-encoding', RAW],
  ['a raw backtick', '/volumes/`', 'path-encoding', RAW],
  ['a raw backslash', '/v1.41\\containers\\json', 'path-backslash', BACKSLASH],
  ['an encoded backslash', '/volumes/a%5Cb', 'path-backslash', BACKSLASH],
  ['an encoded backslash in lower case', '/volumes/a%5cb', 'path-backslash', BACKSLASH],
  ['a raw line feed', '/volumes/a\nb', 'path-control', RAW_CONTROL],
  ['a raw NUL', '/volumes/\0', 'path-control', RAW_CONTROL],
  ['an encoded line feed (B023)', '/v1.41/containers/x%0Ay/json', 'path-control', CONTROL],
  ['an encoded carriage return (B023)', '/v1.41/containers/x%0D/json', 'path-control', CONTROL],
  ['an encoded line separator (B023)', '/v1.41/containers/x%E2%80%A8y/json', 'path-control', CONTROL],
  ['an encoded paragraph separator', '/volumes/x%E2%80%A9y', 'path-control', CONTROL],
  ['an encoded NUL', '/volumes/%00', 'path-control', CONTROL],
  ['an encoded DEL', '/volumes/%7F', 'path-control', CONTROL],
  ['an encoded C1 control', '/volumes/%C2%85', 'path-control', CONTROL],
  ['the version 1 (B011)', '/v1/info', 'version-malformed', VERSION, 'version'],
  ['a dot before the version (B011)', '/v.1.41/info', 'version-malformed', VERSION, 'version'],
  ['two dots in the version (B011)', '/v1..41/info', 'version-malformed', VERSION, 'version'],
  ['another major version (B011)', '/v9.99/info', 'version-malformed', VERSION, 'version'],
  ['a version of four parts', '/v1.41.0.0/info', 'version-malformed', VERSION, 'version'],
  ['a version of three parts', '/v1.41.0/info', 'version-malformed', VERSION, 'version'],
  ['a zero before the major version', '/v01.41/info', 'version-malformed', VERSION, 'version'],
  ['a zero before the minor version', '/v1.041/info', 'version-malformed', VERSION, 'version'],
  ['a capital V', '/V1.41/info', 'version-malformed', VERSION, 'version'],
  ['a version with a suffix', '/v1.41-rc/info', 'version-malformed', VERSION, 'version'],
  ['a version of four digits', '/v1.1000/info', 'version-malformed', VERSION, 'version'],
  [
    'an encoded slash after the version (B003)',
    '/v1.41%2Fcontainers%2Fcreate',
    'version-malformed',
    VERSION,
    'version',
  ],
];

describe('a request target in another spelling', () => {
  it.each(REFUSED)('is refused: %s', (_, target, reason, message, field = 'path') => {
    expect(refusalOf(() => parseTarget(target))).toEqual({ status: 400, reason, message, field });
  });

  it('is refused when it is longer than 65536 bytes, and taken when it is not', () => {
    const target = (length: number) => '/info?'.padEnd(length, 'x');
    expect(parseTarget(target(65_536)).query).toHaveLength(65_530);
    expect(refusalOf(() => parseTarget(target(65_537)))).toEqual({
      status: 400,
      reason: 'target-too-long',
      message: 'the request target is longer than 65536 bytes',
      field: 'path',
    });
  });

  it('is refused when its names are longer than 4096 bytes together, and taken when they are not', () => {
    const target = (bytes: number) => `/volumes/${'%C3%A9'.repeat((bytes - 'volumes//'.length) / 2)}`;
    expect(names(target(4_095))).toHaveLength(2);
    expect(names(`/volumes/${'x'.repeat(4_096 - 'volumes//'.length)}`)).toHaveLength(2);
    expect(refusalOf(() => parseTarget(target(4_097)))).toEqual({
      status: 400,
      reason: 'path-name-too-long',
      message: 'the names in the path are longer than 4096 bytes',
      field: 'path',
    });
  });

  it('is refused for every control character, encoded', () => {
    for (let code = 0; code < 0xa0; code++) {
      if (code >= 0x20 && code < 0x7f) continue;
      const target = `/volumes/${encodeURIComponent(String.fromCharCode(code))}`;
      expect(refusalOf(() => parseTarget(target)).reason).toBe('path-control');
    }
  });

  it('is refused for every unreserved character, encoded', () => {
    for (const c of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~') {
      const target = `/volumes/%${c.charCodeAt(0).toString(16).toUpperCase()}`;
      expect(refusalOf(() => parseTarget(target)).message).toBe(UNRESERVED);
    }
  });
});

describe('names in a path', () => {
  it('are encoded but for unreserved characters, slashes, colons and at signs', () => {
    expect(encodeName('reg.io:5000/a b@sha256:é%/?#&+')).toBe(
      'reg.io:5000/a%20b@sha256:%C3%A9%25/%3F%23%26%2B',
    );
  });

  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
        let read: string[];
        try {
          read = names(`/images/${encodeName(name)}/json`);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        expect(read.slice(1, -1).join('/')).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });
});
