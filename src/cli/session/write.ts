import type { Writable } from 'node:stream';

/** Writes, and waits where the other side is slow; a reader that has gone ends the command quietly. */
export function write(to: Writable, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(data, (error) => {
      if (error === null || error === undefined) resolve();
      else if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
      else reject(error);
    });
  });
}
