import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file as it stands on disk. */
export interface FileDigest {
  /** SHA-256, lower case hexadecimal. */
  readonly sha256: string;
  /** Its size. */
  readonly bytes: number;
}

/** The file of a session. */
export function recordingName(session: string): string {
  return `${session}.cast`;
}

/** The session of a file; undefined when it is no recording of this gateway. */
export function sessionOfFile(name: string): string | undefined {
  return /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.cast$/.exec(name)?.[1];
}

/**
 * Reads a recording and computes what the audit record of its session has to say.
 *
 * @throws NodeJS.ErrnoException when it can not be read
 */
export async function digestOf(path: string): Promise<FileDigest> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}

let lastSync: Promise<void> = Promise.resolve();

/** Many sessions may end at once: one syncs at a time, so that Node's few threads stay free for the audit log. */
function inTurn(sync: () => Promise<void>): Promise<void> {
  const turn = lastSync.then(sync);
  lastSync = turn.catch(() => {});
  return turn;
}

/** A recording that is being written: mode 0600, each piece in the file before `append` resolves. */
export class RecordingFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #most: number;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  /** Settles when all that was given so far is written. */
  #last: Promise<void> = Promise.resolve();

  private constructor(path: string, handle: FileHandle, most: number) {
    this.#path = path;
    this.#handle = handle;
    this.#most = most;
  }

  /**
   * Makes the file, and the folder where it is missing (mode 0700).
   *
   * @param most bytes that it may have; 0 for any number
   * @throws NodeJS.ErrnoException when it can not be made, or is there already
   */
  static async create(folder: string, name: string, most: number): Promise<RecordingFile> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, name);
    return new RecordingFile(path, await open(path, 'wx', 0o600), most);
  }

  /**
   * Appends in the order of the calls.
   *
   * @throws NodeJS.ErrnoException when the disk takes no more; Error beyond the largest size. What was given after it
   *   is not written either
   */
  append(text: string): Promise<void> {
    const written = this.#last.then(() => this.#write(Buffer.from(text)));
    // Whoever waits hears of it; it must not be an unhandled rejection for those who do not.
    written.catch(() => {});
    this.#last = written;
    return written;
  }

  /**
   * Has all of it on disk and closes it.
   *
   * @returns what stands in the file, when an `append` failed too
   * @throws NodeJS.ErrnoException when it can not be brought to disk; the file is closed all the same
   */
  async close(): Promise<FileDigest> {
    await this.#last.catch(() => {});
    try {
      await inTurn(() => this.#handle.datasync());
    } finally {
      await this.#handle.close();
    }
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }

  /** Takes away a recording of a session that never began. */
  async discard(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#handle.close();
    await unlink(this.#path);
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#most > 0 && this.#bytes + bytes.length > this.#most) {
      throw new Error(`the recording would have more than ${this.#most} bytes (sessions.maxBytes)`);
    }
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at);
      this.#hash.update(bytes.subarray(at, at + bytesWritten));
      this.#bytes += bytesWritten;
      at += bytesWritten;
    }
  }
}
