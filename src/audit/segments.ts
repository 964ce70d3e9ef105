import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { hashOf, type Link, readLink } from './chain.ts';

/** The files of a log: `segment-000001.jsonl` and so on; the last one is being written. */

const NAME = /^segment-(\d{6,})\.jsonl$/;

export function segmentFile(folder: string, number: number): string {
  return join(folder, `segment-${String(number).padStart(6, '0')}.jsonl`);
}

/** The numbers of the segments in a folder, ascending. @throws what `readdir` does */
export function segmentNumbers(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Where the newest checkpoint is kept besides: one line, as it stands in the log. */
export function headFile(folder: string): string {
  return join(folder, 'head.json');
}

/** The newest checkpoint by that file; undefined when there is none. */
export function signedHead(folder: string): Link | undefined {
  try {
    return readLink(Buffer.from(readFileSync(headFile(folder), 'latin1').trimEnd(), 'latin1'));
  } catch {
    return undefined;
  }
}

/** What a gap says of lines that had been signed and were gone when the gateway started. */
export const TRUNCATED = 'truncated';

/** How much of a file's end is looked at for its last line; a line is shorter (`MOST_LINE`). */
const TAIL_BYTES = 4 * 1_024 * 1_024;

/** The end of a segment. */
export interface Tail {
  /** Bytes up to the end of the last line that is whole. */
  readonly size: number;
  /** What the last line says of its place; undefined when the file has none. */
  readonly last: Link | undefined;
  /** Whether the file is complete: sealed, and the seal signed. */
  readonly isSealed: boolean;
  /** What follows it: the beginning of a line that was never finished. */
  readonly torn: Buffer;
}

/**
 * Finds the last line of a segment that is whole. What a crash left behind it is no line: it has no end, or not the hash
 * that it says.
 */
export function readTail(file: string): Tail {
  const fd = openSync(file, 'r');
  try {
    const { size } = fstatSync(fd);
    const start = Math.max(0, size - TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    for (let read = 0; read < bytes.length; ) {
      const more = readSync(fd, bytes, read, bytes.length - read, start + read);
      if (more === 0) break;
      read += more;
    }
    for (let end = bytes.lastIndexOf(LF); end !== -1; ) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(LF, end - 1);
      const line = bytes.subarray(before + 1, end);
      const last = readLink(line);
      if (last !== undefined && hashOf(line) === last.hash) {
        const isSealed = last.type === 'checkpoint' && before > 0 && typeBefore(bytes, before) === 'seal';
        return { size: start + end + 1, last, isSealed, torn: bytes.subarray(end + 1) };
      }
      end = before;
    }
    return { size: start, last: undefined, isSealed: false, torn: bytes };
  } finally {
    closeSync(fd);
  }
}

function typeBefore(bytes: Buffer, end: number): string | undefined {
  const before = bytes.lastIndexOf(LF, end - 1);
  return readLink(bytes.subarray(before + 1, end))?.type;
}

/** What a segment's first line says of its place. */
export function firstLink(file: string): Link | undefined {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(1_024);
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    const end = bytes.subarray(0, read).indexOf(LF);
    return end === -1 ? undefined : readLink(bytes.subarray(0, end));
  } finally {
    closeSync(fd);
  }
}

/** What was cut off the end of a segment, and where it is kept. */
export interface Torn {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Keeps the torn end of a segment aside, and cuts it off. */
export function setAside(folder: string, number: number, { size, torn }: Tail): Torn {
  const sha256 = createHash('sha256').update(torn).digest('hex');
  const file = `torn-${String(number).padStart(6, '0')}-${size}-${sha256.slice(0, 8)}.part`;
  writeFileSync(join(folder, file), torn, { mode: 0o600, flush: true });
  const fd = openSync(segmentFile(folder, number), 'r+');
  try {
    ftruncateSync(fd, size);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return { file, bytes: torn.length, sha256 };
}

const LF = 0x0a;
