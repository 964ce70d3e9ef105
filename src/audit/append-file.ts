import { constants, fstatSync, write } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The code of the error that another process writes into the same file. */
export const SHARED = 'ESHARED';

/**
 * A file that is appended to, all or nothing: what failed in the middle is cut off again, so that a reader never meets
 * half a batch that was reported as not written.
 */
export class AppendFile {
  readonly path: string;
  #handle: FileHandle;
  #size: number;

  private constructor(path: string, handle: FileHandle, size: number) {
    this.path = path;
    this.#handle = handle;
    this.#size = size;
  }

  /**
   * @param size how many bytes it has to have; what is there beyond is cut off. Undefined makes a new file
   * @param durable whether `append` returns once the disk has it (O_DSYNC)
   * @throws NodeJS.ErrnoException; EEXIST for a new one that is there; ENOENT; `ESTALE` when it is shorter than it was
   */
  static async open(path: string, size: number | undefined, durable: boolean): Promise<AppendFile> {
    const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_DSYNC, O_NOFOLLOW } = constants;
    const making = size === undefined ? O_CREAT | O_EXCL : 0;
    const flags = O_WRONLY | O_APPEND | O_NOFOLLOW | making | (durable ? O_DSYNC : 0);
    const handle = await open(path, flags, 0o600);
    try {
      const { size: there } = await handle.stat();
      if (there < (size ?? 0)) {
        throw Object.assign(new Error(`${path} is shorter than it was`), { code: 'ESTALE' });
      }
      if (there > (size ?? 0)) await handle.truncate(size ?? 0);
      if (size === undefined && durable) await syncFolder(dirname(path));
    } catch (error) {
      await handle.close().catch(() => undefined);
      throw error;
    }
    return new AppendFile(path, handle, size ?? 0);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @throws NodeJS.ErrnoException when not all of it could be written, and then none of it is there; `SHARED` when
   *   another process writes there
   */
  async append(bytes: Buffer): Promise<void> {
    const { nlink, size } = fstatSync(this.#handle.fd);
    if (nlink === 0) throw Object.assign(new Error(`${this.path} was taken away`), { code: 'ENOENT' });
    if (size > this.#size) {
      throw Object.assign(new Error(`${this.path} is written by somebody else as well`), { code: SHARED });
    }
    try {
      for (let written = 0; written < bytes.length; ) {
        written += await writeTo(this.#handle.fd, bytes, written);
      }
    } catch (error) {
      // Where this fails too, whoever opens it again cuts it off.
      await this.#handle.truncate(this.#size).catch(() => undefined);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Nobody is to write here any more. */
  async close(isSealed = false): Promise<void> {
    if (isSealed) await this.#handle.chmod(0o400).catch(() => undefined);
    await this.#handle.close().catch(() => undefined);
  }
}

/** As `FileHandle.write`, which takes three promises for each. @returns how many bytes were written */
function writeTo(fd: number, bytes: Buffer, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, from, bytes.length - from, null, (error, written) => {
      if (error === null) resolve(written);
      else reject(error);
    });
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
