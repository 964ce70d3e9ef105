import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import { notJudged } from '../errors.ts';

/** What is gathered before it is sent, in bytes. */
const GATHERED_BYTES = 65_536;
/** Room before it for its size, and behind it, where it is a chunk. */
const SIZE_BYTES = 8;
const ENDS = Buffer.from('\r\n');

type Done = (error?: Error | null) => void;

/**
 * The body of a request whose head was sent, framed on its way to the Engine (RFC 9112, section 6). What arrives in one turn
 * of the event loop is gathered and leaves in one write: a client's records of 16 KiB would cost a system call each, which is
 * half of what an upload costs. It is gathered in two buffers that are used again: pieces that wait for a slow Engine one by
 * one grow old, and V8 would look through its whole heap for them.
 */
export class RequestBody extends Writable {
  readonly #socket: Socket;
  /** What is still to come; undefined: nobody knows, and it is sent in chunks. */
  #left: number | undefined;
  #gathering = room();
  #gathered = 0;
  /** What the socket has while it is sending, and what it will not touch while it is not. */
  #other = room();
  #isSending = false;
  #isDue = false;
  /** Goes on with a piece for which there was no room. */
  #goOn: (() => void) | undefined;

  /**
   * Is over when the socket closes, which its owner minds, and closes that where the body is not as long as it should be.
   *
   * @param length as the head says; undefined where that says `chunked`
   */
  constructor(socket: Socket, length: number | undefined) {
    super({ highWaterMark: GATHERED_BYTES, decodeStrings: false });
    this.#socket = socket;
    this.#left = length;
    socket.once('close', () => this.destroy());
    this.on('error', (error) => socket.destroy(error)); // half of a body is not to be taken for a whole one
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    if (this.#left !== undefined) {
      this.#left -= chunk.length;
      if (this.#left < 0) {
        done(notJudged());
        return;
      }
    }
    const isLarge = chunk.length >= GATHERED_BYTES && this.#gathered === 0 && this.#left !== undefined;
    if (isLarge) this.#socket.write(chunk, done);
    else this.#gather(chunk, done);
  }

  override _final(done: Done): void {
    if (this.#left !== undefined && this.#left > 0) done(notJudged());
    else if (this.#gathered > 0) this.#whenRoom(() => this._final(done));
    else {
      if (this.#left === undefined) this.#socket.write('0\r\n\r\n', 'latin1');
      done();
    }
  }

  #gather(chunk: Buffer, done: Done): void {
    const taken = chunk.copy(
      this.#gathering,
      SIZE_BYTES + this.#gathered,
      0,
      GATHERED_BYTES - this.#gathered,
    );
    this.#gathered += taken;
    if (taken < chunk.length) {
      this.#whenRoom(() => this.#gather(chunk.subarray(taken), done));
      return;
    }
    if (!this.#isDue) {
      this.#isDue = true;
      setImmediate(() => {
        this.#isDue = false;
        if (!this.#isSending) this.#send();
      });
    }
    done();
  }

  /** Goes on when what was gathered has been handed to the socket. */
  #whenRoom(goOn: () => void): void {
    this.#goOn = goOn;
    if (!this.#isSending) this.#send();
  }

  #send(): void {
    const [bytes, length] = [this.#gathering, this.#gathered];
    if (length === 0 || this.destroyed) return;
    this.#gathering = this.#other;
    this.#other = bytes;
    this.#gathered = 0;
    this.#isSending = true;
    this.#socket.write(this.#framed(bytes, length), () => {
      this.#isSending = false;
      if (this.#goOn !== undefined || !this.#isDue) this.#send();
    });
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  #framed(bytes: Buffer, length: number): Buffer {
    const end = SIZE_BYTES + length;
    if (this.#left !== undefined) return bytes.subarray(SIZE_BYTES, end);
    const size = `${length.toString(16)}\r\n`;
    bytes.write(size, SIZE_BYTES - size.length, 'latin1');
    return bytes.subarray(SIZE_BYTES - size.length, end + ENDS.copy(bytes, end));
  }
}

function room(): Buffer {
  return Buffer.allocUnsafeSlow(SIZE_BYTES + GATHERED_BYTES + ENDS.length);
}
