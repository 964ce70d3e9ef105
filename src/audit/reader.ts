import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Link, readLink } from './chain.ts';
import { segmentFile, segmentNumbers } from './segments.ts';

/** A place between two lines of a log: behind the line with this number and hash. */
export interface Position {
  readonly segment: number;
  /** Bytes of that file that lie before it. */
  readonly offset: number;
  /** `sequence` of the line before it; 0 where there is none. */
  readonly sequence: number;
  /** `hash` of that line; zeros where there is none. */
  readonly hash: string;
}

/** A line of the log as it stands in the file. */
export interface LogLine {
  /** Without the line feed. */
  readonly bytes: Buffer;
  /** What it says of its place in the chain; undefined when it is no line of an audit log. */
  readonly link: Link | undefined;
  /** The place behind it. */
  readonly end: Position;
}

/** The log is not, or no longer, what a reader has to find there; the sentence says where and why. */
export class ReadFault extends Error {
  override readonly name = 'ReadFault';
}

export interface ReaderOptions {
  /**
   * Go on when more is written. Then only those lines of the last file are given that were there at the look before:
   * a writer whose batch fails in the middle takes back what it has written of it, within microseconds.
   */
  readonly follow?: boolean;
  /** Each line must be a link of the chain, and go on from the one before. */
  readonly checked?: boolean;
}

/** How much is read at once, in bytes. */
const CHUNK = 256 * 1_024;
/** A longer line is none; the writer's are far shorter. */
const MOST_LINE = 8 * 1_024 * 1_024;
/** How often a file that is followed is looked at, in milliseconds. */
const LOOK_MS = 150;
const LF = 0x0a;
const ZEROS = '0'.repeat(64);

/** The place before everything. */
export const BEGINNING: Position = { segment: 0, offset: 0, sequence: 0, hash: ZEROS };

/**
 * Reads the lines of a log's folder in their order, from a place on, over as many files as there are, in memory bounded
 * by what is asked for. What stands at the end of a file without a line feed is no line yet. Files may be moved away as
 * long as they are not being read; they are skipped then, unless `checked`.
 *
 * It polls: a look every 150 ms is cheap, and works on file systems that notify nobody.
 */
export class LogReader {
  readonly #folder: string;
  readonly #follow: boolean;
  readonly #checked: boolean;
  #at: Position;
  #file: FileHandle | undefined;
  /** Up to where the file may be read. */
  #limit = 0;
  /** Its size when it was last looked at. */
  #size = 0;
  /** Whether nothing is written to the file any more. */
  #complete = false;
  #isFinal: boolean;

  constructor(folder: string, from: Position = BEGINNING, options: ReaderOptions = {}) {
    this.#folder = folder;
    this.#follow = options.follow ?? false;
    this.#checked = options.checked ?? false;
    this.#isFinal = !this.#follow;
    this.#at = from;
  }

  /** Whose lines it reads. */
  get folder(): string {
    return this.#folder;
  }

  /** Behind the last line that was given. */
  get position(): Position {
    return this.#at;
  }

  /** Nothing is written any more: what is there is all. */
  final(): void {
    this.#isFinal = true;
  }

  /**
   * The next lines.
   *
   * @param most how many at most, and of how many bytes; one line is given whatever its size
   * @returns none when there are no more so far
   * @throws ReadFault; NodeJS.ErrnoException when the folder or a file can not be read
   */
  async read(most: { readonly lines: number; readonly bytes: number }): Promise<LogLine[]> {
    for (;;) {
      if (this.#file === undefined && !(await this.#open())) return [];
      const lines = await this.#take(most);
      if (lines.length > 0) return lines;
      if (await this.#mayGrow()) return [];
    }
  }

  /** Resolves when it is time to look for more; at once when the signal is aborted. */
  async wait(signal?: AbortSignal): Promise<void> {
    await sleep(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    if (this.#file === undefined || this.#complete) return;
    this.#limit = this.#size;
    this.#size = (await this.#file.stat()).size;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close().catch(() => {});
  }

  /** @returns whether there is a file to read: the one at hand or, when that has been moved away, the next */
  async #open(): Promise<boolean> {
    const numbers = segmentNumbers(this.#folder);
    const number = numbers.find((each) => each >= this.#at.segment);
    if (number === undefined) return false;
    if (number !== this.#at.segment) this.#at = { ...this.#at, segment: number, offset: 0 };
    this.#file = await open(segmentFile(this.#folder, number), constants.O_RDONLY | constants.O_NOFOLLOW);
    this.#complete = this.#isFinal || number !== numbers.at(-1);
    this.#size = (await this.#file.stat()).size;
    this.#limit = this.#at.offset;
    return true;
  }

  /** @returns whether lines may still be added to the file; otherwise the reader has gone on to what follows */
  async #mayGrow(): Promise<boolean> {
    const next = segmentNumbers(this.#folder).find((each) => each > this.#at.segment);
    if (!this.#complete) {
      // Whoever begins a file has ended the one before: it is read to its end once more.
      this.#complete = next !== undefined || this.#isFinal;
      return !this.#complete;
    }
    if (next === undefined) return true;
    await this.close();
    this.#at = { ...this.#at, segment: next, offset: 0 };
    return false;
  }

  async #take(most: { readonly lines: number; readonly bytes: number }): Promise<LogLine[]> {
    const file = this.#file as FileHandle;
    if (this.#complete) this.#limit = (await file.stat()).size;
    const { offset } = this.#at;
    if (this.#limit < offset) {
      throw new ReadFault(`${segmentFile(this.#folder, this.#at.segment)} is shorter than it was`);
    }
    for (let wanted = Math.min(CHUNK, most.bytes); ; wanted *= 2) {
      const room = Math.min(wanted, this.#limit - offset);
      const bytes = await readAt(file, offset, room);
      if (bytes.includes(LF)) return this.#split(bytes, most.lines);
      if (room < wanted) return [];
      if (wanted > MOST_LINE) throw this.#fault(`is no line: it has more than ${MOST_LINE} bytes`);
    }
  }

  #split(bytes: Buffer, most: number): LogLine[] {
    const lines: LogLine[] = [];
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1 && lines.length < most; end = bytes.indexOf(LF, start)) {
      const line = bytes.subarray(start, end);
      const link = readLink(line);
      const fault = this.#checked ? this.#faultOf(link) : undefined;
      // What comes before it is given first.
      if (fault !== undefined && lines.length > 0) break;
      if (fault !== undefined) throw this.#fault(fault);
      start = end + 1;
      const { segment, offset, sequence, hash } = this.#at;
      this.#at = {
        segment,
        offset: offset + line.length + 1,
        sequence: link?.sequence ?? sequence,
        hash: link?.hash ?? hash,
      };
      lines.push({ bytes: line, link, end: this.#at });
    }
    return lines;
  }

  /** What keeps a line from being the next link of the chain. */
  #faultOf(link: Link | undefined): string | undefined {
    const { sequence, hash } = this.#at;
    if (link === undefined) return 'is no line of an audit log';
    // Without a line before it there is nothing to hold it against: older files may have been moved away.
    if (sequence === 0 && hash === ZEROS) return undefined;
    if (link.sequence === sequence + 1 && link.previous === hash) return undefined;
    return `has sequence ${link.sequence} and does not go on from the line before, ${sequence}`;
  }

  #fault(what: string): ReadFault {
    const { segment, offset } = this.#at;
    return new ReadFault(
      `${segmentFile(this.#folder, segment)}: the line at byte ${offset} ${what}; \`quaywarden audit verify\` tells more`,
    );
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return bytes.subarray(0, read);
}

/**
 * Finds in a log the place that an earlier reader had come to.
 *
 * @returns where to go on. That is the place itself while the line before it is still there; the beginning of the next
 *   file when its own was moved away and nothing is missing in between; and with `again`, a sentence, an earlier place,
 *   when what was read is no longer the log: after a power failure, or when a folder was put back from a backup
 * @throws ReadFault when lines that were not read yet are gone
 */
export async function findPlace(
  folder: string,
  position: Position,
): Promise<{ readonly from: Position; readonly again?: string }> {
  const { segment, offset, sequence, hash } = position;
  if (sequence === 0) return { from: BEGINNING };
  const numbers = segmentNumbers(folder);
  if (numbers.includes(segment)) {
    if (await endsWith(segmentFile(folder, segment), offset, hash)) return { from: position };
    return {
      from: { ...BEGINNING, segment },
      again: `line ${sequence} is no longer what it was; all of ${segmentFile(folder, segment)} is sent again`,
    };
  }
  const next = numbers.find((each) => each > segment);
  if (next === undefined) {
    return {
      from: BEGINNING,
      again: `${segmentFile(folder, segment)} is no longer there, nor any later one; all of the log is sent again`,
    };
  }
  const from = { segment: next, offset: 0, sequence, hash };
  const reader = new LogReader(folder, from, { checked: true });
  try {
    await reader.read({ lines: 1, bytes: CHUNK });
    return { from };
  } catch (error) {
    if (!(error instanceof ReadFault)) throw error;
    throw new ReadFault(
      `lines behind ${sequence} are no longer in ${folder} and were not sent: put ${segmentFile(folder, segment)} and what followed it back`,
    );
  } finally {
    await reader.close();
  }
}

/** Whether the line that ends at that byte of a file has this hash. */
async function endsWith(path: string, offset: number, hash: string): Promise<boolean> {
  const wanted = Buffer.from(`,"hash":"${hash}"}\n`);
  if (offset < wanted.length) return false;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return (await readAt(file, offset - wanted.length, wanted.length)).equals(wanted);
  } finally {
    await file.close();
  }
}

/** How much of a file's end is looked at for its last line. */
const TAIL = 1_024 * 1_024;

/** Where the log ends; undefined while it has no line. @throws NodeJS.ErrnoException */
export async function endOf(folder: string): Promise<Position | undefined> {
  for (const segment of segmentNumbers(folder).reverse()) {
    const file = await open(segmentFile(folder, segment), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - TAIL);
      const bytes = await readAt(file, from, size - from);
      const end = bytes.lastIndexOf(LF);
      if (end === -1) continue;
      const link = readLink(bytes.subarray(end === 0 ? 0 : bytes.lastIndexOf(LF, end - 1) + 1, end));
      if (link !== undefined) {
        return { segment, offset: from + end + 1, sequence: link.sequence, hash: link.hash };
      }
    } finally {
      await file.close();
    }
  }
  return undefined;
}
