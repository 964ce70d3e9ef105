import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/errors.ts';
import { RequestBody } from '../../src/upstream/request-body.ts';

let server: Server;
let socket: Socket;
let peer: Socket;
let got: Buffer[];
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const { port } = server.address() as { port: number };
  socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  [peer] = (await accepted) as [Socket];
  got = [];
  peer.on('data', (bytes: Buffer) => got.push(bytes));
});
afterEach(() => {
  socket.destroy();
  peer.destroy();
  server.close();
});

/** All that reached the other side, once it has ended. */
async function wire(): Promise<string> {
  socket.end();
  if (!peer.readableEnded) await once(peer, 'end');
  return Buffer.concat(got).toString('latin1');
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the body of a request', () => {
  it('of which nobody knows the length goes in chunks: one for what came in one turn', async () => {
    const body = new RequestBody(socket, undefined);
    body.write(Buffer.from('abc'));
    body.write(Buffer.from('defg'));
    await turn();
    await turn();
    body.write(Buffer.from('h'));
    body.end();
    await once(body, 'finish');
    expect(await wire()).toBe('7\r\nabcdefg\r\n1\r\nh\r\n0\r\n\r\n');
  });

  it('whose length is known goes as it is', async () => {
    const body = new RequestBody(socket, 5);
    body.write(Buffer.from('abc'));
    body.end(Buffer.from('de'));
    await once(body, 'finish');
    expect(await wire()).toBe('abcde');
  });

  it('may be empty', async () => {
    const body = new RequestBody(socket, undefined);
    body.end();
    await once(body, 'finish');
    expect(await wire()).toBe('0\r\n\r\n');
  });

  it.each([
    ['longer', 'abcd', ''],
    ['shorter', 'ab', 'ab'],
  ])('that turns out %s than its head says breaks the connection off', async (_, sent, reached) => {
    const errors: Refusal[] = [];
    socket.on('error', (error) => errors.push(error as Refusal));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    const ended = once(peer, 'end');
    const body = new RequestBody(socket, 3);
    body.write(Buffer.from(sent));
    await turn();
    body.end();
    await closed;
    expect(errors.map(({ reason }) => reason)).toEqual(['internal-error']);
    await ended;
    expect(Buffer.concat(got).toString()).toBe(reached);
  });

  it('waits for an Engine that does not read, with little in hand, and is whole afterwards', async () => {
    peer.pause();
    const body = new RequestBody(socket, undefined);
    const piece = Buffer.alloc(16_384, 'x');
    const PIECES = 3_000;
    let written = 0;
    const filled = async (): Promise<void> => {
      for (; written < PIECES; written += 1) {
        if (!body.write(piece)) await once(body, 'drain');
      }
      body.end();
    };
    const done = filled();
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(written).toBeLessThan(PIECES);
    expect(body.writableLength + socket.writableLength).toBeLessThan(400_000);
    peer.resume();
    await done;
    await once(body, 'finish');
    const bytes = await wire();
    expect(bytes.replaceAll(/[0-9a-f]+\r\n(x*)\r\n/g, '$1')).toHaveLength(PIECES * piece.length);
  });

  it('keeps the order of what is large and what is small', async () => {
    // Of each that is small some are still gathered when a large one follows, and some have left.
    const sizes = [3, 70_000, 65_536, 9, 70_000, 5, 1, 200_000, 65_536, 2, 70_000, 7, 65_536];
    const pieces = sizes.map((size, nth) => Buffer.alloc(size, 97 + nth));
    const body = new RequestBody(
      socket,
      sizes.reduce((sum, size) => sum + size),
    );
    for (const piece of pieces) {
      if (!body.write(piece)) await once(body, 'drain');
      if (piece.length < 4) await turn();
    }
    body.end();
    await once(body, 'finish');
    expect((await wire()) === Buffer.concat(pieces).toString('latin1')).toBe(true);
  });

  it('of which nobody knows the length frames large pieces too', async () => {
    const body = new RequestBody(socket, undefined);
    body.write(Buffer.alloc(65_536, 'x'));
    body.end(Buffer.alloc(70_000, 'y'));
    await once(body, 'finish');
    const bytes = await wire();
    expect(bytes.endsWith('\r\n0\r\n\r\n')).toBe(true);
    const content = bytes.slice(0, -'0\r\n\r\n'.length).replaceAll(/[0-9a-f]+\r\n([xy]+)\r\n/g, '$1');
    expect(content === 'x'.repeat(65_536) + 'y'.repeat(70_000)).toBe(true);
  });

  it('is over when the connection is', async () => {
    const body = new RequestBody(socket, undefined);
    body.write(Buffer.from('abc'));
    const closed = once(body, 'close');
    socket.destroy();
    await closed;
    await turn();
    expect(body.destroyed).toBe(true);
  });
});
