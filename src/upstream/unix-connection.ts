import { Socket } from 'node:net';

type Done = (error?: Error | null) => void;
type Pending = { chunk: unknown; encoding: BufferEncoding }[];

/**
 * A connection to a unix socket that is read to its end although it can no longer be written.
 *
 * An Engine that answers early (404 to an upload, a process that ends before its input does) closes with bytes of
 * ours unread. The next write then fails, and Node would close the socket on that error with the answer still in
 * the kernel's buffer. Here such a write goes nowhere, and the answer or the end of the stream tells the rest.
 */
class UnixConnection extends Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, forgiving(done));
  }

  override _writev(chunks: Pending, done: Done): void {
    super._writev?.(chunks, forgiving(done));
  }
}

/** Opens one; either side may end its writing while the other goes on. */
export function connectUnix(path: string): Socket {
  return new UnixConnection({ allowHalfOpen: true }).connect(path);
}

function forgiving(done: Done): Done {
  return (error) => {
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    done(code === 'EPIPE' || code === 'ECONNRESET' ? null : error);
  };
}
