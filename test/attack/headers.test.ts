import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const line = 'GET /v1.41/info';
/** Credentials in as many characters of base64. */
const base64 = (characters: number): string =>
  Buffer.from(`{"auth":"${'x'.repeat((characters / 4) * 3 - 11)}"}`).toString('base64url');

describe('Connection', () => {
  it.each([
    'x-gw-tenant, authorization',
    'x-registry-auth',
    'keep-alive, host',
    'content-length',
    'close, transfer-encoding',
    'Upgrade, X-Forwarded-For',
    '"close"',
    'close; x',
    'close\tkeep-alive',
  ])('D022: a Connection header that lists %s is refused', async (value) => {
    await expectRefused(door, http(line, `Connection: ${value}`), {
      status: 400,
      reason: 'connection-option',
      message: 'the Connection header may list close, keep-alive and upgrade only',
      principal: null,
      field: 'connection',
    });
  });

  it('D022: a second Connection header is read too', async () => {
    await expectRefused(door, http(line, 'Connection: close', 'Connection: x-registry-auth'), {
      status: 400,
      reason: 'connection-option',
      principal: null,
    });
  });

  it.each(['close', 'Close', 'keep-alive', 'Keep-Alive, TE', ', close,', ''])(
    'D022: a Connection header that lists %j changes nothing upstream',
    async (value) => {
      await expectForwarded(door, http(line, `Connection: ${value}`), plainly(line));
    },
  );

  it.each(['Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive', 'TE: trailers', 'Trailer: X-A'])(
    'D022: the hop-by-hop header %s stays here',
    async (header) => {
      await expectForwarded(door, http(line, header), plainly(line));
    },
  );
});

describe('Host', () => {
  it.each([
    ['D004: two Hosts', ['Host: docker', 'Host: evil'], 'header-duplicate'],
    ['D004: two Hosts that agree', ['Host: docker', 'Host: docker'], 'header-duplicate'],
    ['D004: two Hosts in different case', ['Host: docker', 'HOST: docker'], 'header-duplicate'],
    ['D004: no Host', [], 'host-missing'],
    ['D004: a Host with a space', ['Host: a b'], 'host-malformed'],
    ['D004: a Host with a comma and a second name is one odd Host', ['Host: a"b'], 'host-malformed'],
    ['D004: a Host with user information', ['Host: a@b'], 'host-malformed'],
  ])('%s: refused', async (_id, headers, reason) => {
    const bytes = [`${line} HTTP/1.1`, ...headers, '', ''].join('\r\n');
    await expectRefused(door, bytes, { status: 400, reason, principal: null, field: 'host' });
  });

  it.each(['', 'evil.example', '%2Fvar%2Frun%2Fdocker.sock', '[::1]:2376', 'localhost:2375'])(
    'D004: whatever Host says (%j), the Engine hears "docker"',
    async (host) => {
      const bytes = `${line} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
      await expectForwarded(door, bytes, plainly(line));
    },
  );
});

describe('headers that reach the Engine', () => {
  it('D024: none but the few that mean something to it', async () => {
    const kept = [
      'accept: */*',
      'accept-encoding: gzip',
      'user-agent: curl/8',
      `x-registry-auth: ${base64(24)}`,
      'x-registry-config: e30=',
    ];
    const dropped = [
      'Cookie: a=b',
      'Referer: https://evil',
      'Origin: https://evil',
      'X-Meta-Evil: 1',
      'x-meta-auth: 1',
      'X-Forwarded-For: 127.0.0.1',
      'X-Forwarded-Host: docker',
      'X-Real-IP: 127.0.0.1',
      'Forwarded: for=127.0.0.1',
      'Via: 1.1 x',
      'Range: bytes=0-1',
      'If-None-Match: "x"',
      'Quaywarden-Request-Id: 1',
      'X-Original-URL: /v1.41/secrets',
      'X-Rewrite-URL: /v1.41/secrets',
      'X-Docker-Expose-Session-Uuid: 1',
      'Sec-WebSocket-Key: abc',
      'HTTP2-Settings: AAAA',
      'Early-Data: 1',
      'Date: now',
      '__proto__: x',
      'constructor: x',
    ];
    const { answer } = await expectForwarded(door, http(line, ...kept, ...dropped), plainly(line, ...kept));
    expect(answer.header('quaywarden-request-id')[0]).not.toBe('1');
  });

  it('D024: the same on the road of streams', async () => {
    const events = 'GET /v1.41/events';
    const request = http(
      events,
      'X-Meta-Evil: 1',
      'User-Agent: x',
      'Cookie: a=b',
      `X-Registry-Auth: ${base64(16)}`,
    );
    await expectForwarded(
      door,
      request,
      http(events, 'user-agent: x', `x-registry-auth: ${base64(16)}`, 'Connection: close'),
    );
  });

  it('D024: the same on the road of hijacks, where session keeps its own headers and their repetitions', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: h2c'];
    const method = (name: string) => `X-Docker-Expose-Session-Grpc-Method: ${name}`;
    const request = http(
      'POST /session',
      'X-Meta-Evil: 1',
      method('/a/b'),
      method('/c/d'),
      'Cookie: a=b',
      ...upgrade,
    );
    const forwarded = http(
      'POST /v1.41/session',
      method('/a/b').toLowerCase(),
      method('/c/d').toLowerCase(),
      'Content-Length: 0',
      'Connection: Upgrade, close',
      'Upgrade: h2c',
    );
    await expectForwarded(door, request, forwarded);
  });

  it.each([
    ['user-agent', 'User-Agent: caf\xe9'],
    ['user-agent', 'User-Agent: a\tb'],
    ['accept', 'Accept: \x80'],
  ])('a value of %s that holds what it may not is refused: %j', async (field, header) => {
    await expectRefused(door, Buffer.from(http(line, header), 'latin1'), {
      status: 400,
      reason: 'header-malformed',
      field,
    });
  });

  it.each([
    ['x-registry-auth', 'X-Registry-Auth: {"a":1}'],
    ['x-registry-auth', 'X-Registry-Auth: a b'],
    ['x-registry-config', 'X-Registry-Config: \xff'],
    ['x-registry-config', `X-Registry-Config: ${Buffer.from('{"r":{"New":1}}').toString('base64')}`],
  ])('a value of %s that is no credentials is refused: %j', async (field, header) => {
    await expectRefused(door, Buffer.from(http(line, header), 'latin1'), {
      status: 400,
      reason: 'registry-credentials',
      field,
    });
  });

  it.each(['User-Agent: a\x01b', 'User-Agent: a\x7fb', 'X-Any: a\x00b', 'X-Any: a\x1bb', 'Accept: a\x0bb'])(
    'a control character in a header is no HTTP: %j',
    async (header) => {
      await expectRefused(door, http(line, header), {
        status: 400,
        reason: 'http-malformed',
        principal: null,
      });
    },
  );

  it.each([
    'User-Agent',
    'X-Registry-Auth',
    'X-Registry-Config',
    'Content-Type',
    'Authorization',
    'Origin',
    'Upgrade',
    'Expect',
  ])('two %s headers are refused', async (name) => {
    await expectRefused(door, http(line, `${name}: a`, `${name}: b`), {
      status: 400,
      reason: 'header-duplicate',
      message: `the header ${name.toLowerCase()} was sent more than once`,
      principal: null,
      field: name.toLowerCase(),
    });
  });
});
