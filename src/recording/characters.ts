import { isUtf8 } from 'node:buffer';

/** Bytes of a stream that end where a character ends, and how they read. */
export interface Characters {
  readonly bytes: Buffer;
  readonly text: string;
  /** Whether the text stands for exactly these bytes; else some are not UTF-8 and read as U+FFFD. */
  readonly exact: boolean;
}

const NOTHING: Buffer = Buffer.alloc(0);

/** Longest character of UTF-8 without its last byte. */
const MOST_KEPT = 3;

/** Joins the characters of UTF-8 text that are cut over chunks. No more is kept back than the beginning of one. */
export class CharacterJoiner {
  #kept = NOTHING;

  /** @returns undefined when the chunk only goes on with a character that is not whole yet */
  write(chunk: Buffer): Characters | undefined {
    const all = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    const whole = all.length - begunAtEnd(all);
    this.#kept = whole === all.length ? NOTHING : Buffer.from(all.subarray(whole)); // a copy: the chunk is large
    return whole === 0 ? undefined : characters(all.subarray(0, whole));
  }

  /** The beginning of a character that never was completed. */
  end(): Characters | undefined {
    const kept = this.#kept;
    this.#kept = NOTHING;
    return kept.length === 0 ? undefined : characters(kept);
  }
}

function characters(bytes: Buffer): Characters {
  return { bytes, text: bytes.toString('utf8'), exact: isUtf8(bytes) };
}

/** How many bytes at the end begin a character that needs more of them. */
function begunAtEnd(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(MOST_KEPT, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthBy(byte) > back ? back : 0;
  }
  return 0;
}

/** Length of the character that begins with that byte; 1 where none does. */
function lengthBy(first: number): number {
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 1;
}
