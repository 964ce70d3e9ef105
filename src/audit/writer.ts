import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConfigError } from '../errors.ts';
import { AppendFile, SHARED } from './append-file.ts';
import { GENESIS, type Head, link, type Place } from './chain.ts';
import { timestamp } from './clock.ts';
import { lockFolder } from './lock.ts';
import type { AuditEntry, AuditRecord } from './record.ts';
import {
  firstLink,
  headFile,
  readTail,
  segmentFile,
  segmentNumbers,
  setAside,
  signedHead,
  type Torn,
  TRUNCATED,
} from './segments.ts';
import type { Signer } from './signing.ts';

/** The audit log: a chain of lines, in files that are only ever appended to. */
export interface AuditLog {
  /**
   * Writes a record on which an action waits. When strict, the disk has it once this resolves.
   *
   * @throws Error when it could not be written: the action must not be done then, and the record is not kept
   */
  commit(record: AuditRecord): Promise<void>;
  /** Writes a record of what has happened already: as soon as it can be, however long that takes. */
  append(record: AuditRecord): void;
  /** Writes that other rules are in force from here on; resolves once the disk has it. */
  reloaded(what: Pick<Extract<AuditEntry, { type: 'reload' }>, 'policyVersion' | 'changed'>): Promise<void>;
  /** What keeps the log from being written; undefined when nothing does. */
  readonly fault: AuditFault | undefined;
  /** How many records wait to be written, and how many were lost since the start. */
  readonly backlog: { readonly waiting: number; readonly lost: number };
  /** Stops in an orderly way: what waits is written, and signed. */
  close(): Promise<void>;
}

export interface AuditFault {
  /** A code of the operating system: `ENOSPC`. */
  readonly code: string;
  /** RFC 3339. */
  readonly since: string;
}

export interface WriterOptions {
  readonly folder: string;
  readonly gateway: string;
  /** Whether `commit` waits for the disk. */
  readonly strict: boolean;
  /** When the next file begins. */
  readonly segment: { readonly bytes: number; readonly seconds: number };
  /** How many lines, and how long after a line, at most until it is signed. */
  readonly checkpoint: {
    readonly records: number;
    readonly seconds: number;
    readonly copyTo?: string | undefined;
  };
  readonly signer: Signer;
  /** What the first line of this run says. */
  readonly start: Pick<Extract<AuditEntry, { type: 'start' }>, 'version' | 'policyVersion'>;
  /** Told when the log can no longer be written, and when it can be again. */
  readonly onFault?: (fault: AuditFault | undefined, cause?: unknown) => void;
  readonly onWarning?: (sentence: string, cause: unknown) => void;
}

/** Records of what has happened that wait for a log that can not be written; more are counted and lost. */
const MOST_KEPT = 10_000;
/** What these may take, in characters as JSON: a refusal has the body that a client sent in it. */
const MOST_KEPT_SIZE = 33_554_432;
/** Lines that are written at once. */
const MOST_BATCHED = 512;
/** How long a record may wait for others that nobody waits for, in milliseconds: each write costs more than what is in it. */
const LINGER_MS = 5;
/** How many do. From there on it is counted how large they are, for the log may be one that can not be written. */
const MOST_LINGERING = 64;
/** How often a log is tried that can not be written, and time limits are looked at, in milliseconds. */
const TICK_MS = 1_000;

interface Waiting {
  make(place: Place): AuditEntry;
  /** Present where somebody waits. */
  readonly settle?: (error?: unknown) => void;
  /** About how many characters it takes, where that is counted. */
  readonly size?: number;
}

/**
 * Opens the log of a folder, goes on with the chain that is there, and writes the record of the start.
 *
 * @throws ConfigError when it can not be written, or is written by another gateway
 */
export async function openAuditLog(options: WriterOptions): Promise<AuditLog> {
  const unlock = lockFolder(options.folder);
  try {
    const log = new ChainWriter(options, unlock);
    await log.begin();
    return log;
  } catch (error) {
    unlock();
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([
      `audit.folder: ${options.folder} can not be written (${codeOf(error)}); see to it that there is room and that the gateway's user may write there`,
    ]);
  }
}

class ChainWriter implements AuditLog {
  readonly #options: WriterOptions;
  readonly #unlock: () => void;
  readonly #timer: NodeJS.Timeout;
  #head: Head = GENESIS;
  #queue: Waiting[] = [];
  /** How many in the queue nobody waits for, and how large those are that came when many waited, or while there was a fault. */
  #kept = 0;
  #keptSize = 0;
  /** Lost since the last line that was written. */
  #lost: { count: number; since: string } | undefined;
  #lostInAll = 0;
  #fault: AuditFault | undefined;
  #writing: Promise<void> | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #isClosing = false;
  /** Whether the stop is queued. */
  #isClosed = false;
  /** Records that came later. */
  #late = 0;

  /** The file that is written: its number, how long it has to be, how many lines it has, and when it began. */
  #segment = { number: 0, size: 0, lines: 0, began: 0, isSealed: true };
  #file: AppendFile | undefined;
  /**
   * Set once another gateway was seen to write into the same file, of which the lock can not tell when it has other
   * numbers of processes (two containers, two hosts). Its lines must not be cut off, so nothing is written any more.
   */
  #shared: unknown;
  /** Lines since the last checkpoint, and when the first of them was written. */
  #unsigned = { lines: 0, since: 0 };

  constructor(options: WriterOptions, unlock: () => void) {
    this.#options = options;
    this.#unlock = unlock;
    this.#resume();
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Writes the first line of this run. */
  async begin(): Promise<void> {
    const { start, strict } = this.#options;
    try {
      await this.#waitFor(() => ({ type: 'start', ...start, strict }));
    } catch (error) {
      clearInterval(this.#timer);
      clearTimeout(this.#lingering);
      throw error;
    }
  }

  get fault(): AuditFault | undefined {
    return this.#fault;
  }

  get backlog(): AuditLog['backlog'] {
    return { waiting: this.#queue.length, lost: this.#lostInAll };
  }

  commit(record: AuditRecord): Promise<void> {
    if (this.#options.strict) return this.#waitFor(() => record);
    this.append(record);
    return Promise.resolve();
  }

  reloaded(what: Pick<Extract<AuditEntry, { type: 'reload' }>, 'policyVersion' | 'changed'>): Promise<void> {
    return this.#waitFor(() => ({ type: 'reload', ...what }));
  }

  append(record: AuditRecord): void {
    // While all is well few wait, and nobody need know how large they are.
    const size = this.#fault === undefined && this.#kept < MOST_LINGERING ? 0 : sizeOf(record);
    if (this.#kept < MOST_KEPT && this.#keptSize + size <= MOST_KEPT_SIZE) {
      this.#keptSize += size;
      this.#put({ make: () => record, size });
      return;
    }
    this.#lost ??= { count: 0, since: record.time };
    this.#lost.count += 1;
    this.#lostInAll += 1;
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#timer);
    // Whoever waits for a record goes on once it is written: what comes of that is recorded before the stop.
    while (this.#fault === undefined && (this.#queue.length > 0 || this.#writing !== undefined)) {
      this.#run(() => this.#drain());
      await this.#writing;
      await nextTurn();
    }
    const stopped = this.#waitFor(() => ({ type: 'stop' }));
    this.#isClosed = true;
    await stopped.catch(() => undefined);
    while (this.#writing !== undefined) await this.#writing;
    clearTimeout(this.#lingering);
    const left = this.#queue.length + (this.#lost?.count ?? 0) + this.#late;
    if (left > 0) this.#options.onWarning?.(`${left} records could not be written and are lost`, this.#fault);
    await this.#file?.close();
    this.#unlock();
  }

  #waitFor(make: Waiting['make']): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
      this.#put({ make, settle });
    });
  }

  #put(waiting: Waiting): void {
    if (this.#isClosed) {
      // Nothing follows a stop.
      if (waiting.settle === undefined) this.#late += 1;
      waiting.settle?.(new Error('the audit log is closed'));
      return;
    }
    this.#queue.push(waiting);
    if (waiting.settle === undefined) this.#kept += 1;
    // What nobody waits for goes into the next write that somebody waits for, or into one of its own a little later.
    if (this.#isDue || this.#fault !== undefined) this.#run(() => this.#drain());
    else this.#linger();
  }

  #linger(): void {
    this.#lingering ??= setTimeout(() => {
      this.#lingering = undefined;
      if (this.#queue.length > 0) this.#run(() => this.#drain());
    }, LINGER_MS);
  }

  /** One thing is written at a time; what comes meanwhile waits in the queue. */
  #run(work: () => Promise<void>): void {
    this.#writing ??= work().finally(() => {
      this.#writing = undefined;
      // While there is a fault, what has happened waits for the clock, and who waits is told at once.
      if (this.#isWaitedFor || (this.#isDue && this.#fault === undefined)) this.#run(() => this.#drain());
      else if (this.#queue.length > 0 && this.#fault === undefined) this.#linger();
    });
  }

  get #isWaitedFor(): boolean {
    return this.#queue.length > this.#kept;
  }

  /** Whether what is in the queue is to be written now: somebody waits for it, or it is much. */
  get #isDue(): boolean {
    return this.#isWaitedFor || this.#kept >= MOST_LINGERING;
  }

  async #drain(): Promise<void> {
    // What comes in the same turn goes into the same write.
    await Promise.resolve();
    do {
      const batch = this.#queue.splice(0, MOST_BATCHED);
      this.#kept -= kept(batch).length;
      this.#keptSize -= sizeOfAll(batch);
      try {
        await this.#write(batch);
      } catch (error) {
        await this.#failed(batch, error);
        return;
      }
      for (const { settle } of batch) settle?.();
      try {
        if (this.#isUnsigned(performance.now()) || (this.#isClosed && this.#queue.length === 0))
          await this.#sign();
      } catch (error) {
        await this.#failed([], error);
        return;
      }
    } while (this.#isWaitedFor);
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { segment } = this.#options;
    if (this.#segment.size >= segment.bytes) await this.#seal('size');
    else if (this.#isOld(performance.now())) await this.#seal('age');
    await this.#ready();
    const lost = this.#lost;
    const gap = lost === undefined ? [] : [this.#gap(lost)];
    await this.#lines([...gap, ...batch.map(({ make }) => make)]);
    if (lost !== undefined) {
      // Some may have come while it was written.
      const left = (this.#lost?.count ?? 0) - lost.count;
      this.#lost = left > 0 ? { count: left, since: timestamp() } : undefined;
    }
    this.#recovered();
    if (this.#unsigned.lines === 0) this.#unsigned.since = performance.now();
    this.#unsigned.lines += batch.length + gap.length;
  }

  #isUnsigned(now: number): boolean {
    const { records, seconds } = this.#options.checkpoint;
    const { lines, since } = this.#unsigned;
    return lines >= records || (lines > 0 && now - since >= seconds * 1_000);
  }

  #isOld(now: number): boolean {
    const { began, lines, isSealed } = this.#segment;
    return !isSealed && lines > 1 && now - began >= this.#options.segment.seconds * 1_000;
  }

  #gap({ count, since }: { count: number; since: string }): Waiting['make'] {
    const error = this.#fault?.code ?? 'too many records waited';
    return () => ({ type: 'gap', lost: count, since, error });
  }

  /** Links entries to the chain, and moves it on once all of them are written. @returns the last line */
  async #lines(makes: readonly Waiting['make'][]): Promise<string> {
    const file = this.#file;
    if (file === undefined) throw new Error('no file is open');
    let head = this.#head;
    const lines = makes.map((make) => {
      const place = {
        time: timestamp(),
        sequence: head.sequence + 1,
        gateway: this.#options.gateway,
        previous: head.hash,
      };
      const linked = link(make(place), place);
      head = linked.head;
      return linked.line;
    });
    await file.append(Buffer.from(lines.join(''), 'latin1'));
    this.#head = head;
    this.#segment.size = file.size;
    this.#segment.lines += lines.length;
    return lines.at(-1) ?? '';
  }

  /** Sees to it that there is a file to write to: the one that was written, or a new one. */
  async #ready(): Promise<void> {
    const { folder, strict } = this.#options;
    if (this.#shared !== undefined) throw this.#shared;
    if (this.#file !== undefined && existsSync(this.#file.path)) return;
    await this.#file?.close();
    this.#file = undefined;
    if (!this.#segment.isSealed) {
      try {
        const path = segmentFile(folder, this.#segment.number);
        this.#file = await AppendFile.open(path, this.#segment.size, strict);
        return;
      } catch (error) {
        // Somebody took it away or cut it: that shows when the log is verified. The chain goes on in the next file.
        if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ESTALE') throw error;
      }
    }
    await this.#nextSegment();
  }

  async #nextSegment(): Promise<void> {
    const { folder, strict, signer } = this.#options;
    const number = this.#segment.number + 1;
    const path = segmentFile(folder, number);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await AppendFile.open(path, undefined, strict).catch(async (error: unknown) => {
      // Left by an attempt that failed before its first line was written.
      if (codeOf(error) !== 'EEXIST') throw error;
      return AppendFile.open(path, 0, strict);
    });
    const before = this.#segment;
    this.#file = file;
    this.#segment = { number, size: 0, lines: 0, began: performance.now(), isSealed: false };
    try {
      await this.#lines([() => ({ type: 'segment', segment: number, key: signer.key })]);
    } catch (error) {
      this.#segment = before;
      throw error;
    }
  }

  /** Ends the file: what follows goes into the next one. */
  async #seal(reason: 'size' | 'age'): Promise<void> {
    if (this.#segment.isSealed) return;
    await this.#ready();
    const { number, lines } = this.#segment;
    const seal: Waiting['make'] = () => ({ type: 'seal', segment: number, records: lines + 1, reason });
    const line = await this.#lines([seal, this.#checkpoint()]);
    this.#segment.isSealed = true;
    await this.#signed(line);
    await this.#file?.close(true);
    this.#file = undefined;
  }

  async #sign(): Promise<void> {
    await this.#ready();
    const line = await this.#lines([this.#checkpoint()]);
    this.#recovered();
    await this.#signed(line);
  }

  #checkpoint(): Waiting['make'] {
    const { signer } = this.#options;
    const { number: segment } = this.#segment;
    return (place) => ({
      time: place.time,
      type: 'checkpoint',
      segment,
      key: signer.key,
      signature: signer.sign(place),
    });
  }

  /** The newest checkpoint is kept beside the log too, so that what is cut off its end is missed. */
  async #signed(line: string): Promise<void> {
    this.#unsigned = { lines: 0, since: 0 };
    const { folder, checkpoint, onWarning } = this.#options;
    try {
      const file = headFile(folder);
      await writeFile(`${file}.new`, line, { mode: 0o600 });
      await rename(`${file}.new`, file);
      if (checkpoint.copyTo !== undefined)
        await writeFile(checkpoint.copyTo, line, { flag: 'a', mode: 0o600 });
    } catch (error) {
      onWarning?.('a checkpoint could not be kept outside of the audit log', error);
    }
  }

  /** Whoever waits is told; what has happened already waits on. */
  async #failed(batch: readonly Waiting[], error: unknown): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
    if (codeOf(error) === SHARED) this.#shared = error;
    const all = [...batch, ...this.#queue];
    this.#queue = kept(all);
    this.#kept = this.#queue.length;
    this.#keptSize = sizeOfAll(this.#queue);
    const isNew = this.#fault === undefined;
    this.#fault ??= { code: codeOf(error), since: timestamp() };
    for (const { settle } of all) settle?.(error);
    if (isNew) this.#options.onFault?.(this.#fault, error);
  }

  #recovered(): void {
    if (this.#fault === undefined) return;
    this.#fault = undefined;
    this.#options.onFault?.(undefined);
  }

  /** Tries again what could not be written, and does what is due by the clock. */
  #tick(): void {
    const now = performance.now();
    if (this.#queue.length > 0) this.#run(() => this.#drain());
    else if (this.#isOld(now)) this.#run(() => this.#seal('age').catch((error) => this.#failed([], error)));
    else if (this.#fault !== undefined || this.#isUnsigned(now)) {
      this.#run(() => this.#sign().catch((error) => this.#failed([], error)));
    }
  }

  /** Finds out where the chain stands, and keeps aside what a crash left of a line. */
  #resume(): void {
    const { folder, gateway } = this.#options;
    const numbers = segmentNumbers(folder);
    const newest = numbers.at(-1);
    const torn: (() => Torn)[] = [];
    for (const number of numbers.toReversed()) {
      const file = segmentFile(folder, number);
      const tail = readTail(file);
      if (tail.last === undefined && tail.size > 0) {
        throw new ConfigError([
          `${file} does not end in lines of an audit log: see what it is, and move it away`,
        ]);
      }
      if (tail.torn.length > 0) torn.push(() => setAside(folder, number, tail));
      // Not even its first line was written: it is begun anew.
      if (tail.last === undefined) continue;
      if (tail.last.gateway !== gateway) {
        throw new ConfigError([
          `audit.folder: ${folder} holds the log of the instance ${tail.last.gateway}, and audit.instance is ${gateway}; give each its own folder`,
        ]);
      }
      const first = firstLink(file);
      this.#head = { sequence: tail.last.sequence, hash: tail.last.hash };
      this.#segment = {
        number,
        size: tail.size,
        lines: tail.last.sequence - (first?.sequence ?? 1) + 1,
        began: performance.now() - ageOf(first?.time),
        isSealed: tail.isSealed || number !== newest,
      };
      break;
    }
    // Not before it is known whose log this is.
    for (const aside of torn) this.#put({ make: recovery(aside()) });
    this.#missEnd();
  }

  /** What was signed and is there no more was cut off while no gateway ran: the chain says so for ever. */
  #missEnd(): void {
    const signed = signedHead(this.#options.folder);
    if (signed === undefined || signed.sequence <= this.#head.sequence) return;
    const lost = signed.sequence - this.#head.sequence;
    this.#put({
      make: () => ({ type: 'gap', lost, since: signed.time, error: TRUNCATED }),
    });
  }
}

/** About how many characters a value takes as JSON, without making them. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value !== 'object' || value === null) return 8;
  let size = 2;
  for (const [key, member] of Object.entries(value)) size += key.length + 4 + sizeOf(member);
  return size;
}

function sizeOfAll(waiting: readonly Waiting[]): number {
  return waiting.reduce((sum, { size = 0 }) => sum + size, 0);
}

function kept(waiting: readonly Waiting[]): Waiting[] {
  return waiting.filter(({ settle }) => settle === undefined);
}

function recovery(torn: Torn): Waiting['make'] {
  return () => ({ type: 'recovery', ...torn });
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** How long ago a line was written, in milliseconds; 0 where that is not known, or still to come by the clock. */
function ageOf(time: string | undefined): number {
  return Math.max(0, Date.now() - Date.parse(time ?? '')) || 0;
}
