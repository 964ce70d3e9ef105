import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Refusal } from '../errors.ts';

/** What is written, and read, at once; a slow client holds twice as much in memory for as long as it takes. */
const PIECE_BYTES = 262_144;
const NOTHING = Buffer.alloc(0);

/**
 * Creates a file that nobody else can open: mode 0600, and without a name from its first byte on, so that it is gone
 * with the process.
 *
 * @param account is told how many bytes more (or, below zero, fewer) are on disk
 * @throws Refusal 503 `spool-unavailable` or `spool-full`
 */
export async function createSpoolFile(folder: string, account: (change: number) => void): Promise<SpoolFile> {
  const path = join(folder, `quaywarden-${randomUUID()}`);
  try {
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path).catch(async (error: unknown) => {
      await handle.close();
      throw error;
    });
    return new SpoolFile(handle, account);
  } catch (cause) {
    throw unavailable(cause);
  }
}

/**
 * A file without a name: written once, then read once. What is appended goes to disk in large pieces, each while the next
 * is gathered: a write for every piece that a client sends would cost more than all else that is done with it.
 */
export class SpoolFile {
  readonly #handle: FileHandle;
  readonly #account: (change: number) => void;
  #gathering = Buffer.allocUnsafeSlow(PIECE_BYTES);
  #gathered = 0;
  /** What is on its way to disk, and when it is there. */
  #leaving = NOTHING;
  #written: Promise<void> = Promise.resolve();
  #size = 0;
  #isOpen = true;

  constructor(handle: FileHandle, account: (change: number) => void) {
    this.#handle = handle;
    this.#account = account;
  }

  /** Bytes that were appended. */
  get size(): number {
    return this.#size;
  }

  /**
   * Takes a copy.
   *
   * @returns undefined once all of it has been taken, as most often at once; else when it will be
   * @throws Refusal 503, then, when the disk takes no more, of this or of what was appended before
   */
  append(bytes: Buffer): Promise<void> | undefined {
    const taken = bytes.copy(this.#gathering, this.#gathered);
    this.#gathered += taken;
    this.#size += taken;
    this.#account(taken);
    if (taken === bytes.length) return undefined;
    return this.#flush().then(() => this.append(bytes.subarray(taken)));
  }

  /**
   * Waits until all that was appended is on disk.
   *
   * @throws Refusal 503 when the disk takes no more
   */
  async finish(): Promise<void> {
    await this.#written;
    await this.#write();
    this.#gathering = NOTHING;
    this.#leaving = NOTHING;
  }

  /** The content from the beginning, once it is finished; the file is gone when the stream closes. */
  read(): Readable {
    if (!this.#isOpen) throw new Error('this file has been read or discarded');
    this.#isOpen = false;
    const stream = this.#handle.createReadStream({ start: 0, highWaterMark: PIECE_BYTES });
    return stream.once('close', () => this.#account(-this.#size));
  }

  async discard(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#written.catch(() => {});
    this.#account(-this.#size);
    await this.#handle.close();
  }

  /** Sends to disk what was gathered, once what was sent before is there. */
  async #flush(): Promise<void> {
    await this.#written;
    this.#written = this.#write();
    this.#written.catch(() => {}); // whoever appends or finishes next is told
    const free = this.#leaving.length === 0 ? Buffer.allocUnsafeSlow(PIECE_BYTES) : this.#leaving;
    this.#leaving = this.#gathering;
    this.#gathering = free;
    this.#gathered = 0;
  }

  /** Writes what was gathered up to now. */
  async #write(): Promise<void> {
    const [bytes, position] = [this.#gathering.subarray(0, this.#gathered), this.#size - this.#gathered];
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle
        .write(bytes, at, bytes.length - at, position + at)
        .catch((cause: unknown) => {
          throw unavailable(cause);
        });
      at += bytesWritten;
    }
  }
}

/** The refusal when there is no room for a further archive. */
export function spoolFull(cause?: unknown): Refusal {
  return new Refusal(
    503,
    'spool-full',
    'this gateway has no room to judge a further archive; try again later',
    {
      cause,
    },
  );
}

function unavailable(cause: unknown): Refusal {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') return spoolFull(cause);
  return new Refusal(503, 'spool-unavailable', 'this gateway can not keep archives to judge them', { cause });
}
