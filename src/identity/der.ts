/**
 * A strict reader of DER (X.690, section 10): definite lengths in their shortest form, tag numbers below 31,
 * nothing left over. DER has one encoding for each value, so a certificate has one reading here. What is read may come from
 * anybody, before any signature is verified: each reader's time and memory are bounded.
 */

/** One tag, length, value. */
export interface DerValue {
  /** The identifier octet, e.g. 0x30 for SEQUENCE. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** The whole encoding, tag and length included. */
  readonly encoding: Uint8Array;
}

/** Bytes that are not DER, or not what a certificate holds in this place. */
export class DerError extends Error {
  override readonly name = 'DerError';
}

/** How many values are read one after another: names, extensions and algorithms have a handful. */
const MOST_VALUES = 4_096;

/** The longest OBJECT IDENTIFIER, in bytes; those in use have up to some 20. Reading one takes the square of its length. */
const MOST_OID_BYTES = 64;

/**
 * Reads the values that follow one another in `bytes`. Throws a DerError unless they fill it exactly, and when there are more
 * than anything here has.
 */
export function readValues(bytes: Uint8Array): readonly DerValue[] {
  const values: DerValue[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (values.length === MOST_VALUES) throw new DerError(`more than ${MOST_VALUES} values in one`);
    const value = readOne(bytes.subarray(offset));
    values.push(value);
    offset += value.encoding.length;
  }
  return values;
}

/** The members of a constructed value that must carry `tag`. Throws a DerError if it does not. */
export function readMembers(value: DerValue | undefined, tag: number): readonly DerValue[] {
  if (value?.tag !== tag) throw new DerError(`expected tag 0x${tag.toString(16)}`);
  return readValues(value.content);
}

/** An OBJECT IDENTIFIER in dotted form. Throws a DerError for any other value. */
export function readObjectIdentifier(value: DerValue | undefined): string {
  if (value?.tag !== 0x06 || value.content.length === 0) throw new DerError('expected an object identifier');
  if (value.content.length > MOST_OID_BYTES)
    throw new DerError(`object identifier of more than ${MOST_OID_BYTES} bytes`);
  const arcs: bigint[] = [];
  let arc = 0n;
  let open = false;
  for (const byte of value.content) {
    if (!open && byte === 0x80) throw new DerError('object identifier with a padded arc');
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    open = byte >= 0x80;
    if (open) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [joined, ...rest] = arcs;
  if (open || joined === undefined) throw new DerError('object identifier cut short');
  const first = joined < 80n ? joined / 40n : 2n;
  return [first, joined - first * 40n, ...rest].join('.');
}

/** Where a value stands in the bytes around it: its content from `start` on, and `end`, where the next one begins. */
export interface DerPlace {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

/** Finds the value that begins at `offset`, without taking it out. Throws a DerError unless it ends by `limit`. */
export function placeOf(bytes: Uint8Array, offset: number, limit = bytes.length): DerPlace {
  const tag = bytes[offset];
  const short = bytes[offset + 1];
  if (tag === undefined || short === undefined || offset + 2 > limit) throw new DerError('value cut short');
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag number above 30');
  const octets = short < 0x80 ? 0 : short & 0x7f;
  const start = offset + 2 + octets;
  const end = start + (short < 0x80 ? short : readLongLength(bytes, offset + 2, octets));
  if (end > limit) throw new DerError('value cut short');
  return { tag, start, end };
}

function readOne(bytes: Uint8Array): DerValue {
  const { tag, start, end } = placeOf(bytes, 0);
  return { tag, content: bytes.subarray(start, end), encoding: bytes.subarray(0, end) };
}

function readLongLength(bytes: Uint8Array, offset: number, octets: number): number {
  if (octets === 0 || octets > 3) throw new DerError('indefinite or excessive length');
  let length = 0;
  for (let i = offset; i < offset + octets; i++) length = length * 256 + (bytes[i] ?? 0);
  const shortest = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  if (octets !== shortest) throw new DerError('length not in its shortest form');
  return length;
}
