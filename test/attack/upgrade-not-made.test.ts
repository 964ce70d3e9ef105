import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

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
const evil = http('DELETE /v1.41/containers/bobc');

/** The one head that the Engine may see of an exec start, whatever the client sent. */
const startHead = http(
  'POST /v1.41/exec/abc/start',
  'Content-Type: application/json',
  'Connection: Upgrade',
  'Upgrade: tcp',
  'Content-Length: 16',
  'Connection: close',
);

describe('an upgrade that the Engine does not make', () => {
  it('bytes that the Engine sends behind its 404 do not reach the client', async () => {
    door.engine.script = ({ socket }) =>
      void socket.write(reply('404 Not Found', '{}') + reply('200 OK', 'smuggled answer'));
    const client = await door.connect();
    client.write(start(undefined, ...tcp));
    const all = await client.closed();
    expect(readAnswer(all).rest).toBe('');
    expect(all).not.toContain('smuggled');
  });

  it('a detached exec is answered as ordinary HTTP, and early bytes that are a request go nowhere', async () => {
    door.engine.script = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const client = await door.connect();
    client.write(start('{"Detach":true }', ...tcp) + evil);
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.body, answer.rest]).toEqual([200, '', '']);
    expect(door.engine.taken()).toEqual([
      `${startHead.replace('Content-Length: 16', 'Content-Length: 15')}{"Detach":true}`,
    ]);
    expect((await door.records(2)).map(({ stage }) => stage)).toEqual(['decision', 'complete']);
  });

  it('a 200 with a length in answer to a hijack is an answer and opens no tunnel', async () => {
    door.engine.script = ({ socket }) =>
      void socket.write(reply('200 OK', 'all there is', ['Content-Type: text/plain']));
    const client = await door.connect();
    client.write(attach(...tcp) + evil);
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.body, answer.rest]).toEqual([200, 'all there is', '']);
    expect(door.engine.taken()).toHaveLength(1);
    expect(door.engine.connections.at(-1)?.received()).not.toContain('bobc');
  });

  it('a 101 to another protocol than was asked for is refused as garbled', async () => {
    door.engine.script = ({ socket }) =>
      void socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nsecret',
      );
    const client = await door.connect();
    client.write(start(undefined, ...tcp) + evil);
    const all = await client.closed();
    expect(readAnswer(all)).toMatchObject({
      status: 502,
      body: '{"message":"quaywarden: the Engine switched to a protocol that was not asked for [engine-garbled]"}\n',
      rest: '',
    });
    expect(door.engine.taken().join('')).not.toContain('bobc');
    expect((await door.records(2))[1]).toMatchObject({
      stage: 'complete',
      outcome: { status: 502, ending: 'engine-error' },
    });
  });

  it.each(['Connection: Upgrade\r\nUpgrade: \r\n', 'Connection: close\r\n', ''])(
    'a 101 that does not say to which protocol is refused as garbled: %j',
    async (headers) => {
      door.engine.script = ({ socket }) => void socket.write(`HTTP/1.1 101 UPGRADED\r\n${headers}\r\nsecret`);
      for (const request of [attach(...tcp), http('GET /v1.41/events'), http('GET /v1.41/info')]) {
        const all = await door.exchange(request);
        const { status, body, rest } = readAnswer(all);
        expect([status, body, rest]).toEqual([
          expect.toBeOneOf([502, 503]),
          expect.stringContaining('[engine-'),
          '',
        ]);
        expect(all).not.toContain('secret');
      }
    },
  );

  it.each([
    ['the road of streams', http('GET /v1.41/events')],
    ['the road of short exchanges', http('GET /v1.41/info')],
  ])('a 101 to an ordinary request opens no tunnel on %s', async (_id, request) => {
    door.engine.script = ({ socket }) =>
      void socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nsecret');
    const client = await door.connect();
    client.write(request);
    const answer = readAnswer(await client.answered());
    expect(answer.status).toBe(502);
    expect(client.received()).not.toContain('secret');
    client.write(evil);
    client.end();
    await client.closed();
    expect(door.engine.taken().join('')).not.toMatch(/bobc.*secret/s);
  });

  it.each([
    [
      'that can not be written',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTrailer: x\r\n\r\nok',
      'engine-garbled',
    ],
    ['that is none', 'what?\r\n\r\n', 'engine-garbled'],
  ])('a reply %s is answered with one refusal, and recorded as it', async (_, text, reason) => {
    door.engine.script = ({ socket }) => void socket.end(text);
    const client = await door.connect();
    client.write(attach(...tcp));
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.body, answer.rest]).toEqual([
      502,
      expect.stringContaining(`[${reason}]`),
      '',
    ]);
    expect((await door.records(2))[1]).toMatchObject({
      stage: 'complete',
      outcome: { status: 502, ending: 'engine-error' },
    });
  });

  it('a reply that is longer than a client takes at once reaches it whole', async () => {
    const LENGTH = 12_000_000;
    door.engine.script = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      for (let sent = 0; sent < LENGTH; sent += 1_000_000) socket.write(Buffer.alloc(1_000_000, 'x'));
      socket.end();
    };
    const client = await door.connect();
    client.socket.pause();
    client.write(attach(...tcp));
    await new Promise((resolve) => setTimeout(resolve, 500));
    client.socket.resume();
    const all = await client.closed();
    expect(all.slice(all.indexOf('x'.repeat(100))).replaceAll(/[^x]/g, '').length).toBe(LENGTH);
    expect((await door.records(2))[1]?.outcome).toMatchObject({ bytesOut: LENGTH, ending: 'finished' });
  });

  it('a stream that the Engine ends at once, without a byte, is at its end', async () => {
    door.engine.script = ({ socket }) =>
      void socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    const client = await door.connect();
    client.write(attach(...tcp));
    expect(await client.closed()).toMatch(/^HTTP\/1\.1 101 /);
    expect((await door.records(2))[1]?.outcome).toMatchObject({ status: 101, ending: 'finished' });
  });

  it('what the Engine says of the length of a stream does not reach a client that asked for none', async () => {
    door.engine.script = ({ socket }) =>
      void socket.end(
        'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\nall of it',
      );
    const all = await door.exchange(attach());
    expect(all).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(all).not.toMatch(/content-length/i);
    expect(all).toMatch(/all of it$/);
  });
});
