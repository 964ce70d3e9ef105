import { crc32, createInflateRaw, type InflateRaw } from 'node:zlib';
import { badArchive } from '../docker/archive/fault.ts';
import type { ByteQueue } from './byte-queue.ts';

/** Flags of a member's header (RFC 1952, 2.3.1). */
const HCRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const RESERVED = 0xe0;

/** The most that a header may hold besides its ten bytes. */
const HEADER_BYTES = 65_536;
const TRAILER_BYTES = 8;

/**
 * Decompresses gzip that is one member with nothing after it: programs go on differently from there.
 *
 * @throws Refusal 400 `archive-gzip`
 */
export async function* gunzip(queue: ByteQueue): AsyncGenerator<Buffer> {
  await skipHeader(queue);
  const inflate = createInflateRaw().on('error', () => {}); // the iterator throws it
  const fed = feed(queue, inflate).catch((error: unknown) => {
    inflate.destroy(error as Error);
  });
  let crc = 0;
  let size = 0;
  try {
    for await (const chunk of inflate.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      crc = crc32(chunk, crc);
      size = (size + chunk.length) % 0x1_0000_0000;
      yield chunk;
    }
  } catch (error) {
    throw String((error as { readonly code?: unknown }).code).startsWith('Z_') ? bad('is corrupt') : error;
  } finally {
    inflate.destroy();
  }
  await fed;
  const trailer = await queue.take(TRAILER_BYTES);
  if (trailer === null) throw bad('breaks off');
  if (trailer.readUInt32LE(0) !== crc || trailer.readUInt32LE(4) !== size) throw bad('is corrupt');
  if ((await queue.take(1)) !== null) throw bad('has something after its first member');
}

/** Writes to zlib until that leaves something over, which comes after its data, and puts it back. */
async function feed(queue: ByteQueue, inflate: InflateRaw): Promise<void> {
  for (let written = 0, left = 0; left === 0 && !inflate.destroyed; ) {
    const chunk = await queue.next();
    if (chunk === null) throw bad('breaks off');
    await new Promise<void>((resolve) => {
      inflate.once('close', resolve);
      inflate.write(chunk, () => {
        inflate.off('close', resolve);
        resolve();
      });
    });
    written += chunk.length;
    left = written - inflate.bytesWritten;
    queue.unread(chunk.subarray(chunk.length - left));
  }
}

async function skipHeader(queue: ByteQueue): Promise<void> {
  const head = await queue.take(10);
  const flags = head?.[3] ?? RESERVED;
  if ((flags & RESERVED) !== 0) throw bad('has a malformed header');
  let budget = HEADER_BYTES;
  const take = async (length: number): Promise<Buffer> => {
    budget -= length;
    const bytes = budget < 0 ? null : await queue.take(length);
    if (bytes === null) throw bad('has a malformed header');
    return bytes;
  };
  if ((flags & EXTRA) !== 0) await take((await take(2)).readUInt16LE(0));
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) !== 0) while ((await take(1))[0] !== 0);
  }
  if ((flags & HCRC) !== 0) await take(2);
}

function bad(what: string): Error {
  return badArchive('archive-gzip', `the archive is compressed with gzip and ${what}`);
}
