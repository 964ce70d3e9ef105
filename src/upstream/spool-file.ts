import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Refusal } from '../errors.ts';

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

/** A file without a name: written once, then read once. */
class SpoolFile {
  readonly #handle: FileHandle;
  readonly #account: (change: number) => void;
  #size = 0;
  #isOpen = true;

  constructor(handle: FileHandle, account: (change: number) => void) {
    this.#handle = handle;
    this.#account = account;
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** @throws Refusal 503 when the disk takes no more */
  async append(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle
        .write(bytes, at, bytes.length - at, this.#size)
        .catch((cause: unknown) => {
          throw unavailable(cause);
        });
      at += bytesWritten;
      this.#size += bytesWritten;
      this.#account(bytesWritten);
    }
  }

  /** The content from the beginning; the file is gone when the stream closes. */
  read(): Readable {
    if (!this.#isOpen) throw new Error('this file has been read or discarded');
    this.#isOpen = false;
    const stream = this.#handle.createReadStream({ start: 0, highWaterMark: 65_536 });
    return stream.once('close', () => this.#account(-this.#size));
  }

  async discard(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#account(-this.#size);
    await this.#handle.close();
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
