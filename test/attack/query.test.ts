import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  json,
  openFrontDoor,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const encoded = (text: string): string => encodeURIComponent(text);

describe('a query with a second reading', () => {
  it.each([
    [
      'C011: a scalar twice',
      'POST /v1.41/images/alice%2Fx/tag?repo=alice/x&repo=bob/app',
      'query-duplicate',
      'repo',
    ],
    [
      'C011: a scalar twice, once empty',
      'POST /v1.41/images/x/tag?repo=&repo=bob/app',
      'query-duplicate',
      'repo',
    ],
    [
      'C011: a scalar twice, once encoded',
      'POST /v1.41/images/x/tag?repo=a&%72epo=bob/app',
      'query-duplicate',
      'repo',
    ],
    ['C011: a boolean twice', 'DELETE /v1.41/containers/x?force=0&force=1', 'query-duplicate', 'force'],
    [
      'C011: filters twice',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["a"]}')}&filters={}`,
      'query-duplicate',
      'filters',
    ],
    ['C013: an escape that is none', 'GET /v1.41/containers/json?all=%zz', 'query-encoding', 'all'],
    ['C013: half an escape', 'GET /v1.41/containers/json?all=%', 'query-encoding', 'all'],
    ['C013: an escape that is none in a name', 'GET /v1.41/containers/json?%zz=1', 'query-encoding', 'query'],
    ['C013: bytes that are not UTF-8', 'POST /v1.41/containers/x/rename?name=%ff', 'query-encoding', 'name'],
    ['C013: an overlong slash', 'POST /v1.41/containers/x/rename?name=%c0%af', 'query-encoding', 'name'],
    ['C013: a line feed', 'POST /v1.41/containers/x/rename?name=a%0Ab', 'query-control', 'name'],
    ['C013: NUL', 'POST /v1.41/containers/x/rename?name=a%00b', 'query-control', 'name'],
    [
      'C021: a name that Go matches to no field and others do',
      'GET /v1.41/containers/json?ALL=1',
      'query-unknown',
      'ALL',
    ],
    [
      'C021: a name with brackets',
      'GET /v1.41/containers/json?filters[label]=a',
      'query-unknown',
      'filters[label]',
    ],
    ['C021: a name nobody knows', 'GET /v1.41/containers/json?evil=1', 'query-unknown', 'evil'],
    ['C021: a parameter of another operation', 'GET /v1.41/info?filters={}', 'query-unknown', 'filters'],
    ['C023: a semicolon', 'GET /v1.41/networks/none?verbose=1;x', 'query-separator', 'query'],
    [
      'C023: a semicolon before a right',
      'POST /v1.41/swarm/update?version=1;rotateManagerToken=1',
      'query-separator',
      'query',
    ],
    ['C023: a number that is none', 'POST /v1.41/swarm/update?version=1e3', 'query-value', 'version'],
    [
      'C023: a number beyond 64 bits',
      'POST /v1.41/build?memory=9223372036854775808',
      'query-value',
      'memory',
    ],
    ['C023: a strict boolean that is none', 'GET /v1.41/networks/none?verbose=yes', 'query-value', 'verbose'],
    [
      'C017: filters with a key twice',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["a"],"label":[]}')}`,
      'query-value',
      'filters',
    ],
    [
      'C017: filters with a second document',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["a"]}{}')}`,
      'query-value',
      'filters',
    ],
    [
      'C017: filters in two shapes',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["a"],"name":{"b":true}}')}`,
      'query-value',
      'filters',
    ],
    ['C017: filters that are no object', 'GET /v1.41/containers/json?filters=[]', 'query-value', 'filters'],
    [
      'C017: filters with a lone surrogate',
      `GET /v1.41/containers/json?filters=${encoded('{"label":["\\ud800"]}')}`,
      'query-value',
      'filters',
    ],
    ['G017: a parameter that looks like /auth', 'GET /v1.41/info?x=/auth', 'query-unknown', 'x'],
  ])('%s is refused: %s', async (_id, line, reason, field) => {
    await expectRefused(door, http(line), { status: 400, reason, field });
  });

  it('C011: platform of a build twice, as an integer by its first and a string by its last value', async () => {
    await expectRefused(door, http('POST /v1.41/build?t=a&t=b&memory=1&memory=2'), {
      status: 400,
      reason: 'query-duplicate',
      message: 'the query parameter memory is given twice',
    });
  });
});

describe('a query with one reading is forwarded in its one spelling', () => {
  it.each([
    [
      'C011: every value of a list',
      'GET /v1.41/images/get?names=alice/a&names=bob/app',
      '/v1.41/images/get?names=alice%2Fa&names=bob%2Fapp',
    ],
    ['C015: off is true', 'DELETE /v1.41/volumes/x?force=off', '/v1.41/volumes/x?force=1'],
    ['C015: n is true', 'DELETE /v1.41/volumes/x?force=n', '/v1.41/volumes/x?force=1'],
    ['C015: disabled is true', 'DELETE /v1.41/volumes/x?force=disabled', '/v1.41/volumes/x?force=1'],
    ['C015: no is false', 'DELETE /v1.41/volumes/x?force=%20NO%20', '/v1.41/volumes/x?force=0'],
    ['C015: none is false', 'DELETE /v1.41/volumes/x?force=None', '/v1.41/volumes/x?force=0'],
    ['C015: empty is false', 'DELETE /v1.41/volumes/x?force=', '/v1.41/volumes/x?force=0'],
    ['C015: no value is false', 'DELETE /v1.41/volumes/x?force', '/v1.41/volumes/x?force=0'],
    [
      'C017: a false in filters counts',
      `GET /v1.41/volumes?filters=${encoded('{"label":{"gw.owner=alice":false}}')}`,
      `/v1.41/volumes?filters=${encoded('{"label":{"gw.owner=alice":true}}')}`,
    ],
    [
      'C017: filters as lists',
      `GET /v1.41/volumes?filters=${encoded('{ "label" : ["b","a","b"] }')}`,
      `/v1.41/volumes?filters=${encoded('{"label":{"a":true,"b":true}}')}`,
    ],
    ['C019: no filters at all', 'GET /v1.41/volumes?filters=null', '/v1.41/volumes'],
    ['C019: empty filters', 'GET /v1.41/volumes?filters={}', '/v1.41/volumes'],
    [
      'C019: a filter without values',
      `GET /v1.41/volumes?filters=${encoded('{"label":[]}')}`,
      `/v1.41/volumes?filters=${encoded('{"label":{}}')}`,
    ],
    [
      'C019: a filter of null',
      `GET /v1.41/volumes?filters=${encoded('{"label":null}')}`,
      `/v1.41/volumes?filters=${encoded('{"label":{}}')}`,
    ],
    [
      'G017: a value that ends in /auth',
      'GET /v1.41/containers/json?before=x/auth',
      '/v1.41/containers/json?before=x%2Fauth',
    ],
    ['an escaped letter in a name', 'GET /v1.41/containers/json?%61ll=1', '/v1.41/containers/json?all=1'],
    ['a plus sign', 'GET /v1.41/containers/json?before=a+b', '/v1.41/containers/json?before=a%20b'],
    [
      'the order of the catalogue',
      'GET /v1.41/containers/json?limit=+5&all=true'.replace('+5', '5'),
      '/v1.41/containers/json?all=1&limit=5',
    ],
    ['empty pairs', 'GET /v1.41/containers/json?&&all=1&', '/v1.41/containers/json?all=1'],
    [
      'what dockerode sends and no Engine reads',
      'GET /v1.41/containers/json?trunc_cmd=0&all=1',
      '/v1.41/containers/json?all=1',
    ],
    [
      'an int64 that JavaScript would round',
      'GET /v1.41/containers/json?limit=9007199254740993',
      '/v1.41/containers/json?limit=9007199254740993',
    ],
  ])('%s', async (_id, line, target) => {
    const method = line.slice(0, line.indexOf(' '));
    const pattern = new RegExp(
      `^${method} ${target.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} HTTP/1\\.1\r\n[^]*\r\n\r\n$`,
    );
    await expectForwarded(door, http(line), pattern);
  });
});

describe('registries and several targets', () => {
  it.each([
    [
      'C025: two images in one request',
      http('GET /v1.41/images/get?names=alice/a&names=bob/app'),
      'ImageGetAll',
      'image/docker.io/alice/a:latest',
    ],
    [
      'C027: search',
      http('GET /v1.41/images/search?term=10.0.0.1:5000/x'),
      'ImageSearch',
      'registry/10.0.0.1:5000',
    ],
    [
      'C027: distribution',
      http('GET /v1.41/distribution/10.0.0.1:5000/x/json'),
      'DistributionInspect',
      'registry/10.0.0.1:5000',
    ],
    [
      'C027: log-in',
      json('POST /v1.41/auth', '{"serveraddress":"http://10.0.0.1"}'),
      'SystemAuth',
      'registry',
    ],
  ])('%s is 403 for whom no grant names it', async (_id, request, operation, resource) => {
    const { record } = await expectRefused(
      door,
      request,
      {
        status: 403,
        reason: 'not-granted',
        operation,
        message: `viewer (role viewer) may not do ${operation} on ${resource}: no grant allows it`,
      },
      'viewer',
    );
    expect(record.resource).toBe(resource);
  });
});
