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

describe('methods that the Engine API does not have', () => {
  it.each([
    'OPTIONS /v1.41/info',
    'OPTIONS /anything',
    'OPTIONS *',
    'PATCH /v1.41/containers/x',
    'TRACE /v1.41/info',
    'PROPFIND /v1.41/info',
    'PURGE /v1.41/info',
    'M-SEARCH /v1.41/info',
    'QUERY /v1.41/containers/json',
    'MKCOL /v1.41/volumes/x',
  ])('B027: %s is refused as no operation of any path', async (line) => {
    await expectRefused(door, http(line), {
      status: 403,
      reason: 'unknown-operation',
      message: 'the Engine API has no operation of this method',
      operation: null,
      field: 'method',
    });
  });

  it('B027: OPTIONS with the preflight headers of a browser is refused without CORS headers', async () => {
    const request = http(
      'OPTIONS /v1.41/info',
      'Origin: https://evil',
      'Access-Control-Request-Method: POST',
    );
    const { answer } = await expectRefused(door, request, { status: 403, reason: 'unknown-operation' });
    expect(answer.headers.filter(([name]) => /^access-control/i.test(name))).toEqual([]);
  });

  it.each(['docker:2376', '/v1.41/info', 'evil.example:443'])(
    'B027: CONNECT %s opens nothing and is refused',
    async (target) => {
      await expectRefused(door, `CONNECT ${target} HTTP/1.1\r\nHost: docker\r\n\r\n`, {
        status: 403,
        reason: 'unknown-operation',
      });
    },
  );

  it('HTTP/2 with prior knowledge is not spoken: PRI is refused', async () => {
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00';
    await expectRefused(door, preface, { status: 400, reason: 'http-malformed', principal: null });
  });

  it.each(['get /v1.41/info', 'Post /v1.41/containers/x/start', 'G\x00ET /v1.41/info', 'FROB /v1.41/info'])(
    'B027: %j is no method of HTTP',
    async (line) => {
      await expectRefused(door, http(line), { status: 400, reason: 'http-malformed', principal: null });
    },
  );
});

describe('methods that a path does not have', () => {
  it.each([
    'POST /v1.41/info',
    'PUT /v1.41/containers/x/json',
    'GET /v1.41/containers/x/start',
    'GET /v1.41/exec/x/start',
    'HEAD /v1.41/containers/json',
    'HEAD /v1.41/info',
    'DELETE /v1.41/containers/x/json/y/archive/exec',
  ])('%s', async (line) => {
    // The last of them is a container's removal by a legacy name with slashes.
    if (line.startsWith('DELETE')) await expectForwarded(door, http(line), new RegExp(`^${line} HTTP`));
    else await expectRefused(door, http(line), { status: 403, reason: 'unknown-operation', field: 'method' });
  });
});

describe('ways to say another method than the judged one', () => {
  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
    'B029: %s: DELETE changes nothing and is not forwarded',
    async (header) => {
      const line = 'GET /v1.41/containers/alicec/json';
      const { records } = await expectForwarded(door, http(line, `${header}: DELETE`), plainly(line));
      expect(records[0]?.request).toMatchObject({ method: 'GET', operation: 'ContainerInspect' });
    },
  );

  it('B029: ?_method=DELETE is refused (400, the table judges it as GET)', async () => {
    await expectRefused(door, http('GET /v1.41/containers/alicec/json?_method=DELETE'), {
      status: 400,
      reason: 'query-unknown',
      field: '_method',
    });
  });
});

describe('operations outside the published API', () => {
  it.each([
    ['POST /v1.41/build/cancel?id=X', 'BuildCancel'],
    ['GET /v1.41/containers/x/checkpoints', 'ContainerCheckpointList'],
    ['DELETE /v1.41/containers/x/checkpoints/y?dir=/root', 'ContainerCheckpointDelete'],
    ['GET /debug/vars', 'DebugVars'],
    ['GET /debug/pprof/heap', 'DebugPprofNamed'],
  ])('B031: %s needs a grant of its own: 403 for a viewer', async (line, operation) => {
    await expectRefused(door, http(line), { status: 403, reason: 'not-granted', operation }, 'viewer');
  });

  it('B031: it is forwarded for whom a grant names everything', async () => {
    const line = 'POST /v1.41/build/cancel?id=X';
    await expectForwarded(door, http(line), plainly(line, 'content-length: 0'));
  });
});

describe('old versions', () => {
  const hostConfig = '{"Privileged":true,"Binds":["/:/host"]}';

  it.each([12, 20, 23])('B013: start at 1.%i does not take a HostConfig', async (minor) => {
    await expectRefused(door, json(`POST /v1.${minor}/containers/alicec/start`, hostConfig), {
      status: 403,
      reason: 'version-below-floor',
      message: `client version 1.${minor} is too old. Minimum supported API version is 1.24`,
      field: 'version',
    });
  });

  it('B015: start at 1.23 with a chunked body is refused', async () => {
    const body = `${hostConfig.length.toString(16)}\r\n${hostConfig}\r\n0\r\n\r\n`;
    const headers = ['Content-Type: application/json', 'Transfer-Encoding: chunked'];
    await expectRefused(door, http('POST /v1.23/containers/alicec/start', ...headers, '', body), {
      status: 403,
      reason: 'version-below-floor',
    });
  });

  it('B015: start at 1.23 with a body of seven bytes is refused', async () => {
    await expectRefused(door, json('POST /v1.23/containers/alicec/start', '{"a":1}'), {
      status: 403,
      reason: 'version-below-floor',
    });
  });

  it.each(['json', 'chunked'])(
    'B015: at a version that is served no HostConfig goes with start (%s)',
    async (how) => {
      const line = 'POST /v1.41/containers/alicec/start';
      const body = `${hostConfig.length.toString(16)}\r\n${hostConfig}\r\n0\r\n\r\n`;
      const request =
        how === 'json' ? json(line, hostConfig) : http(line, 'Transfer-Encoding: chunked', '', body);
      await expectForwarded(door, request, plainly(line, 'content-length: 0'));
    },
  );

  it.each([['Content-Type: text/plain'], ['X-None: 1']])(
    'B017: exec start at 1.21, where the Content-Type says nothing, is refused (%s)',
    async (header) => {
      const body = '{"Detach":false}';
      const request = http('POST /v1.21/exec/ID/start', header, `Content-Length: ${body.length}`, '', body);
      await expectRefused(door, request, { status: 403, reason: 'version-below-floor' });
    },
  );

  it.each([['Content-Type: text/plain'], ['X-None: 1']])(
    'B017: exec start at 1.41 takes JSON by its name only (%s)',
    async (header) => {
      const body = '{"Detach":false}';
      const request = http('POST /v1.41/exec/ID/start', header, `Content-Length: ${body.length}`, '', body);
      await expectRefused(door, request, {
        status: 415,
        reason: 'content-type-unsupported',
        operation: 'ExecStart',
      });
    },
  );
});
