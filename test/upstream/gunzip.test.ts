import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { ByteQueue } from '../../src/upstream/byte-queue.ts';
import { gunzip } from '../../src/upstream/gunzip.ts';

/** Bytes in pieces of that size. */
function queueOf(bytes: Buffer, pieceBytes = bytes.length): ByteQueue {
  let at = 0;
  return new ByteQueue({
    async next() {
      if (at >= bytes.length) return null;
      at += pieceBytes;
      return bytes.subarray(at - pieceBytes, at);
    },
  });
}

async function unpacked(bytes: Buffer, pieceBytes?: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of gunzip(queueOf(bytes, pieceBytes))) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function refusal(bytes: Buffer, pieceBytes?: number): Promise<string> {
  try {
    await unpacked(bytes, pieceBytes);
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.reason}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

const text = Buffer.from('content '.repeat(5_000));
const whole = gzipSync(text);

/** The same data behind a header with these flags and this after its ten bytes. */
function withHeader(flags: number, rest: string | Buffer): Buffer {
  const head = Buffer.from([0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3]);
  return Buffer.concat([head, Buffer.from(rest), deflateRawSync(text), whole.subarray(-8)]);
}

describe('gunzip', () => {
  it.each([1, 2, 7, 100, whole.length - 8, whole.length - 7, whole.length - 1, whole.length])(
    'unpacks what arrives in pieces of %i bytes',
    async (size) => {
      expect(await unpacked(whole, size)).toEqual(text);
    },
  );

  it('unpacks nothing', async () => {
    expect(await unpacked(gzipSync(Buffer.alloc(0)), 3)).toEqual(Buffer.alloc(0));
  });

  it('unpacks what was not compressed', async () => {
    expect(await unpacked(gzipSync(text, { level: constants.Z_NO_COMPRESSION }), 50)).toEqual(text);
  });

  it.each([
    ['a name', 8, 'name\0'],
    ['a comment', 16, 'comment\0'],
    ['an extra field', 4, '\x05\x00abcde'],
    ['a checksum of the header', 2, 'xx'],
    ['all of them', 30, '\x01\x00aname\0comment\0xx'],
  ])('passes over %s in the header', async (_, flags, rest) => {
    expect(await unpacked(withHeader(flags, rest), 3)).toEqual(text);
  });

  it.each([
    ['a second member', Buffer.concat([whole, whole]), 'something after its first member'],
    ['one byte behind its end', Buffer.concat([whole, Buffer.alloc(1)]), 'something after its first member'],
    ['an end without its length', whole.subarray(0, -4), 'breaks off'],
    ['an end without its checksum', whole.subarray(0, -8), 'breaks off'],
    ['an end within the data', whole.subarray(0, 40), 'breaks off'],
    ['an end within the header', whole.subarray(0, 9), 'malformed header'],
    [
      'a wrong checksum',
      Buffer.concat([whole.subarray(0, -8), Buffer.alloc(4), whole.subarray(-4)]),
      'corrupt',
    ],
    ['a wrong length', Buffer.concat([whole.subarray(0, -4), Buffer.alloc(4)]), 'corrupt'],
    ['data that is none', Buffer.concat([whole.subarray(0, 10), Buffer.alloc(50, 0xff)]), 'corrupt'],
    ['a flag that nobody knows', withHeader(0x20, ''), 'malformed header'],
    ['a name without end', withHeader(8, Buffer.alloc(70_000, 65)), 'malformed header'],
  ])('refuses %s', async (_, bytes, why) => {
    for (const size of [1, 30, bytes.length]) {
      const said = await refusal(bytes, size);
      expect(said).toMatch(/^400 archive-gzip: the archive is compressed with gzip and /);
      expect(said).toContain(why);
    }
  });

  it('can be left in the middle', async () => {
    for await (const piece of gunzip(queueOf(gzipSync(Buffer.alloc(1_000_000)), 10))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
  });

  it('keeps little of data that unpacks to much', async () => {
    const bomb = gzipSync(Buffer.alloc(300_000_000));
    const before = process.memoryUsage();
    let size = 0;
    let most = 0;
    for await (const piece of gunzip(queueOf(bomb, 65_536))) {
      size += piece.length;
      const { arrayBuffers, external } = process.memoryUsage();
      most = Math.max(most, arrayBuffers + external - before.arrayBuffers - before.external);
    }
    expect(size).toBe(300_000_000);
    expect(most).toBeLessThan(100_000_000);
  });
});
