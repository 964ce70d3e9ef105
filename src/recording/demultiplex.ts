/** Standard output and standard error of a process. */
export type OutputStream = 'stdout' | 'stderr';

/** Bytes of one of them. */
export interface StreamPiece {
  readonly stream: OutputStream;
  readonly bytes: Buffer;
}

/** Stream type, three zeros, the payload's length (big endian): moby's stdcopy. */
const HEAD_BYTES = 8;

/** By the first byte of a frame; 3 carries what the Engine itself has to say, which clients show as an error. */
const STREAMS: Readonly<Record<number, OutputStream>> = { 1: 'stdout', 2: 'stderr', 3: 'stderr' };

/**
 * Takes the two streams of a process without a terminal apart, as the Engine sends them on one connection. Frames may
 * be cut anywhere; a payload is handed on as it comes, so that no more than a frame's head is ever kept.
 */
export class Demultiplexer {
  #head = Buffer.alloc(0);
  #stream: OutputStream = 'stdout';
  /** Bytes of the payload that are still to come. */
  #left = 0;

  /**
   * @returns what the chunk carries, in order, neighbours of one stream joined
   * @throws Error when the bytes are no frames
   */
  write(chunk: Buffer): StreamPiece[] {
    const pieces: { stream: OutputStream; parts: Buffer[] }[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#left === 0) {
        at = this.#readHead(chunk, at);
        continue;
      }
      const part = chunk.subarray(at, at + this.#left);
      at += part.length;
      this.#left -= part.length;
      const last = pieces.at(-1);
      if (last?.stream === this.#stream) last.parts.push(part);
      else pieces.push({ stream: this.#stream, parts: [part] });
    }
    return pieces.map(({ stream, parts: [first = Buffer.alloc(0), ...more] }) => ({
      stream,
      bytes: more.length === 0 ? first : Buffer.concat([first, ...more]),
    }));
  }

  /** @returns where the payload begins, or the end of the chunk when the head is not whole yet */
  #readHead(chunk: Buffer, at: number): number {
    const part = chunk.subarray(at, at + HEAD_BYTES - this.#head.length);
    const head = this.#head.length === 0 ? part : Buffer.concat([this.#head, part]);
    if (head.length < HEAD_BYTES) {
      this.#head = Buffer.from(head); // a copy: the chunk is large
      return chunk.length;
    }
    const stream = STREAMS[head[0] ?? 0];
    if (stream === undefined || head.readUIntBE(1, 3) !== 0) {
      throw new Error(`a frame of the Engine begins with ${head.toString('hex')}`);
    }
    this.#head = Buffer.alloc(0);
    this.#stream = stream;
    this.#left = head.readUInt32BE(4);
    return at + part.length;
  }
}
