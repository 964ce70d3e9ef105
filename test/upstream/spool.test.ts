import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable, type Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, InflateRaw } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ArchiveScan, TarReader } from '../../src/docker/archive/tar.ts';
import { Refusal } from '../../src/errors.ts';
import { Spool, type SpooledBody, type SpoolLimits } from '../../src/upstream/spool.ts';
import { archive, file } from '../docker/archive/fixtures.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quaywarden-spool-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const limits = (other: Partial<SpoolLimits> = {}): SpoolLimits => ({
  folder,
  bytes: 1_000_000,
  totalBytes: 2_000_000,
  idleSeconds: 5,
  ...other,
});
const sound = archive(file('a', 'x'.repeat(100_000)));

/** Says which files an archive has. */
function namesScan(): ArchiveScan<readonly string[]> {
  const names: string[] = [];
  const reader = new TarReader(({ name }) => {
    names.push(name);
    return undefined;
  });
  return {
    write: (chunk) => reader.write(chunk),
    end() {
      reader.end();
      return names;
    },
  };
}

/** A body that arrives in pieces and ends. */
function bodyOf(bytes: Buffer, pieceBytes = 10_000): Readable {
  const source = new PassThrough({ highWaterMark: pieceBytes });
  for (let at = 0; at < bytes.length; at += pieceBytes) source.write(bytes.subarray(at, at + pieceBytes));
  source.end();
  return source;
}

async function refusal(spool: Spool, source: Readable): Promise<string> {
  try {
    await spool.receive(source, namesScan());
  } catch (error) {
    if (error instanceof Refusal) return `${error.status} ${error.reason}`;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Files in the folder that this process has open, named or not. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) ? [`/proc/self/fd/${fd}`] : [];
    } catch {
      return [];
    }
  });
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await new Promise<void>((resolve) => stream.once('close', () => resolve()));
}

describe('the spool', () => {
  it('gives back what arrived, and what the scan found in it', async () => {
    const { body, found } = await new Spool(limits()).receive(bodyOf(sound), namesScan());
    expect(found).toEqual(['a']);
    expect([body.length, body.received]).toEqual([sound.length, sound.length]);
    expect(await buffer(body.open())).toEqual(sound);
  });

  it('gives back the archive in gzip decompressed', async () => {
    const packed = gzipSync(sound);
    const { body } = await new Spool(limits()).receive(bodyOf(packed, 50), namesScan());
    expect([body.length, body.received]).toEqual([sound.length, packed.length]);
    expect(await buffer(body.open())).toEqual(sound);
  });

  it('keeps it in a file of mode 0600 that has no name', async () => {
    const { body } = await new Spool(limits()).receive(bodyOf(sound), namesScan());
    expect(readdirSync(folder)).toEqual([]);
    const [only, ...others] = openFiles().map((path) => statSync(path));
    expect(others).toEqual([]);
    expect([(only?.mode ?? 0) & 0o777, only?.nlink, only?.size]).toEqual([0o600, 0, sound.length]);
    await body.discard();
  });

  it('is rid of the file when it has been read', async () => {
    const spool = new Spool(limits());
    const { body } = await spool.receive(bodyOf(sound), namesScan());
    expect(spool.used).toBe(sound.length);
    const stream = body.open();
    await buffer(stream);
    await closed(stream);
    expect([spool.used, openFiles()]).toEqual([0, []]);
  });

  it('is rid of the file when its reader breaks off', async () => {
    const spool = new Spool(limits());
    const { body } = await spool.receive(bodyOf(sound), namesScan());
    const stream = body.open();
    await new Promise((resolve) => stream.once('readable', resolve));
    stream.destroy();
    await closed(stream);
    expect([spool.used, openFiles()]).toEqual([0, []]);
  });

  it('is rid of the file when it is discarded, however often', async () => {
    const spool = new Spool(limits());
    const { body } = await spool.receive(bodyOf(sound), namesScan());
    await body.discard();
    await body.discard();
    expect([spool.used, openFiles()]).toEqual([0, []]);
    expect(() => body.open()).toThrow('read or discarded');
  });

  it('can be discarded while it is read, which does nothing', async () => {
    const { body } = await new Spool(limits()).receive(bodyOf(sound), namesScan());
    const stream = body.open();
    await body.discard();
    expect(await buffer(stream)).toEqual(sound);
  });

  it('can be read once only', async () => {
    const { body } = await new Spool(limits()).receive(bodyOf(sound), namesScan());
    await buffer(body.open());
    expect(() => body.open()).toThrow('read or discarded');
  });

  it('takes only as much from the client as it writes', async () => {
    const source = new PassThrough({ highWaterMark: 1_000 });
    const done = new Spool(limits()).receive(source, namesScan());
    for (let at = 0; at < sound.length; at += 1_000) {
      if (!source.write(sound.subarray(at, at + 1_000))) {
        await new Promise((resolve) => source.once('drain', resolve));
      }
    }
    source.end();
    expect(await buffer((await done).body.open())).toEqual(sound);
  });
});

describe('the spool refuses', () => {
  const large = archive(file('a', Buffer.alloc(1_100_000)));

  it.each<[string, () => Readable, Partial<SpoolLimits>, string]>([
    ['an archive beyond the limit', () => bodyOf(large), {}, '413 archive-too-large'],
    [
      'an archive that unpacks to more than the limit',
      () => bodyOf(gzipSync(large)),
      {},
      '413 archive-too-large',
    ],
    ['an archive for which there is no room', () => bodyOf(sound), { totalBytes: 50_000 }, '503 spool-full'],
    ['an archive that breaks off', () => bodyOf(sound.subarray(0, 5_000)), {}, '400 archive-truncated'],
    ['what the scan refuses', () => bodyOf(Buffer.alloc(5_000, 'x')), {}, '400 archive-header'],
    ['bzip2', () => bodyOf(Buffer.from('BZh91AY&SY')), {}, '400 archive-compression'],
    ['xz', () => bodyOf(Buffer.from('\xfd7zXZ\0\0\x04', 'latin1')), {}, '400 archive-compression'],
    ['zstd', () => bodyOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 1), {}, '400 archive-compression'],
    ['gzip within gzip', () => bodyOf(gzipSync(gzipSync(randomBytes(5_000)))), {}, '400 archive-compression'],
    ['gzip that breaks off', () => bodyOf(gzipSync(sound).subarray(0, -1)), {}, '400 archive-gzip'],
    ['a body without bytes', () => bodyOf(Buffer.alloc(0)), {}, '400 archive-truncated'],
    ['when its folder is not there', () => bodyOf(sound), { folder: '/nowhere' }, '503 spool-unavailable'],
  ])('%s', async (_, source, other, expected) => {
    const spool = new Spool(limits(other));
    expect(await refusal(spool, source())).toBe(expected);
    expect([spool.used, openFiles(), readdirSync(folder)]).toEqual([0, [], []]);
  });

  it('a client that breaks off', async () => {
    const source = new PassThrough();
    source.write(sound.subarray(0, 5_000));
    const spool = new Spool(limits());
    const said = refusal(spool, source);
    source.destroy();
    expect(await said).toBe('400 body-incomplete');
    expect([spool.used, openFiles()]).toEqual([0, []]);
  });

  it('a client that has broken off already', async () => {
    const source = new PassThrough();
    source.destroy(new Error('gone')).on('error', () => {});
    await closed(source);
    expect(await refusal(new Spool(limits()), source)).toBe('400 body-incomplete');
  });

  it('a client that sends nothing more', async () => {
    const source = new PassThrough();
    source.write(sound.subarray(0, 5_000));
    expect(await refusal(new Spool(limits({ idleSeconds: 0.05 })), source)).toBe('408 body-timeout');
  });

  it('gzip that goes on without end and unpacks to nothing', async () => {
    const source = new PassThrough();
    const spool = new Spool(limits());
    const said = refusal(spool, source);
    source.write(gzipSync(Buffer.alloc(0)).subarray(0, 10));
    // Stored blocks of no bytes.
    for (let at = 0; at < 3; at += 1) {
      source.write(Buffer.concat(Array<Buffer>(100_000).fill(Buffer.from([0, 0, 0, 0xff, 0xff]))));
    }
    expect(await said).toBe('413 archive-too-large');
  });

  it('gzip in the middle, and gives back what zlib had', async () => {
    const base = Object.getPrototypeOf(Object.getPrototypeOf(InflateRaw.prototype)) as Transform;
    const destroyed = vi.spyOn(base, '_destroy');
    const body = bodyOf(gzipSync(Buffer.alloc(50_000_000)));
    expect(await refusal(new Spool(limits()), body)).toBe('413 archive-too-large');
    expect(destroyed).toHaveBeenCalledTimes(1);
    destroyed.mockRestore();
  });

  it('leaves the body as it is, so that the answer can still be given', async () => {
    const source = new PassThrough({ highWaterMark: 100_000_000 });
    source.write(Buffer.alloc(600, 'x'));
    expect(await refusal(new Spool(limits()), source)).toBe('400 archive-header');
    expect([source.destroyed, source.listenerCount('data')]).toEqual([false, 0]);
    source.end('rest');
    source.resume();
    await closed(source);
  });

  it('further archives while others take all the room', async () => {
    const spool = new Spool(limits({ totalBytes: 150_000 }));
    const first: SpooledBody = (await spool.receive(bodyOf(sound), namesScan())).body;
    expect(await refusal(spool, bodyOf(sound))).toBe('503 spool-full');
    await first.discard();
    await (await spool.receive(bodyOf(sound), namesScan())).body.discard();
  });
});
