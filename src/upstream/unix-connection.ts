import { Socket, type SocketConstructorOpts } from 'node:net';

type Done = (error?: Error | null) => void;
type Pending = { chunk: unknown; encoding: BufferEncoding }[];

/** Takes bytes as they arrive; calls `done` when it needs them no more. */
export type Sink = (bytes: Buffer, done: () => void) => void;

/**
 * What quiet connections are read into, all of them: a read is taken out of it before there is another one, of whichever
 * connection. So a session that nobody types in has no buffer of its own.
 */
const QUIET = Buffer.allocUnsafeSlow(16_384);
/** What is read at once of one that brings as much as there is room for, in bytes. */
const BUSY_BYTES = 65_536;
/**
 * So many reads in a row of no more than so much make a busy connection a quiet one. One alone says nothing: a stream comes in
 * pieces of the Engine's, whose rests are small, and a new buffer after each of them is what its own buffers are there to spare.
 */
const FEW_BYTES = 1_024;
const FEW_READS = 8;

/**
 * A connection to a unix socket that is read to its end although it can no longer be written.
 *
 * An Engine that answers early (404 to an upload, a process that ends before its input does) closes with bytes of
 * ours unread. The next write then fails, and Node would close the socket on that error with the answer still in
 * the kernel's buffer. Here such a write goes nowhere, and the answer or the end of the stream tells the rest.
 *
 * It is read into buffers that are used again, its own ones while it is busy. Node would take a new one of 64 KiB for each
 * read, and those of a long stream have V8 collect the garbage of the whole heap a dozen times for each gigabyte.
 */
export class UnixConnection extends Socket {
  /** While it is busy, what the next read goes into, and one that is free. A buffer that a sink has is neither. */
  #offered: Buffer | undefined;
  #free: Buffer | undefined;
  #isBusy = false;
  #fewInARow = 0;
  #sink: Sink | undefined;

  constructor() {
    // `onread` is documented with `connect`, whose options Node hands to this constructor.
    const options: SocketConstructorOpts & { readonly onread: object } = {
      allowHalfOpen: true,
      onread: { buffer: () => this.#room(), callback: (length: number) => this.#take(length) },
    };
    super(options);
  }

  override _write(chunk: unknown, encoding: BufferEncoding, done: Done): void {
    super._write(chunk, encoding, forgiving(done));
  }

  override _writev(chunks: Pending, done: Done): void {
    super._writev?.(chunks, forgiving(done));
  }

  /**
   * Hands all that arrives from now on to a sink, and to nobody else; nothing more is read before that is done with what it has.
   */
  drainTo(sink: Sink): void {
    for (let bytes: Buffer | null = this.read(); bytes !== null; bytes = this.read()) sink(bytes, () => {});
    this.#sink = sink;
    this.resume();
  }

  #room(): Buffer {
    if (!this.#isBusy) return QUIET;
    if (this.#offered !== undefined) return this.#offered;
    this.#offered = this.#free ?? Buffer.allocUnsafeSlow(BUSY_BYTES);
    this.#free = undefined;
    return this.#offered;
  }

  /** @returns false where no more is to be read for now */
  #take(length: number): boolean {
    const buffer = this.#room();
    const isCommon = buffer === QUIET;
    const bytes = buffer.subarray(0, length);
    if (length === buffer.length) this.#isBusy = true;
    this.#fewInARow = length <= FEW_BYTES ? this.#fewInARow + 1 : 0;
    if (this.#fewInARow === FEW_READS) this.#rest();
    const sink = this.#sink;
    if (sink === undefined) return this.push(Buffer.from(bytes));
    // A sink may be done while it is still told: it could not be read on yet.
    let isTelling = true;
    let isDone = false;
    const done = (): void => {
      if (isTelling) isDone = true;
      else this.#goOn();
    };
    if (isCommon) sink(Buffer.from(bytes), done);
    else {
      this.#offered = undefined;
      sink(bytes, () => {
        if (this.#isBusy) this.#free = buffer;
        done();
      });
    }
    isTelling = false;
    return isDone;
  }

  /** Becomes a quiet one. */
  #rest(): void {
    this.#isBusy = false;
    this.#offered = undefined;
    this.#free = undefined;
  }

  #goOn(): void {
    if (!this.destroyed) this.resume();
  }
}

/** Opens one; either side may end its writing while the other goes on. */
export function connectUnix(path: string): Socket {
  return new UnixConnection().connect(path);
}

function forgiving(done: Done): Done {
  return (error) => {
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    done(code === 'EPIPE' || code === 'ECONNRESET' ? null : error);
  };
}
