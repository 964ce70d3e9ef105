import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { parseRequest, withQuery } from '../../src/docker/request.ts';
import type { Operation, QueryType } from '../../src/docker/types.ts';
import { CEILING, FLOOR } from '../../src/docker/versions.ts';
import { Refusal } from '../../src/errors.ts';
import { refusalOf } from './refusing.ts';

const versions = { floor: FLOOR, ceiling: CEILING, engine: 41 };
const parse = (method: string, target: string) => parseRequest({ method, target }, versions);

describe('a request line', () => {
  it('is understood as one operation in one version with typed parameters', () => {
    const request = parse('GET', '/v1.41/containers/web/json?size=true');
    expect(request).toEqual({
      operation: OPERATIONS.find(({ id }) => id === 'ContainerInspect'),
      version: 41,
      versionGiven: true,
      params: { id: 'web' },
      query: { size: true },
      target: '/v1.41/containers/web/json?size=1',
    });
  });

  it('with another query is the same request, with a target that says so', () => {
    const request = parse('GET', '/v1.41/images/a%2Fb/json?platform={}');
    expect(withQuery(request, { manifests: true })).toEqual({
      ...request,
      query: { manifests: true },
      target: '/v1.41/images/a/b/json?manifests=1',
    });
    expect(withQuery(request, {}).target).toBe('/v1.41/images/a/b/json');
  });

  it('without a version is judged and forwarded as the version of the Engine', () => {
    expect(parse('GET', '/containers/json')).toMatchObject({
      version: 41,
      versionGiven: false,
      target: '/v1.41/containers/json',
    });
  });

  it('without a version is not judged as one above the ceiling', () => {
    const line = { method: 'GET', target: '/info' };
    expect(parseRequest(line, { floor: 24, ceiling: 44, engine: 55 })).toMatchObject({
      version: 44,
      target: '/v1.44/info',
    });
  });

  it('without a version is refused when the Engine is older than the floor', () => {
    const line = { method: 'GET', target: '/info' };
    expect(refusalOf(() => parseRequest(line, { floor: 44, ceiling: 56, engine: 41 }))).toMatchObject({
      status: 403,
      reason: 'version-below-floor',
    });
  });

  it('to a debug page stays without a version', () => {
    expect(parse('GET', '/debug/pprof/heap?debug=1')).toMatchObject({
      version: 41,
      target: '/debug/pprof/heap?debug=1',
    });
  });

  it('is forwarded in one spelling of its names', () => {
    expect(parse('GET', '/v1.41/images/reg.io%3A5000%2Fbob%2Fapp%3A1/json').target).toBe(
      '/v1.41/images/reg.io:5000/bob/app:1/json',
    );
    expect(parse('GET', '/v1.41/images/app%40sha256:ab/history').target).toBe(
      '/v1.41/images/app@sha256:ab/history',
    );
    expect(parse('DELETE', '/v1.41/volumes/a%20b?').target).toBe('/v1.41/volumes/a%20b');
  });

  it('with a version out of range is refused before its path is looked at', () => {
    expect(refusalOf(() => parse('GET', '/v1.12/nope')).reason).toBe('version-below-floor');
    expect(refusalOf(() => parse('GET', '/v1.99/nope')).reason).toBe('version-above-ceiling');
  });

  it('with an unknown method is refused before anything else', () => {
    expect(refusalOf(() => parse('OPTIONS', '*'))).toMatchObject({
      status: 403,
      reason: 'unknown-operation',
    });
    expect(refusalOf(() => parse('OPTIONS', '/v1.41/info'))).toMatchObject({
      status: 403,
      reason: 'unknown-operation',
    });
  });

  it('to an operation that came later or went is refused with the version', () => {
    expect(refusalOf(() => parse('PUT', '/v1.41/volumes/db?version=1'))).toEqual({
      status: 404,
      reason: 'operation-not-in-version',
      message: 'VolumeUpdate came with API version 1.42; this request is of version 1.41',
      field: 'version',
    });
    expect(refusalOf(() => parse('GET', '/v1.25/plugins/sshfs'))).toEqual({
      status: 404,
      reason: 'operation-not-in-version',
      message: 'PluginInspectLegacy was removed in API version 1.25; this request is of version 1.25',
      field: 'version',
    });
  });
});

/** A value of each type, and how it is forwarded. */
const SAMPLES: Record<QueryType, [sent: string, forwarded: string]> = {
  text: ['a+b', 'a%20b'],
  bool: ['off', '1'],
  'bool-on': ['no', '0'],
  'strict-bool': ['True', '1'],
  int: ['-08', '-8'],
  list: ['x', 'x'],
  json: ['%7B%20%22a%22:1%7D', '%7B%22a%22%3A1%7D'],
  struct: ['%5B%20%5D', '%5B%5D'],
  structs: ['%7B%20%7D', '%7B%7D'],
  filters: ['%7B%22a%22:[%22b%22]%7D', '%7B%22a%22%3A%7B%22b%22%3Atrue%7D%7D'],
  ignored: ['anything', ''],
};

const PARAMS: Record<string, string> = { id: 'one', name: 'two', checkpoint: 'three' };
const pathOf = ({ path }: Operation) => path.replace(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? '');
const prefix = ({ versioned }: Operation, version: number) => (versioned ? `/v1.${version}` : '');
const inRange = (minor: number) => minor >= FLOOR && minor <= CEILING;

describe.each(OPERATIONS.map((operation) => [operation.id, operation] as const))('%s', (id, operation) => {
  const at = (version: number, query = '') => ({
    line: { method: operation.method, target: `${prefix(operation, version)}${pathOf(operation)}${query}` },
    versions: { ...versions, engine: version },
  });
  const first = Math.max(operation.since, FLOOR);
  const last = (operation.removed ?? CEILING + 1) - 1;

  it('is understood from its first version to its last, and not outside them', () => {
    for (const version of [first, last]) {
      const { line, versions } = at(version);
      const request = parseRequest(line, versions);
      expect([request.operation.id, request.version, request.target]).toEqual([id, version, line.target]);
      expect(Object.keys(request.params).map((name) => request.params[name] === PARAMS[name])).not.toContain(
        false,
      );
    }
    for (const version of [first - 1, last + 1].filter(inRange)) {
      const { line, versions } = at(version);
      expect(refusalOf(() => parseRequest(line, versions))).toMatchObject({
        status: 404,
        reason: 'operation-not-in-version',
      });
    }
  });

  it('takes each of its query parameters and forwards them in one spelling', () => {
    const sent = operation.query.map(({ name, type }) => `${name}=${SAMPLES[type][0]}`).toReversed();
    const forwarded = operation.query
      .filter(({ type }) => type !== 'ignored')
      .map(({ name, type }) => `${name}=${SAMPLES[type][1]}`)
      .join('&');
    const { line, versions } = at(last, `?${sent.join('&')}`);
    const bare = at(last).line.target;
    expect(parseRequest(line, versions).target).toBe(forwarded === '' ? bare : `${bare}?${forwarded}`);
  });

  it('refuses a parameter that it does not have, and one given twice that it reads once', () => {
    const unknown = at(last, '?nope=1');
    expect(refusalOf(() => parseRequest(unknown.line, unknown.versions))).toMatchObject({
      reason: 'query-unknown',
      field: 'nope',
    });
    for (const { name, type } of operation.query) {
      const twice = at(last, `?${name}=${SAMPLES[type][0]}&${name}=${SAMPLES[type][0]}`);
      const parsing = () => parseRequest(twice.line, twice.versions);
      if (['list', 'structs', 'ignored'].includes(type)) expect(parsing).not.toThrow();
      else expect(refusalOf(parsing)).toMatchObject({ reason: 'query-duplicate', field: name });
    }
  });
});

describe('request lines of all sorts', () => {
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE');
  const word = fc.oneof(
    fc.constantFrom(
      'containers',
      'images',
      'volumes',
      'plugins',
      'json',
      'get',
      'exec',
      'start',
      'archive',
      'tag',
    ),
    fc.constantFrom(
      '..',
      '.',
      '',
      '%2F',
      '%2f',
      '%2E',
      '%2e',
      '%252e',
      '%5C',
      '%00',
      'a%2Fb',
      'a:1',
      'a@b',
      'é',
      '%C3%A9',
    ),
    fc.string({ unit: 'grapheme', maxLength: 6 }).map((text) => encodeURIComponent(text)),
    fc.string({ maxLength: 4 }),
  );
  const query = fc.oneof(
    fc.constant(''),
    fc.constantFrom(
      '?',
      '?all=1',
      '?filters={}',
      '?force=off',
      '?name=a//b%2e',
      '?tag=%252e%252f',
      '?t=1&t=2',
      '?#',
    ),
    fc.string({ maxLength: 12 }).map((text) => `?${text}`),
  );
  const shaped = fc
    .tuple(
      fc.constantFrom('', '/v1.41', '/v1.24', '/v1.56', '/v1', '//'),
      fc.array(word, { maxLength: 5 }),
      query,
    )
    .map(([version, words, rest]) => `${version}/${words.join('/')}${rest}`);
  const known = fc
    .tuple(fc.constantFrom(...OPERATIONS), word, fc.constantFrom('/v1.41', '/v1.48', ''), query)
    .map(([{ method, path }, name, version, rest]) => ({
      method,
      target: `${version}${path.replace(/\{\w+\}/g, () => name)}${rest}`,
    }));
  const bytes = fc.uint8Array({ maxLength: 40 }).map((octets) => String.fromCharCode(...octets));
  const line = fc.oneof(
    known,
    fc.record({ method, target: shaped }),
    fc.record({
      method: fc.string({ maxLength: 5 }),
      target: fc.oneof(
        bytes,
        bytes.map((text) => `/v1.41/${text}`),
      ),
    }),
  );

  it('are either refused or have a target that is read back as the same request', () => {
    let accepted = 0;
    fc.assert(
      fc.property(line, ({ method, target }) => {
        let request: ReturnType<typeof parse>;
        try {
          request = parse(method, target);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
          return;
        }
        accepted += 1;
        const again = parse(method, request.target);
        expect({ ...again, versionGiven: request.versionGiven }).toEqual(request);

        const [path = '', ...rest] = request.target.split('?');
        expect(rest.length).toBeLessThan(2);
        expect(path).toMatch(request.operation.versioned ? /^\/v1\.[0-9]+\/[^/]/ : /^\/debug\/[^/]/);
        expect(path).not.toMatch(/\/\/|\/\.{1,2}(\/|$)|\/$|\\|%2[DEF]|%5C|%7F|%[01]|%[0-9A-F]?[a-f]/);
        expect(request.target).toMatch(/^[!-~]+$/);
        expect(request.target).not.toMatch(/[#;\\"<>^`{|}]/);
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(1_000);
  });
});
