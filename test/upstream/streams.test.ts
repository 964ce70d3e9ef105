import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, type FakeConnection, polite, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { layWire, readAnswer } from '../support/http.ts';

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

/** The next request as the fake Engine has it, which then does nothing by itself. */
function nextRequest(): Promise<FakeConnection> {
  return new Promise((resolve) => {
    door.engine.script = (connection) => resolve(connection);
  });
}

const chunkedHead = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('what waits and what flows', () => {
  it.each([
    'POST /v1.41/containers/x/wait?condition=next-exit',
    'GET /v1.41/containers/x/logs?follow=1&stdout=1',
    'GET /v1.41/events',
    'GET /v1.41/containers/x/stats',
    'POST /v1.41/images/create?fromImage=x',
  ])('%s: the head of the reply arrives before its first byte', async (line) => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http(line));
    const engine = await next;
    engine.socket.write(chunkedHead);
    await client.until(/^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)+\r\n$/);
    engine.socket.write('3\r\nabc\r\n');
    await client.until(/abc/);
    engine.socket.write('3\r\ndef\r\n0\r\n\r\n');
    expect(readAnswer(await client.until(/\r\n0\r\n\r\n$/)).body).toBe('abcdef');
    client.end();
  });

  it('trailers of the Engine survive', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('GET /v1.41/containers/x/export'));
    const engine = await next;
    engine.socket.write(
      `HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 123\r\nX-Sum: 456\r\n\r\n`,
    );
    await client.until(/\r\n0\r\nX-Sum: 123\r\nX-Sum: 456\r\n\r\n$/);
    client.end();
  });

  it('HEAD has the headers of its reply and no body, and the connection serves on', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('HEAD /v1.41/containers/x/archive?path=/etc'));
    (await next).socket.write(
      'HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: eyJ9\r\nContent-Length: 40\r\n\r\n',
    );
    const answer = readAnswer(await client.answered('HEAD'), 'HEAD');
    expect([answer.header('x-docker-container-path-stat'), answer.header('content-length')]).toEqual([
      ['eyJ9'],
      ['40'],
    ]);
    door.engine.script = polite;
    client.write(http('GET /v1.41/containers/json'));
    await client.until(/\r\n\r\nHTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)+\r\n\{\}\n$/);
    client.end();
  });

  it('a refused HEAD has no body either', async () => {
    const all = await door.exchange(http('HEAD /v1.41/containers/x/archive?path=/etc'), 'viewer');
    expect(all).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n(?:[^\r\n]+\r\n)+\r\n$/);
  });

  it('an upload arrives as it is sent, chunk by chunk', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('POST /v1.41/build', 'Transfer-Encoding: chunked', '', '3\r\nabc\r\n'));
    const engine = await next;
    await engine.until(/\r\n\r\n3\r\nabc\r\n$/);
    client.write('3;ext=1\r\ndef\r\n0\r\nX-Trailer: evil\r\n\r\n');
    const all = await engine.until(/def\r\n0\r\n\r\n$/);
    expect(all).not.toMatch(/ext=1|evil/);
    engine.socket.write(reply('200 OK', '{}'));
    await client.answered();
    client.end();
  });

  it('an early answer during an upload reaches the client, and the connection ends behind it', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('PUT /v1.41/containers/x/archive?path=/data', 'Content-Length: 50000000', '', 'abc'));
    (await next).socket.end(reply('404 Not Found', '{"message":"no such container"}\n'));
    const block = Buffer.alloc(1_000_000);
    for (let sent = 3; sent < 50_000_000; sent += block.length)
      client.write(block.subarray(0, 50_000_000 - sent));
    const answer = readAnswer(await client.answered('PUT', 20_000));
    expect([answer.status, answer.body]).toEqual([404, '{"message":"no such container"}\n']);
    client.end();
  });

  it.each<[string, Script]>([
    ['goes', ({ socket }) => void socket.destroy()],
    ['answers what is not HTTP', ({ socket }) => void socket.write('what?\r\n\r\n')],
    [
      'switches protocols',
      ({ socket }) =>
        void socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'),
    ],
  ])('all of an upload is taken from its client, who is told, when the Engine %s', async (_, script) => {
    door.engine.script = script;
    const SIZE = 30_000_000;
    for (const framing of [`Content-Length: ${SIZE}`, 'Transfer-Encoding: chunked']) {
      const client = await door.connect();
      client.write(http('POST /v1.41/images/load', framing));
      const isChunked = framing.startsWith('T');
      const block = Buffer.alloc(1_000_000, 'x');
      for (let sent = 0; sent < SIZE; sent += block.length) {
        client.write(
          isChunked ? Buffer.concat([Buffer.from('f4240\r\n'), block, Buffer.from('\r\n')]) : block,
        );
      }
      if (isChunked) client.write('0\r\n\r\n');
      // It reads nothing before it has sent everything.
      await expect.poll(() => client.socket.writableLength, { timeout: 10_000 }).toBe(0);
      expect(readAnswer(await client.answered('POST', 10_000)).status).toBe(502);
      client.end();
    }
  });
});

describe('who goes away', () => {
  const slow = [
    ['short exchanges', http('GET /v1.41/containers/json')],
    ['short exchanges, with a body', json('POST /v1.41/containers/create', '{"Image":"x"}')],
    ['streams', http('GET /v1.41/containers/x/logs?follow=1&stdout=1')],
  ] as const;

  it.each(slow)(
    'a client that resets before the reply closes the connection to the Engine (%s)',
    async (_road, request) => {
      const next = nextRequest();
      const wire = await layWire(door.gateway.port);
      const client = await door.connect('alice', { port: wire.port });
      client.write(request);
      const engine = await next;
      await new Promise((resolve) => setTimeout(resolve, 50)); // libuv takes a reset in one poll with data for an end
      wire.cut();
      await engine.ended();
      expect((await door.records(2))[1]?.outcome).toMatchObject({ status: null, ending: 'client-closed' });
    },
  );

  it.each(slow)(
    'a client that resets during the reply closes the connection to the Engine (%s)',
    async (_road, request) => {
      const next = nextRequest();
      const wire = await layWire(door.gateway.port);
      const client = await door.connect('alice', { port: wire.port });
      client.write(request);
      const engine = await next;
      engine.socket.write(`${chunkedHead}3\r\nabc\r\n`);
      await client.until(/abc/);
      wire.cut();
      await engine.ended();
      expect((await door.records(2))[1]?.outcome).toMatchObject({
        status: 200,
        bytesOut: 3,
        ending: 'client-closed',
      });
    },
  );

  it('a client of a stream that ends its side before or during the reply is gone, as for the Engine itself', async () => {
    for (const bytes of ['', chunkedHead]) {
      const next = nextRequest();
      const client = await door.connect();
      client.write(http('GET /v1.41/containers/x/logs?follow=1&stdout=1'));
      const engine = await next;
      engine.socket.write(bytes);
      if (bytes !== '') await client.until(/200 OK/);
      client.end();
      await engine.ended();
      expect((await door.records(2))[1]?.outcome).toMatchObject({ ending: 'client-closed' });
    }
  });

  it('a client of a short exchange that ends its side still gets its answer', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('GET /v1.41/containers/json'));
    client.end();
    const engine = await next;
    await new Promise((resolve) => setTimeout(resolve, 50));
    engine.socket.write(reply('200 OK', 'late'));
    expect(readAnswer(await client.closed()).body).toBe('late');
    expect((await door.records(2))[1]?.outcome).toMatchObject({ status: 200, ending: 'finished' });
  });

  it.each(['Content-Length: 1000', 'Transfer-Encoding: chunked'])(
    'a client that goes during an upload leaves the Engine a body that is not whole (%s)',
    async (framing) => {
      const next = nextRequest();
      const client = await door.connect();
      client.write(http('POST /v1.41/images/load', framing, '', '3\r\nabc\r\n'));
      const engine = await next;
      await engine.until(/abc/);
      client.socket.destroy();
      await engine.ended();
      expect(engine.received()).not.toMatch(/0\r\n\r\n$/);
      expect((await door.records(2))[1]?.outcome).toMatchObject({ status: null, ending: 'client-closed' });
    },
  );

  it('an upload whose chunks turn out to be none is broken off, not completed', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('POST /v1.41/images/load', 'Transfer-Encoding: chunked', '', '3\r\nabc\r\n'));
    const engine = await next;
    await engine.until(/abc/);
    client.write('zz\r\nsmuggled\r\n0\r\n\r\n');
    await client.closed();
    await engine.ended();
    expect(engine.received()).not.toMatch(/smuggled|0\r\n\r\n$/);
    expect(await door.records(2)).toHaveLength(2);
  });

  it('an Engine that goes during an upload is told to the client', async () => {
    const next = nextRequest();
    const client = await door.connect();
    client.write(http('POST /v1.41/images/load', 'Content-Length: 10', '', 'abc'));
    const engine = await next;
    await engine.until(/abc/);
    engine.socket.destroy();
    const answer = readAnswer(await client.answered());
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('[engine-broke-off]')]);
    client.end();
    expect((await door.records(2))[1]?.outcome).toMatchObject({ status: 502, ending: 'engine-error' });
  });

  it('a client that reads nothing stops the Engine by backpressure, and gets all of it later', async () => {
    const size = 20_000_000;
    let taken = 0;
    door.engine.script = async (connection, head) => {
      await bodyOf(connection, head);
      connection.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      const block = Buffer.alloc(100_000, 'x');
      for (let sent = 0; sent < size; sent += block.length) {
        taken = sent;
        if (!connection.socket.write(block))
          await new Promise((resolve) => connection.socket.once('drain', resolve));
      }
      taken = size;
    };
    const client = await door.connect();
    client.socket.pause();
    client.write(http('GET /v1.41/containers/x/export'));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(taken).toBeLessThan(size);
    client.socket.removeAllListeners('data');
    let received = 0;
    client.socket.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    client.socket.resume();
    while (received < size) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(taken).toBe(size);
    client.end();
  });
});
