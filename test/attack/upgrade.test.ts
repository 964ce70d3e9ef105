import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { polite } from '../support/fake-engine.ts';
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
beforeEach(async () => {
  door.engine.script = polite;
  door.engine.taken();
  await door.records();
});
afterAll(() => door.close());

const tcp = ['Connection: Upgrade', 'Upgrade: tcp'];
const start = (body = '{"Detach":false}', ...headers: string[]) =>
  json('POST /v1.41/exec/abc/start', body, ...headers);
const attach = (...headers: string[]) => http('POST /v1.41/containers/x/attach?stream=1&stdin=1', ...headers);

/** The one head that the Engine may see of an exec start, whatever the client sent. */
const startHead = http(
  'POST /v1.41/exec/abc/start',
  'Content-Type: application/json',
  'Content-Length: 16',
  'Connection: Upgrade, close',
  'Upgrade: tcp',
);

describe('an upgrade that is none', () => {
  it.each([
    ['D012: Upgrade without Connection', ['Upgrade: tcp']],
    ['D012: both, on an operation that is ordinary', tcp],
    ['D012: h2c', ['Connection: Upgrade', 'Upgrade: h2c']],
    ['D012: websocket', ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: abc']],
    ['D012: a protocol nobody knows', ['Connection: keep-alive, Upgrade', 'Upgrade: x/1']],
  ])('%s: served as the ordinary request that it is, without the upgrade', async (_id, headers) => {
    const line = 'GET /v1.41/containers/json';
    await expectForwarded(door, http(line, ...headers), plainly(line));
  });

  it('an ordinary request with a body and an upgrade is judged with its body', async () => {
    const line = 'POST /v1.41/containers/create';
    await expectForwarded(
      door,
      json(line, '{"Image":"x"}', ...tcp),
      plainly(line, 'content-type: application/json', 'content-length: 13', '', '{"Image":"x"}'),
    );
  });

  it('HTTP2-Settings and an upgrade to h2c on an ordinary request stay here', async () => {
    const line = 'GET /v1.41/info';
    const headers = ['Connection: Upgrade', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'];
    const { answer } = await expectForwarded(door, http(line, ...headers), plainly(line));
    expect(answer.status).toBe(200);
  });

  it('D012: exec start with Upgrade and no Connection gets the raw stream that clients without an upgrade get', async () => {
    const client = await door.connect();
    client.write(start(undefined, 'Upgrade: tcp'));
    await client.until(/^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)*\r\nwelcome$/);
    client.end();
    await client.closed();
    expect(door.engine.taken()).toEqual([`${startHead}{"Detach":false}`]);
    expect((await door.records(2))[1]?.outcome).toMatchObject({ status: 200, ending: 'finished' });
  });
});

describe('an upgrade that may not be made', () => {
  it('D014: a chunked body under an upgrade is refused', async () => {
    const request = http(
      'POST /v1.41/exec/abc/start',
      'Content-Type: application/json',
      ...tcp,
      'Transfer-Encoding: chunked',
      '',
      '2\r\n{}\r\n0\r\n\r\n',
    );
    await expectRefused(door, request, { status: 411, reason: 'upgrade-chunked', operation: 'ExecStart' });
  });

  it('D014: and so it is without the upgrade, for the Engine hijacks all the same', async () => {
    const request = http(
      'POST /v1.41/exec/abc/start',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      '',
      '2\r\n{}\r\n0\r\n\r\n',
    );
    await expectRefused(door, request, { status: 411, reason: 'upgrade-chunked', operation: 'ExecStart' });
  });

  it.each([
    ['exec start to h2c', start(undefined, 'Connection: Upgrade', 'Upgrade: h2c'), 'upgrade-protocol'],
    ['attach to websocket', attach('Connection: Upgrade', 'Upgrade: websocket'), 'upgrade-protocol'],
    ['attach to two protocols', attach('Connection: Upgrade', 'Upgrade: tcp, h2c'), 'upgrade-protocol'],
    [
      'attach with two Upgrade headers',
      attach('Connection: Upgrade', 'Upgrade: tcp', 'Upgrade: h2c'),
      'header-duplicate',
    ],
    ['session to tcp', http('POST /session', ...tcp), 'upgrade-protocol'],
    ['session without an upgrade', http('POST /session'), 'upgrade-required'],
    ['session with Upgrade and no Connection', http('POST /session', 'Upgrade: h2c'), 'upgrade-required'],
    ['attach/ws without an upgrade', http('GET /v1.41/containers/x/attach/ws'), 'upgrade-required'],
  ])('%s is refused', async (_id, request, reason) => {
    const principal = reason === 'header-duplicate' ? null : 'alice';
    await expectRefused(door, request, { status: 400, reason, principal });
  });

  it('D018: attach/ws of a page in a browser is refused (403, the table says 404)', async () => {
    const headers = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: abc',
      'Origin: https://evil',
    ];
    await expectRefused(door, http('GET /v1.41/containers/bobc/attach/ws?stdin=1', ...headers), {
      status: 403,
      reason: 'origin-forbidden',
      message: 'pages in a browser may not attach to containers',
      operation: 'ContainerAttachWebsocket',
    });
  });

  it('D018: attach/ws is no read: a viewer may not', async () => {
    const headers = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: abc'];
    await expectRefused(
      door,
      http('GET /v1.41/containers/bobc/attach/ws?stdin=1', ...headers),
      { status: 403, reason: 'not-granted', operation: 'ContainerAttachWebsocket' },
      'viewer',
    );
  });

  it.each(['/grpc', '/v1.41/grpc', '/session', '/v1.41/session'])(
    'D020: %s needs a grant of its own class, which a developer does not hold',
    async (path) => {
      await door.certPath('dev', { o: 'team-a', ou: 'developer' });
      const request = http(`POST ${path}`, 'Connection: Upgrade', 'Upgrade: h2c');
      const { record } = await expectRefused(door, request, { status: 403, reason: 'not-granted' }, 'dev');
      expect(record).toMatchObject({ resource: 'engine', request: { class: 'admin' } });
    },
  );
});
