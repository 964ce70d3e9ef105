import { type ArchiveScan, type TarEntry, TarReader } from '../../../src/docker/archive/tar.ts';

/** What a header block is made of; the checksum is right unless it is given. */
export interface HeaderFields {
  readonly name: string;
  readonly flag?: string;
  readonly linkname?: string;
  readonly prefix?: string;
  /** Octal of this many bytes of content, or the twelve bytes of the field as they are. */
  readonly size?: number | string;
  /** `ustar\x0000` unless given. */
  readonly magic?: string;
  /** Bytes that overwrite the block at an offset, before the checksum is made. */
  readonly patch?: Readonly<Record<number, string>>;
  readonly checksum?: string;
}

/** A header block. */
export function header(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(512);
  const { size = 0, magic = 'ustar\x0000' } = fields;
  block.write(fields.name, 0, 100, 'latin1');
  block.write('0000644\x000000000\x000000000\0', 100, 'latin1');
  block.write(typeof size === 'number' ? `${size.toString(8).padStart(11, '0')}\0` : size, 124, 12, 'latin1');
  block.write('00000000000\0        ', 136, 'latin1');
  block.write(fields.flag ?? '0', 156, 'latin1');
  block.write(fields.linkname ?? '', 157, 100, 'latin1');
  block.write(magic, 257, 'latin1');
  block.write(fields.prefix ?? '', 345, 155, 'latin1');
  for (const [at, bytes] of Object.entries(fields.patch ?? {})) block.write(bytes, Number(at), 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(fields.checksum ?? `${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** An entry with its content, padded. */
export function entry(fields: HeaderFields, content: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([header({ size: bytes.length, ...fields }), bytes, padding]);
}

export function file(name: string, content: string | Buffer = ''): Buffer {
  return entry({ name }, content);
}

export function symlink(name: string, linkname: string): Buffer {
  return entry({ name, linkname, flag: '2' });
}

export function hardlink(name: string, linkname: string): Buffer {
  return entry({ name, linkname, flag: '1' });
}

export function folder(name: string): Buffer {
  return entry({ name, flag: '5' });
}

/** A PAX header with these records, in their order. */
export function pax(records: readonly (readonly [key: string, value: string])[], flag = 'x'): Buffer {
  const text = records.map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    const bytes = Buffer.byteLength(rest, 'latin1');
    let length = bytes + 1;
    while (String(length).length + bytes !== length) length += 1;
    return `${length}${rest}`;
  });
  return entry({ name: 'PaxHeaders/x', flag }, Buffer.from(text.join(''), 'latin1'));
}

/** GNU's header of a long name (`L`) or of a long target (`K`). */
export function long(flag: 'L' | 'K', name: string): Buffer {
  return entry({ name: '././@LongLink', flag, magic: 'ustar  \0' }, Buffer.from(`${name}\0`, 'latin1'));
}

export const END = Buffer.alloc(1_024);

/** A whole archive of these entries. */
export function archive(...entries: readonly Buffer[]): Buffer {
  return Buffer.concat([...entries, END]);
}

/** Feeds an archive to a scan in pieces of that many bytes. */
export function scanned<T>(scan: ArchiveScan<T>, bytes: Buffer, pieceBytes = bytes.length): T {
  for (let at = 0; at < bytes.length; at += pieceBytes) scan.write(bytes.subarray(at, at + pieceBytes));
  return scan.end();
}

/** An entry as it was read, with its content. */
export type Read = Omit<TarEntry, 'at' | 'saysSize'> & { readonly content: string };

/** All entries of an archive, contents (one character a byte) included. */
export function entriesOf(bytes: Buffer, pieceBytes = bytes.length): Read[] {
  const read: Read[] = [];
  const reader = new TarReader(({ name, type, linkname, size }) => (content) => {
    read.push({ name, type, linkname, size, content: content.toString('latin1') });
  });
  scanned(reader, bytes, pieceBytes);
  return read;
}
