import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BodyPieces } from '../../src/upstream/body-pieces.ts';

const PIECE = Buffer.alloc(16_384);
const limits = { bytes: 100_000_000, idleSeconds: 0.2 };

it('reads a little ahead of who takes the pieces, and no further', async () => {
  const source = Readable.from(Array<Buffer>(100).fill(PIECE), { objectMode: false });
  const pieces = new BodyPieces(source, limits);
  await delay(10);
  expect(pieces.received).toBe(0); // nobody has asked yet
  await pieces.next();
  await delay(50);
  expect(pieces.received).toBeGreaterThan(100_000);
  expect(pieces.received).toBeLessThan(200_000);
  let taken = 1;
  while ((await pieces.next()) !== null) taken += 1;
  expect(taken).toBe(100);
});

it('counts the time of each wait by itself', async () => {
  const source = new PassThrough();
  const pieces = new BodyPieces(source, limits);
  for (let round = 0; round < 4; round += 1) {
    const next = pieces.next();
    await delay(100);
    source.write(PIECE);
    expect(await next).toEqual(PIECE);
  }
  await delay(300); // nobody waits
  source.write(PIECE);
  expect(await pieces.next()).toEqual(PIECE);
  await expect(pieces.next()).rejects.toThrow('nothing of the body arrived for 0.2 s');
});

it('leaves the rest where it is', async () => {
  const source = Readable.from(Array<Buffer>(100).fill(PIECE), { objectMode: false });
  const pieces = new BodyPieces(source, limits);
  await pieces.next();
  await delay(10);
  pieces.stop();
  const { received } = pieces;
  await delay(10);
  expect([source.isPaused(), source.listenerCount('data'), pieces.received]).toEqual([true, 0, received]);
});
