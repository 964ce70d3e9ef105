import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectUnix, type UnixConnection } from '../../src/upstream/unix-connection.ts';

let dir: string;
let server: Server;
let connection: UnixConnection;
let peer: Socket;
beforeEach(async () => {
  dir = mkdtempSync('/tmp/qw-unix-');
  server = createServer({ allowHalfOpen: true }).listen(`${dir}/s`);
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  connection = connectUnix(`${dir}/s`) as UnixConnection;
  [peer] = (await accepted) as [Socket];
});
afterEach(() => {
  connection.destroy();
  peer.destroy();
  server.close();
  rmSync(dir, { recursive: true });
});

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

it('hands every byte to its sink, in order, and leaves what a sink has as it is until that is done', async () => {
  const sent = randomBytes(5_000_000);
  peer.write(sent.subarray(0, 100));
  const [first] = (await once(connection, 'data')) as [Buffer];
  connection.pause().removeAllListeners('data');
  const got = createHash('sha256').update(first);
  let lent = 0;
  const ended = once(connection, 'end');
  connection.drainTo((bytes, done) => {
    lent += 1;
    expect(lent).toBe(1);
    const before = sha(bytes);
    setImmediate(() => {
      expect(sha(bytes)).toBe(before);
      got.update(bytes);
      lent -= 1;
      done();
    });
  });
  // In pieces of every size, so that it reads now much and now little.
  for (let at = 100, size = 1; at < sent.length; at += size, size = (size * 7) % 300_007) {
    peer.write(sent.subarray(at, at + size));
    if (size < 1_000) await new Promise((resolve) => setImmediate(resolve));
  }
  peer.end();
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  expect(got.digest('hex')).toBe(sha(sent));
});

it('uses the same two buffers again for as long as much comes, whatever the sizes of the pieces', async () => {
  const buffers = new Set<ArrayBufferLike>();
  let count = 0;
  connection.drainTo((bytes, done) => {
    count += 1;
    // The first are read into the buffer that all share, and copied.
    if (count > 4) buffers.add(bytes.buffer);
    setImmediate(done);
  });
  const ended = once(connection, 'end');
  // As a container's output comes: a frame of 32 KiB with a head of 8 bytes.
  for (let frame = 0; frame < 300; frame += 1)
    if (!peer.write(Buffer.alloc(32_776))) await once(peer, 'drain');
  peer.end();
  await ended;
  expect(count).toBeGreaterThan(100);
  expect(buffers.size).toBeLessThanOrEqual(2);
});

it('reads no more while its sink has something', async () => {
  let pieces = 0;
  connection.drainTo(() => {
    pieces += 1;
  });
  for (let n = 0; n < 50; n++) {
    peer.write(Buffer.alloc(65_536));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(pieces).toBe(1);
});

it('keeps what it gives to readers apart from what it reads next', async () => {
  const pieces: Buffer[] = [];
  connection.on('data', (bytes: Buffer) => pieces.push(bytes));
  const sent = randomBytes(1_000_000);
  peer.end(sent);
  await once(connection, 'end');
  expect(sha(Buffer.concat(pieces))).toBe(sha(sent));
});

it('shares no byte with other connections, quiet or busy', async () => {
  const others: { mine: UnixConnection; theirs: Socket; sent: Buffer[]; got: Buffer[] }[] = [];
  for (let index = 0; index < 8; index += 1) {
    const accepted = once(server, 'connection');
    const mine = connectUnix(`${dir}/s`) as UnixConnection;
    const [theirs] = (await accepted) as [Socket];
    others.push({ mine, theirs, sent: [], got: [] });
  }
  for (const [index, { mine, got }] of others.entries()) {
    // Half of them have a sink that takes its time, and half a reader.
    if (index % 2 === 0) mine.on('data', (bytes: Buffer) => got.push(bytes));
    else
      mine.drainTo((bytes, done) =>
        setImmediate(() => {
          got.push(Buffer.from(bytes));
          done();
        }),
      );
  }
  for (let round = 0; round < 200; round += 1) {
    for (const { theirs, sent } of others) {
      const bytes = randomBytes(1 + ((round * 7_919) % (round % 10 === 0 ? 200_000 : 500)));
      sent.push(bytes);
      theirs.write(bytes);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const ended = others.map(({ mine }) => once(mine, 'end'));
  for (const { theirs } of others) theirs.end();
  await Promise.all(ended);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const { mine, theirs, sent, got } of others) {
    expect(sha(Buffer.concat(got))).toBe(sha(Buffer.concat(sent)));
    mine.destroy();
    theirs.destroy();
  }
});

it('goes on where its sink is done at once, and hands over only once what had been read before', async () => {
  peer.write('abc');
  await once(connection, 'readable');
  connection.on('data', () => {}).pause();
  let got = '';
  connection.removeAllListeners('data');
  connection.drainTo((bytes, done) => {
    got += bytes.toString();
    done();
  });
  for (const piece of ['d', 'e', 'f']) {
    peer.write(piece);
    await expect.poll(() => got.at(-1)).toBe(piece);
  }
  expect(got).toBe('abcdef');
});
