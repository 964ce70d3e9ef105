const NOTHING: Buffer = Buffer.alloc(0);

/** Bytes that arrive in pieces, taken by number. */
export class ByteQueue {
  readonly #source: AsyncIterator<Buffer>;
  #ready = NOTHING;

  constructor(source: AsyncIterator<Buffer>) {
    this.#source = source;
  }

  /** Exactly that many bytes; null when there are fewer left, which are then lost. */
  async take(length: number): Promise<Buffer | null> {
    const bytes = await this.peek(length);
    if (bytes.length < length) return null;
    this.#ready = this.#ready.subarray(length);
    return bytes;
  }

  /** That many bytes, or as many as there are left, without taking them. */
  async peek(length: number): Promise<Buffer> {
    while (this.#ready.length < length) {
      const { done, value } = await this.#source.next();
      if (done) break;
      this.#ready = this.#ready.length === 0 ? value : Buffer.concat([this.#ready, value]);
    }
    return this.#ready.subarray(0, length);
  }

  /** The next piece, of whatever size; null at the end. */
  async next(): Promise<Buffer | null> {
    if (this.#ready.length === 0) await this.peek(1);
    const bytes = this.#ready;
    this.#ready = NOTHING;
    return bytes.length === 0 ? null : bytes;
  }

  /** Puts bytes back to the front. */
  unread(bytes: Buffer): void {
    this.#ready = Buffer.concat([bytes, this.#ready]);
  }
}
