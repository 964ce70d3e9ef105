import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Pace } from '../../src/limits/pace.ts';
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

it('goes on reading ahead of who takes them one by one', async () => {
  const source = Readable.from(Array<Buffer>(100).fill(PIECE), { objectMode: false });
  const pieces = new BodyPieces(source, limits);
  for (let taken = 1; taken <= 50; taken += 1) {
    await pieces.next();
    await delay(1);
    expect(pieces.received).toBeGreaterThan(taken * PIECE.length);
  }
});

it('joins small pieces, and has no more of them waiting than would fill its memory', async () => {
  const source = new PassThrough();
  const pieces = new BodyPieces(source, limits);
  const first = pieces.next();
  for (let byte = 0; byte < 5_000; byte += 1) source.write(Buffer.from([byte % 251]));
  source.end();
  const got = [await first];
  await delay(20);
  expect(pieces.received).toBeLessThan(600);
  const next = await pieces.next();
  expect(next?.length).toBeGreaterThan(100);
  for (let piece: Buffer | null = next; piece !== null; piece = await pieces.next()) got.push(piece);
  const whole = Buffer.concat(got as Buffer[]);
  expect(whole.equals(Buffer.from(Array.from({ length: 5_000 }, (_, byte) => byte % 251)))).toBe(true);
});

it('reads nothing while the limit of bytes a second is closed', async () => {
  let isOpen = true;
  let open: (() => void) | undefined;
  const pace: Pace = {
    get isOpen() {
      return isOpen;
    },
    spend: () => {
      isOpen = false;
    },
    whenOpen: (act) => {
      open = act;
    },
    begin: () => undefined,
    close: () => {},
  };
  const source = Readable.from(Array<Buffer>(3).fill(PIECE), { objectMode: false });
  const pieces = new BodyPieces(source, limits, pace);
  let next = pieces.next();
  for (let taken = 1; taken <= 3; taken += 1) {
    expect(await next).toEqual(PIECE);
    next = pieces.next();
    await delay(5);
    expect(pieces.received).toBe(taken * PIECE.length);
    isOpen = true;
    open?.();
  }
  expect(await next).toBeNull();
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

it('leaves the rest where it is, and no timer', async () => {
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const source = new PassThrough();
  const before = timers();
  const pieces = new BodyPieces(source, limits);
  const next = pieces.next();
  source.write(PIECE);
  await next;
  const waiting = pieces.next();
  pieces.stop();
  expect(await waiting).toBeNull();
  source.write('more');
  await delay(5);
  expect([source.isPaused(), source.listenerCount('data'), pieces.received]).toEqual([true, 0, PIECE.length]);
  // Fewer where one of vitest's own has fired meanwhile.
  expect(timers()).toBeLessThanOrEqual(before);
});
