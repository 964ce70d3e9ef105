import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  json,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const refused: readonly [id: string, line: string, status: number, reason: string][] = [
  [
    'B001: an encoded slash hides the operation (400, the table says 404)',
    'GET /v1.41/containers%2Fbobc%2Fjson',
    400,
    'path-encoding',
  ],
  ['B001: the same with one of the slashes', 'GET /v1.41/containers/bobc%2Fjson', 400, 'path-encoding'],
  ['B001: an encoded slash in a container name', 'POST /v1.41/containers/a%2Fb/start', 400, 'path-encoding'],
  [
    'B003: the version hides behind an encoded slash (400, the table judges it)',
    'POST /v1.41%2Fcontainers%2Fcreate',
    400,
    'version-malformed',
  ],
  ['B003: an encoded letter in the version', 'GET /%761.41/info', 400, 'path-encoding'],
  ['B003: an encoded letter in the path', 'GET /v1.41/%69nfo', 400, 'path-encoding'],
  [
    'B003: double encoding stays a name with a percent sign and so is no endpoint',
    'GET /v1.41/inf%256F',
    404,
    'unknown-endpoint',
  ],
  ['B005: encoded dot segments', 'GET /v1.41/containers/alicec/%2e%2e/bobc/json', 400, 'path-encoding'],
  [
    'B005: encoded dot segments in capitals',
    'GET /v1.41/containers/alicec/%2E%2E/bobc/json',
    400,
    'path-encoding',
  ],
  ['B005: dot segments', 'GET /v1.41/containers/x/../bobc/json', 400, 'path-segments'],
  ['B005: a single dot', 'GET /v1.41/containers/./json', 400, 'path-segments'],
  ['B005: dot segments before the version', 'GET /../v1.41/info', 400, 'path-segments'],
  ['B005: a dot segment at the end', 'GET /v1.41/containers/json/..', 400, 'path-segments'],
  ['B005: dot segments behind an encoded slash', 'GET /v1.41/images/a%2F..%2Fb/json', 400, 'path-segments'],
  ['B007: two slashes at the front', 'GET //v1.41/containers/json', 400, 'path-segments'],
  ['B007: two slashes inside', 'GET /v1.41//containers/json', 400, 'path-segments'],
  ['B007: two slashes and a host', 'GET //evil.example/v1.41/info', 400, 'path-segments'],
  ['B009: a fragment', 'GET /v1.41/containers/json#/../../info', 400, 'path-form'],
  ['B009: a fragment behind the query', 'GET /v1.41/containers/json?all=1#x', 400, 'query-encoding'],
  ['B011: no minor', 'GET /v1/info', 400, 'version-malformed'],
  ['B011: a dot first', 'GET /v.1.41/info', 400, 'version-malformed'],
  ['B011: two dots', 'GET /v1..41/info', 400, 'version-malformed'],
  ['B011: another major', 'GET /v9.99/info', 400, 'version-malformed'],
  ['B011: leading zeros', 'GET /v01.041/info', 400, 'version-malformed'],
  ['B011: a leading zero in the minor', 'GET /v1.041/info', 400, 'version-malformed'],
  ['B011: a third number', 'GET /v1.41.0/info', 400, 'version-malformed'],
  ['B011: more numbers', 'GET /v1.24.9.9/info', 400, 'version-malformed'],
  ['B011: a capital', 'GET /V1.41/info', 400, 'version-malformed'],
  ['B011: a minor that wraps at 2^32', 'GET /v1.4294967337/info', 400, 'version-malformed'],
  ['B011: a version twice', 'GET /v1.41/v1.41/info', 404, 'unknown-endpoint'],
  ['B011: newer than the ceiling', 'GET /v1.57/info', 400, 'version-above-ceiling'],
  ['B013: a version whose defaults were others', 'POST /v1.12/containers/create', 403, 'version-below-floor'],
  [
    'B013: the version at which start takes a HostConfig',
    'POST /v1.23/containers/alicec/start',
    403,
    'version-below-floor',
  ],
  ['B023: a line feed in a name', 'GET /v1.41/containers/x%0Ay/json', 400, 'path-control'],
  ['B023: a carriage return in a name', 'GET /v1.41/containers/x%0Dy/json', 400, 'path-control'],
  ['B023: U+2028 in a name', 'GET /v1.41/containers/x%E2%80%A8y/json', 400, 'path-control'],
  ['B023: NUL in a name', 'GET /v1.41/containers/x%00y/json', 400, 'path-control'],
  ['B023: DEL in a name', 'GET /v1.41/containers/x%7Fy/json', 400, 'path-control'],
  ['B023: a C1 control in a name', 'GET /v1.41/containers/x%C2%85y/json', 400, 'path-control'],
  ['B023: an overlong slash', 'GET /v1.41/containers/x%C0%AFy/json', 400, 'path-encoding'],
  ['B023: a lone surrogate', 'GET /v1.41/containers/x%ED%A0%80y/json', 400, 'path-encoding'],
  ['B023: a byte that is not UTF-8', 'GET /v1.41/containers/x%FFy/json', 400, 'path-encoding'],
  ['B023: half an escape', 'GET /v1.41/containers/x%4/json', 400, 'path-encoding'],
  ['B023: a percent sign alone', 'GET /v1.41/containers/x%/json', 400, 'path-encoding'],
  ['B023: an encoded backslash', 'GET /v1.41/containers/x%5Cy/json', 400, 'path-backslash'],
  ['B023: a backslash', 'GET /v1.41\\containers\\json', 400, 'path-backslash'],
  [
    'B023: semicolon parameters are part of a name and so no endpoint',
    'GET /v1.41/info;x=1',
    404,
    'unknown-endpoint',
  ],
  [
    'B025: a slash at the end (400, the table lists the networks)',
    'GET /v1.41/networks/',
    400,
    'path-segments',
  ],
  ['B025: a slash at the end of another path', 'GET /v1.41/containers/json/', 400, 'path-segments'],
  ['B025: no path at all', 'GET /', 400, 'path-segments'],
  ['B025: nothing behind the version', 'GET /v1.41/', 400, 'path-segments'],
  [
    'B031: an unknown path (404 in the words of the Engine, the table says 403)',
    'GET /metrics',
    404,
    'unknown-endpoint',
  ],
  [
    'B031: an unknown path that fits a name with slashes by another method',
    'GET /v1.41/containers/x/secrets',
    403,
    'unknown-operation',
  ],
  ['B031: an unknown path below a known one', 'GET /v1.41/volumes/x/secrets', 404, 'unknown-endpoint'],
  ['B031: another case', 'GET /v1.41/Info', 404, 'unknown-endpoint'],
  [
    'B031: a path below the version that lives without one only',
    'GET /v1.41/debug/vars',
    404,
    'unknown-endpoint',
  ],
];

describe('a path with a second reading', () => {
  it.each(refused)('%s is refused: %s', async (_id, line, status, reason) => {
    await expectRefused(door, http(line), { status, reason, operation: null });
  });

  it('B023: bytes that are not ASCII are refused', async () => {
    const bytes = Buffer.from(http('GET /v1.41/containers/\xff\xfe/json'), 'latin1');
    await expectRefused(door, bytes, { status: 400, reason: 'http-malformed', principal: null });
  });

  it('B009: a target in absolute form is refused, and its record keeps no password', async () => {
    const { record } = await expectRefused(door, http('GET http://alice:hunter2@docker/v1.41/info'), {
      status: 400,
      reason: 'path-form',
    });
    expect(record.request.target).toBe('http://[redacted]@docker/v1.41/info');
  });

  it('B009: a target that is an asterisk is refused', async () => {
    await expectRefused(door, http('GET *'), { status: 400, reason: 'path-form', field: 'path' });
  });

  it.each(['GET v1.41/info', 'GET docker:2376', 'GET ?all=1', 'GET '])(
    'B009: a target in no form that HTTP knows is refused: %s',
    async (line) => {
      await expectRefused(door, http(line), { status: 400, reason: 'http-malformed', principal: null });
    },
  );
});

describe('a path with one reading', () => {
  it.each([
    [
      'B019: what stands last decides',
      'POST /v1.41/containers/alicec/json/exec',
      'ContainerExec',
      'container/-/alicec/json',
    ],
    [
      'B021: slashes in the name of an image',
      'GET /v1.41/images/bob/app/json',
      'ImageInspect',
      'image/docker.io/bob/app:latest',
    ],
    [
      'B021: a registry, a port and a tag',
      'GET /v1.41/images/reg.io:5000/bob/app:1/json',
      'ImageInspect',
      'image/reg.io:5000/bob/app:1',
    ],
    [
      'B021: an image called like an operation',
      'GET /v1.41/images/json/json',
      'ImageInspect',
      'image/docker.io/library/json:latest',
    ],
    [
      'G017: a path that ends in /auth',
      'GET /v1.41/images/bob/auth/json',
      'ImageInspect',
      'image/docker.io/bob/auth:latest',
    ],
    [
      'G017: a container called auth',
      'GET /v1.41/containers/auth/json',
      'ContainerInspect',
      'container/-/auth',
    ],
    [
      'a name that looks like a version',
      'GET /v1.41/containers/v1.24/json',
      'ContainerInspect',
      'container/-/v1.24',
    ],
  ])('%s: judged and forwarded as %s', async (_id, line, operation, resource) => {
    const body = operation === 'ContainerExec' ? '{"Cmd":["id"]}' : '';
    const sent = body === '' ? http(line) : json(line, body);
    const forwarded =
      body === ''
        ? plainly(line)
        : plainly(line, 'content-type: application/json', `content-length: ${body.length}`, '', body);
    const { records } = await expectForwarded(door, sent, forwarded);
    expect(records[0]).toMatchObject({ request: { operation }, resource });
  });

  it.each([
    [
      'B021: an encoded slash in the name of an image',
      '/v1.41/images/bob%2Fapp/json',
      '/v1.41/images/bob/app/json',
    ],
    ['B021: an encoded colon', '/v1.41/images/app%3A1/json', '/v1.41/images/app:1/json'],
    ['an encoded space', '/v1.41/volumes/a%20b', '/v1.41/volumes/a%20b'],
    ['letters beyond ASCII', '/v1.41/volumes/%C3%A9', '/v1.41/volumes/%C3%A9'],
    ['a percent sign of its own', '/v1.41/volumes/100%25', '/v1.41/volumes/100%25'],
    ['sub-delimiters', "/v1.41/volumes/a+b,c=d&e!f'(g)*", "/v1.41/volumes/a%2Bb%2Cc%3Dd%26e!f'(g)*"],
    ['no version', '/volumes/data', '/v1.41/volumes/data'],
  ])('%s is forwarded in its one spelling: %s as %s', async (_id, target, canonical) => {
    await expectForwarded(door, http(`GET ${target}`), plainly(`GET ${canonical}`));
  });
});
