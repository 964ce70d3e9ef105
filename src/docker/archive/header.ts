import { badArchive } from './fault.ts';

/** Bytes of a block, of which a tar archive is made. */
export const BLOCK = 512;

/** What one header block says that decides how the archive is read. Texts are bytes, one character each. */
export interface Header {
  /** With the prefix of USTAR before it. */
  readonly name: string;
  readonly linkname: string;
  readonly size: number;
  /** The type flag; NUL is what V7 has for regular files. */
  readonly flag: string;
}

const NUMBER = /^ *([0-7]+)[ \0]*$/;

/**
 * Reads a header block in which nobody finds two meanings: USTAR and PAX (POSIX.1-1988, -2001), GNU, and V7 with
 * nothing behind its fields. Go reads more than that, and not the same in every release: signed checksums, a prefix
 * in GNU headers, STAR, numbers with NULs before them (Go, archive/tar, reader.go and strconv.go).
 *
 * @param offset where the block stands in the archive, for the message
 * @throws Refusal 400 `archive-header`
 */
export function readHeader(block: Buffer, offset: number): Header {
  const fail = (what: string): never => {
    throw badArchive('archive-header', `the archive has a header at byte ${offset} that ${what}`);
  };
  /** A text that ends at its first NUL, with nothing but NULs after it. */
  const text = (start: number, length: number): string => {
    const field = block.toString('latin1', start, start + length);
    const end = field.indexOf('\0');
    if (end === -1) return field;
    if (/[^\0]/.test(field.slice(end))) fail('hides bytes behind the end of a name');
    return field.slice(0, end);
  };
  const octal = (start: number, length: number): number => {
    const digits = NUMBER.exec(block.toString('latin1', start, start + length))?.[1];
    return digits === undefined ? fail('has a malformed number') : Number.parseInt(digits, 8);
  };
  const isEmpty = (start: number, end: number): boolean =>
    block.subarray(start, end).every((byte) => byte === 0);

  if (octal(148, 8) !== checksum(block)) fail('does not match its checksum');
  const magic = block.toString('latin1', 257, 265);
  let prefix = '';
  if (magic === 'ustar\x0000') {
    if (block.toString('latin1', 508, 512) === 'tar\0') fail('is of the STAR format');
    prefix = text(345, 155);
  } else if (magic === 'ustar  \0') {
    // Go below 1.8 and Go that can not parse the times read a prefix here.
    if (block[345] !== 0) fail('has an access time in the GNU format');
  } else if (!isEmpty(257, 265) || !isEmpty(345, BLOCK)) {
    fail('is of no known format');
  }
  const name = text(0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkname: text(157, 100),
    size: block[124] === 0x80 ? binary(block) : octal(124, 12),
    flag: block.toString('latin1', 156, 157),
  };

  /** GNU's form of sizes from 8 GiB. */
  function binary(from: Buffer): number {
    if (from.readUIntBE(125, 5) !== 0) fail('has a size beyond all measure');
    return from.readUIntBE(130, 6);
  }
}

/** The same header block of a file with another size, in bytes. */
export function withSize(block: Buffer, size: number): Buffer {
  const made = Buffer.from(block);
  made.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  made.write(`${checksum(made).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return made;
}

/** Bytes of zeros that follow a content of that size. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** The sum of all bytes, those of the checksum itself taken for spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}
