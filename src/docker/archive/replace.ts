import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream';
import { BLOCK, paddingOf, withSize } from './header.ts';

/** A file of an archive. */
export interface Place {
  /** Where its header block stands in the archive, in bytes; its content follows. */
  readonly at: number;
  /** Bytes of its content. */
  readonly size: number;
}

/** An archive that is read from its beginning, once. */
export interface Opening {
  /** Bytes. */
  readonly length: number | undefined;
  open(): Readable;
}

/**
 * An archive with another content in one file of it.
 *
 * @returns what opens a stream that is closed with the one of `archive`, and closes it
 */
export function withReplaced({ length, open }: Opening, place: Place, content: Buffer): Opening {
  const { size } = place;
  const growth = content.length + paddingOf(content.length) - size - paddingOf(size);
  return {
    length: length === undefined ? undefined : length + growth,
    open: () => pipeline(open(), new Replacing(place, content), () => {}),
  };
}

class Replacing extends Transform {
  readonly #place: Place;
  readonly #content: Buffer;
  readonly #header = Buffer.alloc(BLOCK);
  #at = 0;

  constructor(place: Place, content: Buffer) {
    super();
    this.#place = place;
    this.#content = content;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const { at: start, size } = this.#place;
    const body = start + BLOCK;
    const end = body + size + paddingOf(size);
    const from = this.#at;
    this.#at += chunk.length;
    /** The part of the chunk that lies between two places of the archive. */
    const part = (first: number, last: number): Buffer =>
      chunk.subarray(Math.max(0, first - from), Math.max(0, last - from));
    const before = part(0, start);
    if (before.length > 0) this.push(before);
    const ofHeader = part(start, body);
    if (ofHeader.length > 0) {
      ofHeader.copy(this.#header, Math.max(from, start) - start);
      if (this.#at >= body) this.#pushFile();
    }
    const after = part(end, this.#at);
    if (after.length > 0) this.push(after);
    done();
  }

  #pushFile(): void {
    const { length } = this.#content;
    this.push(withSize(this.#header, length));
    this.push(Buffer.concat([this.#content, Buffer.alloc(paddingOf(length))]));
  }
}
