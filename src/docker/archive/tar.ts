import type { Refusal } from '../../errors.ts';
import { compressionOf } from './compression.ts';
import { type ArchiveReason, badArchive, shown } from './fault.ts';
import { BLOCK, type Header, paddingOf, readHeader } from './header.ts';
import { type Extended, readLongName, readPax } from './pax.ts';

/** One entry of an archive, extended headers applied. Texts are bytes, one character each. */
export interface TarEntry {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';
  /** Of links; else empty. */
  readonly linkname: string;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Where its header block stands in the archive, in bytes; its content follows. */
  readonly at: number;
  /** Whether the header block itself says its size, and no extended header before it. */
  readonly saysSize: boolean;
}

/** Is shown each entry in turn; what it returns is given the content. Nothing is kept of an entry that nobody wants. */
export type Visit = (entry: TarEntry) => ((content: Buffer) => void) | undefined;

/** A program that is fed an archive as it arrives. */
export interface ArchiveScan<T> {
  /** @throws Refusal as soon as the archive can not be accepted */
  write(chunk: Buffer): void;
  /**
   * @returns what the archive was found to say, once all of it has been written
   * @throws Refusal when it is not whole, or says something that can not be accepted
   */
  end(): T;
}

/** Extended headers, and how large they may be: Go reads no more than 1 MiB. */
const LIMITS: Readonly<Record<string, number>> = { x: 1_048_576, g: 1_048_576, L: 65_536, K: 65_536 };

const TYPES: Readonly<Record<string, TarEntry['type']>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'special',
  '4': 'special',
  '5': 'directory',
  '6': 'special',
};

const ZEROS = Buffer.alloc(65_536);

/**
 * Reads a tar archive of which every program reads the same: USTAR, PAX and GNU without sparse files, ended by two
 * blocks of zeros and followed by zeros only. It keeps one block, one extended header and what `visit` asks for.
 */
export class TarReader implements ArchiveScan<void> {
  readonly #visit: Visit;
  readonly #block = Buffer.alloc(BLOCK);
  #filled = 0;
  #offset = 0;
  /** Bytes of content, and of padding after it, that are still to come. */
  #content = 0;
  #padding = 0;
  #kept: Buffer[] = [];
  #take: ((content: Buffer) => void) | undefined;
  /** What extended headers say of the entry that must follow, and which headers these were: `x`, `L`, `K`. */
  #extended: Extended = {};
  #pending = '';
  #zeroBlocks = 0;

  constructor(visit: Visit) {
    this.#visit = visit;
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const taken = this.#step(chunk, at);
      at += taken;
      this.#offset += taken;
    }
  }

  end(): void {
    if (this.#zeroBlocks < 2) {
      throw badArchive(
        'archive-truncated',
        'the archive breaks off before its end, two blocks of zeros (docker build -f sends it so where the Dockerfile is outside of the context: put it there)',
      );
    }
  }

  /** Takes what belongs together of the bytes from `at` on; returns how many it took. */
  #step(chunk: Buffer, at: number): number {
    const there = chunk.length - at;
    if (this.#zeroBlocks === 2) {
      if (!isZero(chunk.subarray(at))) {
        throw badArchive('archive-trailing-data', 'something follows the end of the archive');
      }
      return there;
    }
    if (this.#content > 0) {
      const taken = Math.min(there, this.#content);
      if (this.#take !== undefined) this.#kept.push(Buffer.from(chunk.subarray(at, at + taken)));
      this.#content -= taken;
      if (this.#content === 0) this.#deliver();
      return taken;
    }
    if (this.#padding > 0) {
      const taken = Math.min(there, this.#padding);
      this.#padding -= taken;
      return taken;
    }
    const taken = Math.min(there, BLOCK - this.#filled);
    chunk.copy(this.#block, this.#filled, at, at + taken);
    this.#filled += taken;
    if (this.#filled === BLOCK) {
      this.#filled = 0;
      this.#header(this.#offset + taken - BLOCK);
    }
    return taken;
  }

  #header(offset: number): void {
    const block = this.#block;
    // A name can look like compressed data, and the Engine looks at that before it looks for a tar.
    if (offset === 0 && compressionOf(block) !== undefined) {
      throw badArchive(
        'archive-compression',
        'the archive begins with a name that the Engine takes for compressed data, or is compressed twice',
      );
    }
    if (isZero(block)) {
      this.#zeroBlocks += 1;
      if (this.#pending !== '') throw incomplete();
      return;
    }
    if (this.#zeroBlocks > 0) {
      throw badArchive('archive-header', `the archive has a lone block of zeros before byte ${offset}`);
    }
    const header = readHeader(block, offset);
    this.#padding = paddingOf(header.size);
    if (!this.#extend(header)) this.#entry(header, offset);
    if (this.#content === 0) this.#deliver();
  }

  /** Takes a header that describes the next entry; returns false when it is not one. */
  #extend({ flag, size }: Header): boolean {
    const limit = LIMITS[flag];
    if (limit === undefined) return false;
    if (size > limit)
      throw badArchive('archive-extended-header', 'the archive has an oversized extended header');
    // Go forgets an extended header before a global one, and what GNU's said before PAX's, each in some releases.
    const follows = flag === 'L' ? ['', 'K'] : flag === 'K' ? ['', 'L'] : [''];
    if (!follows.includes(this.#pending)) throw mixed();
    if (flag !== 'g') this.#pending += flag;
    this.#content = size;
    this.#take = (bytes) => {
      const content = bytes.toString('latin1');
      if (flag === 'L') this.#extended = { ...this.#extended, name: readLongName(content) };
      else if (flag === 'K') this.#extended = { ...this.#extended, linkname: readLongName(content) };
      else if (flag === 'x') this.#extended = readPax(content);
      // Go passes over it; others let it rule all that follows.
      else if (Object.keys(readPax(content)).length > 0) throw mixed();
    };
    return true;
  }

  #entry(header: Header, at: number): void {
    const { flag, name, linkname, size } = { ...header, ...this.#extended };
    const saysSize = this.#extended.size === undefined;
    this.#extended = {};
    this.#pending = '';
    const type = flag === '\0' && name.endsWith('/') ? 'directory' : TYPES[flag];
    const refusal = (reason: ArchiveReason, what: string): Refusal =>
      badArchive(reason, `the archive has an entry ${shown(name)} that ${what}`);
    if (type === undefined)
      throw refusal('archive-entry-type', 'is of a kind that programs read differently');
    if (name === '') throw refusal('archive-name', 'has no name');
    if (type === 'file' && name.endsWith('/'))
      throw refusal('archive-name', 'is a file and named like a folder');
    if (type !== 'file' && size !== 0) throw refusal('archive-header', 'has content although it is no file');
    this.#content = size;
    this.#padding = paddingOf(size);
    const isLink = type === 'symlink' || type === 'hardlink';
    this.#take = this.#visit({ name, type, linkname: isLink ? linkname : '', size, at, saysSize });
  }

  #deliver(): void {
    const take = this.#take;
    const content = Buffer.concat(this.#kept);
    this.#take = undefined;
    this.#kept = [];
    take?.(content);
  }
}

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const part = bytes.subarray(at, at + ZEROS.length);
    if (part.compare(ZEROS, 0, part.length) !== 0) return false;
  }
  return true;
}

function mixed(): Error {
  return badArchive(
    'archive-extended-header',
    'the archive has extended headers that programs combine differently',
  );
}

function incomplete(): Error {
  return badArchive('archive-extended-header', 'the archive has an extended header that no entry follows');
}
