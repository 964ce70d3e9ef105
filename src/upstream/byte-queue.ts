import type { Soon } from '../at-once.ts';

/** Bytes that arrive in pieces. */
export interface Pieces {
  /** The next piece, never empty; null at the end. */
  next(): Soon<Buffer | null>;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** The same, to be taken by number. */
export class ByteQueue implements Pieces {
  readonly #source: Pieces;
  #ready = NOTHING;

  constructor(source: Pieces) {
    this.#source = source;
  }

  next(): Soon<Buffer | null> {
    if (this.#ready.length === 0) return this.#source.next();
    const bytes = this.#ready;
    this.#ready = NOTHING;
    return bytes;
  }

  /** That many bytes, or as many as there are left, without taking them. */
  async peek(length: number): Promise<Buffer> {
    while (this.#ready.length < length) {
      const piece = await this.#source.next();
      if (piece === null) break;
      this.#ready = this.#ready.length === 0 ? piece : Buffer.concat([this.#ready, piece]);
    }
    return this.#ready.subarray(0, length);
  }

  /** Exactly that many bytes; null when there are fewer left. */
  async take(length: number): Promise<Buffer | null> {
    const bytes = await this.peek(length);
    if (bytes.length < length) return null;
    this.#ready = this.#ready.subarray(length);
    return bytes;
  }

  /** Puts bytes back to the front. */
  unread(bytes: Buffer): void {
    this.#ready = this.#ready.length === 0 ? bytes : Buffer.concat([bytes, this.#ready]);
  }
}
