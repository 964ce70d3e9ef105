import type { KeyObject } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { GENESIS, hashOf, type Link, readLine, readLink } from './chain.ts';
import { livingHolder } from './lock.ts';
import type { AuditLine } from './record.ts';
import { headFile, segmentFile, segmentNumbers, TRUNCATED } from './segments.ts';
import { isSigned, type KeyName } from './signing.ts';

/** What is wrong with a log. */
export type FaultKind =
  | 'changed'
  | 'removed'
  | 'inserted'
  | 'reordered'
  | 'truncated'
  | 'segment-missing'
  | 'signature'
  | 'unknown-key';

/** The first place where a log is not what was written. */
export interface LogFault {
  readonly kind: FaultKind;
  /** The number of the file. */
  readonly segment: number;
  /** The line in it, from 1 on. */
  readonly line: number;
  /** The number of the record in the chain. */
  readonly sequence: number;
  /** What that means, in a sentence. */
  readonly sentence: string;
}

export interface Verdict {
  readonly ok: boolean;
  readonly fault?: LogFault;
  readonly gateway: string | undefined;
  /** First and last record that is verified. */
  readonly first: number;
  readonly last: number;
  readonly head: string;
  readonly segments: number;
  readonly lines: number;
  readonly requests: number;
  readonly checkpoints: number;
  /** The last record that a signature covers. */
  readonly signedTo: number;
  /** Records that the gateway says it lost, and pieces of lines that it set aside: it could not write. */
  readonly lost: number;
  readonly recoveries: number;
  /** Whether the log ends as one that was stopped in an orderly way. */
  readonly isClosed: boolean;
  /** Whether the last line is cut in the middle, as one that is being written. */
  readonly isTorn: boolean;
  /** Whether the newest checkpoint was looked for in the log, so that a cut end would have shown. */
  readonly isEndKnown: boolean;
  /** When the first and the last record were made. */
  readonly from: string | undefined;
  readonly until: string | undefined;
}

export interface VerifyOptions {
  /** Those whose signatures count, by their id. */
  readonly keys: ReadonlyMap<string, { readonly key: KeyObject; readonly algorithm: KeyName['algorithm'] }>;
  /** The first segment that has to be there: 1, unless older ones were moved away. */
  readonly from?: number;
  /** Whether the log may end in the middle of the work: it is a copy of one that is being written, or of a crash. */
  readonly open?: boolean;
  /** Checkpoints that were kept elsewhere, each a line: all of them have to be in the log. */
  readonly checkpoints?: readonly string[];
  /** Whose chain it has to be, where that is known. */
  readonly gateway?: string;
}

/**
 * Verifies one chain offline.
 *
 * @param folder of its segments
 * @throws what reading does
 */
export function verifyFolder(folder: string, options: VerifyOptions): Verdict {
  const numbers = segmentNumbers(folder);
  const writer = livingHolder(folder);
  const isLive = writer !== undefined && hasOpen(writer, folder);
  const kept = existsSync(headFile(folder)) ? [readFileSync(headFile(folder), 'latin1')] : [];
  const read = { get: (number: number) => readFileSync(segmentFile(folder, number)) };
  return verifySegments(numbers, read, {
    ...options,
    open: options.open === true || isLive,
    checkpoints: [...kept, ...(options.checkpoints ?? [])],
  });
}

/** Whether a process has a file of that folder open: a copy has the lock of the original in it too. */
function hasOpen(pid: string, folder: string): boolean {
  try {
    const inside = `${realpathSync(folder)}/`;
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(inside);
      } catch {
        return false; // closed meanwhile
      }
    });
  } catch {
    return false;
  }
}

/**
 * Verifies segments, one after the other, up to the first fault.
 *
 * @param numbers of those that are there, ascending
 */
export function verifySegments(
  numbers: readonly number[],
  segments: { get(number: number): Buffer | undefined },
  options: VerifyOptions,
): Verdict {
  const verifier = new Verifier(numbers, segments, options);
  const fault = verifier.run();
  return { ok: fault === undefined, ...(fault === undefined ? {} : { fault }), ...verifier.counts() };
}

const LF = 0x0a;

class Verifier {
  readonly #numbers: readonly number[];
  readonly #segments: { get(number: number): Buffer | undefined };
  readonly #options: VerifyOptions;
  #previous: { readonly sequence: number; readonly hash: string } = GENESIS;
  #first: Link | undefined;
  #last: Link | undefined;
  #beforeLast: Link | undefined;
  #isClosed = false;
  #isTorn = false;
  /** The first line that no signature covers. */
  #unsigned: Pick<LogFault, 'segment' | 'line' | 'sequence'> = { segment: 0, line: 1, sequence: 1 };
  #lines = 0;
  #lastLine = 0;
  #requests = 0;
  #checkpoints = 0;
  #signedTo = 0;
  #lost = 0;
  #recoveries = 0;
  #kept = new Map<number, string>();

  constructor(
    numbers: readonly number[],
    segments: { get(number: number): Buffer | undefined },
    options: VerifyOptions,
  ) {
    this.#numbers = numbers;
    this.#segments = segments;
    this.#options = options;
  }

  counts(): Omit<Verdict, 'ok' | 'fault'> {
    return {
      gateway: this.#first?.gateway,
      first: this.#first?.sequence ?? 0,
      last: this.#last?.sequence ?? 0,
      head: this.#previous.hash,
      segments: this.#numbers.length,
      lines: this.#lines,
      requests: this.#requests,
      checkpoints: this.#checkpoints,
      signedTo: this.#signedTo,
      lost: this.#lost,
      recoveries: this.#recoveries,
      isClosed: this.#isClosed,
      isTorn: this.#isTorn,
      isEndKnown: (this.#options.checkpoints ?? []).length > 0,
      from: this.#first?.time,
      until: this.#last?.time,
    };
  }

  run(): LogFault | undefined {
    const expected = this.#keptElsewhere();
    if (expected !== undefined) return expected;
    let number = this.#options.from ?? 1;
    for (const there of this.#numbers.filter((each) => each >= number)) {
      if (there !== number) return this.#missing(number);
      const fault = this.#segment(number, there === this.#numbers.at(-1));
      if (fault !== undefined) return fault;
      number += 1;
    }
    if (number === (this.#options.from ?? 1)) return this.#missing(number);
    return this.#end({ segment: number - 1, line: this.#lastLine + 1 });
  }

  #missing(number: number): LogFault {
    const sentence = `segment ${number} is not there`;
    return {
      kind: 'segment-missing',
      segment: number,
      line: 1,
      sequence: this.#previous.sequence + 1,
      sentence,
    };
  }

  #segment(number: number, isLast: boolean): LogFault | undefined {
    const bytes = this.#segments.get(number) ?? Buffer.alloc(0);
    let line = 0;
    let start = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
      line += 1;
      const fault = this.#line(bytes, start, end, { number, line });
      if (fault !== undefined) return fault;
      start = end + 1;
    }
    this.#lastLine = line;
    const place = { segment: number, line: line + 1, sequence: this.#previous.sequence + 1 };
    if (start < bytes.length) {
      // A last line that is being written while it is read is no fault.
      if (isLast && this.#options.open === true) {
        this.#isTorn = true;
        return undefined;
      }
      const sentence = `segment ${number} ends in the middle of a line`;
      return { kind: 'truncated', ...place, sentence };
    }
    const isEnded = this.#last?.type === 'checkpoint' && this.#beforeLast?.type === 'seal';
    if (!isLast && !isEnded) {
      return {
        kind: 'truncated',
        ...place,
        sentence: `segment ${number} ends without its seal, and another follows`,
      };
    }
    return undefined;
  }

  #line(
    bytes: Buffer,
    start: number,
    end: number,
    { number, line }: { readonly number: number; readonly line: number },
  ): LogFault | undefined {
    const text = bytes.subarray(start, end);
    const found = readLink(text);
    const due = this.#previous.sequence + 1;
    const at = { segment: number, line, sequence: due };
    const isFirst = this.#first === undefined;
    // What stands first need not be the chain's first when older segments were moved away.
    const isMoved = isFirst && (this.#options.from ?? 1) > 1;
    if (found === undefined || hashOf(text) !== found.hash) return this.#notWritten(bytes, end, at);
    if (!isMoved && found.sequence !== due) return this.#outOfPlace(bytes, end, found, at);
    if (!isMoved && found.previous !== this.#previous.hash) {
      const sentence = `record ${due} does not follow the one before it: one of the two was made anew`;
      return { kind: 'changed', ...at, sentence };
    }
    const gateway = this.#first?.gateway ?? this.#options.gateway ?? found.gateway;
    if (found.gateway !== gateway) {
      return { kind: 'inserted', ...at, sentence: `record ${due} is of another gateway, ${found.gateway}` };
    }
    const isHeader = found.type === 'segment';
    if (isHeader !== (line === 1)) {
      return { kind: 'changed', ...at, sentence: `record ${due} stands in a place that it can not have` };
    }
    const isAfterSignature = this.#signedTo === this.#previous.sequence;
    if (isAfterSignature) this.#unsigned = at;
    return this.#meant(text, found, at) ?? this.#take(found);
  }

  #take(found: Link): undefined {
    this.#first ??= found;
    this.#beforeLast = this.#last;
    this.#last = found;
    this.#previous = { sequence: found.sequence, hash: found.hash };
    this.#lines += 1;
    if (found.type === 'request') this.#requests += 1;
    const kept = this.#kept.get(found.sequence);
    if (kept === found.hash) this.#kept.delete(found.sequence);
  }

  /** Lines that say something of the log itself. */
  #meant(text: Buffer, found: Link, at: Omit<LogFault, 'kind' | 'sentence'>): LogFault | undefined {
    if (
      found.type === 'request' ||
      found.type === 'start' ||
      found.type === 'stop' ||
      found.type === 'reload'
    ) {
      return undefined;
    }
    const said = readLine(text);
    if (said === undefined) {
      const sentence = `record ${at.sequence} is not written as a gateway writes`;
      return { kind: 'changed', ...at, sentence };
    }
    switch (said.type) {
      case 'segment':
        if (said.segment === at.segment) return undefined;
        return {
          kind: 'reordered',
          ...at,
          sentence: `the file of segment ${at.segment} holds segment ${said.segment}`,
        };
      case 'seal':
        if (said.segment === at.segment && said.records === at.line) return undefined;
        return { kind: 'changed', ...at, sentence: `the seal of segment ${at.segment} does not fit it` };
      case 'checkpoint':
        return this.#checkpoint(said, at);
      case 'gap':
        this.#lost += said.lost;
        if (said.error !== TRUNCATED) return undefined;
        return {
          kind: 'truncated',
          ...at,
          sentence: `${said.lost} records before this one had been signed and were gone when the gateway started`,
        };
      case 'recovery':
        this.#recoveries += 1;
        return undefined;
      default:
        return undefined;
    }
  }

  #checkpoint(
    said: Extract<AuditLine, { type: 'checkpoint' }>,
    at: Omit<LogFault, 'kind' | 'sentence'>,
  ): LogFault | undefined {
    const { key: name, signature } = said;
    const known = this.#options.keys.get(name.id);
    if (known === undefined) {
      const sentence = `the checkpoint at record ${at.sequence} is signed with the key ${name.id}, which was not given: nothing from record ${this.#unsigned.sequence} on is proved`;
      return { kind: 'unknown-key', ...this.#unsigned, sentence };
    }
    if (!isSigned(said, signature, known.key, known.algorithm)) {
      const sentence = `the signature at record ${at.sequence} is not good: something from record ${this.#unsigned.sequence} to there was made anew`;
      return { kind: 'signature', ...this.#unsigned, sentence };
    }
    this.#checkpoints += 1;
    this.#signedTo = at.sequence;
    return undefined;
  }

  /** A line that no gateway wrote stands in place of one, or in between. */
  #notWritten(bytes: Buffer, end: number, at: Omit<LogFault, 'kind' | 'sentence'>): LogFault {
    const next = this.#following(bytes, end);
    if (next?.sequence === at.sequence) {
      return { kind: 'inserted', ...at, sentence: `something was inserted before record ${at.sequence}` };
    }
    return { kind: 'changed', ...at, sentence: `record ${at.sequence} was changed` };
  }

  /** A line that is genuine stands where another should. */
  #outOfPlace(bytes: Buffer, end: number, found: Link, at: Omit<LogFault, 'kind' | 'sentence'>): LogFault {
    const next = this.#following(bytes, end);
    const isEarly = found.sequence > at.sequence && next?.sequence === at.sequence;
    // Early and nowhere else: the two were swapped.
    const isTwice = isEarly && this.#isLater(found.sequence, at.segment, end);
    if (found.sequence < at.sequence || isTwice) {
      const sentence = `record ${found.sequence} stands once more before record ${at.sequence}`;
      return { kind: 'inserted', ...at, sentence };
    }
    if (this.#isLater(at.sequence, at.segment, end)) {
      return { kind: 'reordered', ...at, sentence: `record ${at.sequence} stands further down` };
    }
    const last = found.sequence - 1;
    const which = last === at.sequence ? `record ${last} is` : `records ${at.sequence} to ${last} are`;
    return { kind: 'removed', ...at, sentence: `${which} not there` };
  }

  #following(bytes: Buffer, end: number): Link | undefined {
    const next = bytes.indexOf(LF, end + 1);
    return next === -1 ? undefined : readLink(bytes.subarray(end + 1, next));
  }

  #isLater(sequence: number, segment: number, end: number): boolean {
    return this.#numbers
      .filter((each) => each >= segment)
      .some((each) => {
        const bytes = this.#segments.get(each) ?? Buffer.alloc(0);
        let start = each === segment ? end + 1 : 0;
        for (let stop = bytes.indexOf(LF, start); stop !== -1; stop = bytes.indexOf(LF, start)) {
          if (readLink(bytes.subarray(start, stop))?.sequence === sequence) return true;
          start = stop + 1;
        }
        return false;
      });
  }

  /** Checkpoints that were kept elsewhere must be good themselves; they are ticked off as the log is read. */
  #keptElsewhere(): LogFault | undefined {
    const at = { segment: 0, line: 0, sequence: 0 };
    for (const text of this.#options.checkpoints ?? []) {
      const line = Buffer.from(text.trimEnd(), 'latin1');
      const found = readLink(line);
      if (found === undefined || found.type !== 'checkpoint' || hashOf(line) !== found.hash) {
        return { kind: 'changed', ...at, sentence: 'a checkpoint that was kept outside of the log is none' };
      }
      const said = readLine(line);
      if (said?.type !== 'checkpoint') {
        return { kind: 'changed', ...at, sentence: 'a checkpoint that was kept outside of the log is none' };
      }
      const known = this.#options.keys.get(said.key.id);
      if (known !== undefined && !isSigned(said, said.signature, known.key, known.algorithm)) {
        return {
          kind: 'signature',
          ...at,
          sentence: 'a checkpoint kept outside of the log has no good signature',
        };
      }
      if (found.gateway !== (this.#options.gateway ?? found.gateway)) {
        const sentence = `a checkpoint kept outside of the log is of the gateway ${found.gateway}, whose chain is not here`;
        return { kind: 'segment-missing', ...at, sequence: found.sequence, sentence };
      }
      this.#kept.set(found.sequence, found.hash);
    }
    return undefined;
  }

  /** Whether the log ends where it should. */
  #end(where: Pick<LogFault, 'segment' | 'line'>): LogFault | undefined {
    const at = { ...where, sequence: this.#previous.sequence + 1 };
    const missed = [...this.#kept.keys()]
      .filter((each) => each >= (this.#first?.sequence ?? 0))
      .sort((a, b) => a - b);
    const [beyond] = missed.filter((each) => each > this.#previous.sequence);
    const before = this.#beforeLast?.type;
    if (beyond !== undefined && before === 'seal') return this.#missing(where.segment + 1);
    if (beyond !== undefined) {
      const sentence = `record ${beyond} was signed and kept outside of the log, which ends before it`;
      return { kind: 'truncated', ...at, sentence };
    }
    const [other] = missed;
    if (other !== undefined) {
      const sentence = `record ${other} is not the one whose checkpoint was kept outside of the log`;
      return { kind: 'changed', ...at, sequence: other, sentence };
    }
    this.#isClosed = this.#last?.type === 'checkpoint' && (before === 'stop' || before === 'seal');
    if (this.#isClosed || this.#options.open === true) return undefined;
    const sentence =
      'the log ends in the middle of the work: it was cut, the gateway was killed, or it is a copy of a log that is being written (--open accepts that)';
    return { kind: 'truncated', ...at, sentence };
  }
}
