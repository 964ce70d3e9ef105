import { Memory } from '../memory.ts';

/** The head of a reply, as the Engine sent it. */
export interface ReplyHead {
  readonly status: number;
  /** The reason phrase. */
  readonly reason: string;
  /** Name, value, name, value, in the Engine's order and case. */
  readonly rawHeaders: readonly string[];
}

/** Who is told what a reply consists of, in this order. */
export interface ReplySink {
  /** @param isChunked how the body is framed, where it is neither empty nor ends with the connection */
  onHead(head: ReplyHead, isChunked: boolean | undefined): void;
  onBody(chunk: Buffer): void;
  /**
   * In place of `onBody` where `wantsRaw` is true once the head is known, of a body that is framed: the bytes as they
   * stand on the wire, sizes of chunks included, the last chunk excluded. They have been read, and are sound.
   *
   * @param length how much body is in them
   * @param release to be called when they are needed no more, where they are lent
   */
  onRaw?(bytes: Buffer, length: number, release?: () => void): void;
  readonly wantsRaw?: boolean;
  /** @param trailers name, value, name, value */
  onEnd(trailers: readonly string[]): void;
  /** Whether a 101 may come; whether it is to what was asked for is for whoever asked to say. */
  readonly maySwitch?: boolean;
}

/** A 101, and what came behind its head, in the other protocol. */
export interface Switch {
  readonly head: ReplyHead;
  readonly rest: Buffer;
}

/** Bytes that are lent: their owner may use the memory again when all who have some of them are done. */
export class Lease {
  readonly #whenOver: () => void;
  #holders = 0;

  constructor(whenOver: () => void) {
    this.#whenOver = whenOver;
  }

  /** @returns gives back what was taken; to be called once */
  take(): () => void {
    this.#holders += 1;
    return () => {
      this.#holders -= 1;
      if (this.#holders === 0) this.#whenOver();
    };
  }
}

/** An answer that can not be read in one way only, or that is not HTTP. */
export class GarbledReply extends Error {
  /** As Node's own parser would say it. */
  readonly code = 'HPE_GARBLED';
}

/** Labels in X-Docker-Container-Path-Stat go beyond 16 KiB. */
const MOST_HEAD = 1_048_576;
/** Longest line between two chunks: a size, and extensions that mean nothing (RFC 9112, section 7.1.1). */
const MOST_SIZE_LINE = 1_024;

const MOST_TRAILERS = 200;
const BEGINNING = 'HTTP/1.';

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5][0-9]{2})(?: (.*))?$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;
/** Control characters other than a tab and the ends of lines, and ends of lines that are half of one. */
const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const DIGITS = /^[0-9]{1,15}$/;
const CHUNK_SIZE = /^([0-9a-fA-F]{1,12})(?:;[\t\x20-\x7e]*)?$/;

/** A head, and whether it is one of HTTP/1.1. */
interface ReadHead extends ReplyHead {
  readonly isCurrent: boolean;
}

/**
 * The last heads, as they stood on the wire: what an Engine answers to one question differs in its Date alone, once a second.
 * Forgotten all together when there are so many, and longer ones are not kept.
 */
const heads = new Memory<ReadHead>(64);
const LONGEST_KEPT_HEAD = 1_024;

/** @throws GarbledReply */
function readHead(text: string): ReadHead {
  const before = heads.get(text);
  if (before !== undefined) return before;
  if (FORBIDDEN.test(text)) throw new GarbledReply('the head holds control characters');
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, code, reason = ''] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) throw new GarbledReply('the first line is no status line');
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new GarbledReply('a header is malformed');
    rawHeaders.push(name, value);
  }
  const head = { status: Number(code), reason, rawHeaders, isCurrent: minor === '1' };
  if (text.length <= LONGEST_KEPT_HEAD) heads.set(text, head);
  return head;
}

type State =
  | 'head'
  | 'body'
  | 'chunk-size'
  | 'chunk'
  | 'chunk-end'
  | 'trailers'
  /** Until the connection closes. */
  | 'rest'
  /** It is HTTP no more. */
  | 'switched'
  | 'done';

/**
 * Reads one reply (RFC 9112) out of the bytes of a connection. A reply that two readers could take for different ones is
 * refused: two lengths, a length and chunks, a coding other than `chunked`, white space where none may be.
 */
export class ReplyParser {
  /** Whether another request may be sent on the connection once this is done. */
  isReusable = true;
  /** How long the Engine says that it keeps the connection when it is idle, in seconds; undefined where it does not say. */
  keptFor: number | undefined;
  readonly #method: string;
  readonly #sink: ReplySink;
  #state: State = 'head';
  /** What has come of a head, a size or trailers that are not complete. */
  #held: Buffer | undefined;
  /** Bytes that are left of the body, or of the chunk. */
  #left = 0;
  #trailers: string[] = [];
  /** Set where the body is passed on as it stands: what of the current bytes has been read of it. */
  #raw: { from: number; to: number; length: number } | undefined;
  #bytes: Buffer | undefined;
  #lease: Lease | undefined;
  #switch: Switch | undefined;

  /** @param method of the request: an answer to HEAD has no body */
  constructor(method: string, sink: ReplySink) {
    this.#method = method;
    this.#sink = sink;
  }

  /** Whether the body is passed on as it stands. */
  get isRaw(): boolean {
    return this.#raw !== undefined;
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Set once the connection is no longer one of HTTP. */
  get switched(): Switch | undefined {
    return this.#switch;
  }

  /**
   * Takes what has come. What goes beyond the reply belongs to nobody: the connection is not used again.
   *
   * @param lease on the bytes, where they are lent; only what is passed on as it stands is not copied then
   * @throws GarbledReply
   */
  push(bytes: Buffer, lease?: Lease): void {
    let chunk = bytes;
    if (this.#held !== undefined) {
      chunk = Buffer.concat([this.#held, bytes]);
      this.#held = undefined;
    }
    let at = 0;
    this.#bytes = chunk;
    this.#lease = lease;
    if (this.#raw !== undefined) this.#raw = { from: 0, to: 0, length: 0 };
    try {
      while (at < chunk.length) {
        const next = this.#step(chunk, at);
        if (next === at) break;
        at = next;
      }
    } finally {
      // What was sound of it goes on, whatever came after it.
      this.#passRaw();
      this.#bytes = undefined;
      this.#lease = undefined;
    }
    if (at < chunk.length) this.#held = Buffer.from(chunk.subarray(at));
  }

  /**
   * Says that the Engine has ended its side.
   *
   * @returns whether the reply is complete
   * @throws GarbledReply when what came was not even the beginning of one
   */
  end(): boolean {
    this.isReusable = false;
    if (this.#state === 'rest') this.#finish();
    const held = this.#state === 'head' ? (this.#held?.toString('latin1', 0, BEGINNING.length) ?? '') : '';
    if (!BEGINNING.startsWith(held)) throw new GarbledReply('there is no head');
    return this.#state === 'done';
  }

  /** @returns how far the chunk has been read; where it was, when more is needed */
  #step(chunk: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#head(chunk, at);
      case 'body':
      case 'chunk':
        return this.#counted(chunk, at);
      case 'chunk-size':
        return this.#chunkSize(chunk, at);
      case 'chunk-end':
        return this.#chunkEnd(chunk, at);
      case 'trailers':
        return this.#trailer(chunk, at);
      case 'rest':
        this.#sink.onBody(at === 0 ? chunk : chunk.subarray(at));
        return chunk.length;
      case 'switched':
      case 'done':
        this.isReusable = false;
        return chunk.length;
    }
  }

  #head(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\r\n\r\n', at, 'latin1');
    if ((end === -1 ? chunk.length : end) - at > MOST_HEAD) throw new GarbledReply('the head is too long');
    if (end === -1) return at;
    const head = readHead(chunk.toString('latin1', at, end));
    const { status, rawHeaders } = head;
    if (status < 200) {
      // Nobody asked to switch protocols; the others announce the reply that follows.
      if (status !== 101) return end + 4;
      if (this.#sink.maySwitch !== true)
        throw new GarbledReply('the Engine switched protocols although nobody asked it to');
      this.#state = 'switched';
      this.#switch = { head, rest: Buffer.from(chunk.subarray(end + 4)) };
      return chunk.length;
    }
    this.#frame(status, rawHeaders, head.isCurrent);
    const isFramed = this.#state === 'body' || this.#state === 'chunk-size';
    this.#sink.onHead(head, isFramed ? this.#state === 'chunk-size' : undefined);
    if (this.#state === 'done') this.#sink.onEnd(this.#trailers);
    else if (isFramed && this.#sink.wantsRaw === true) {
      this.#raw = { from: end + 4, to: end + 4, length: 0 };
    }
    return end + 4;
  }

  /** How long the body is (RFC 9112, section 6.3). */
  #frame(status: number, rawHeaders: readonly string[], isCurrent: boolean): void {
    let length: string | undefined;
    let coding: string | undefined;
    let connection = '';
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] as string;
      const value = rawHeaders[i + 1] as string;
      switch (name.length) {
        case 10:
          if (name.toLowerCase() === 'connection') connection += `,${value.toLowerCase()}`;
          else if (name.toLowerCase() === 'keep-alive') this.keptFor = secondsOf(value);
          break;
        case 14:
          if (name.toLowerCase() !== 'content-length') break;
          if (length !== undefined) throw new GarbledReply('there are two lengths');
          length = value;
          break;
        case 17:
          if (name.toLowerCase() !== 'transfer-encoding') break;
          if (coding !== undefined) throw new GarbledReply('there are two codings');
          coding = value.toLowerCase();
          break;
      }
    }
    if (!isCurrent || /(?:^|,)[ \t]*close[ \t]*(?:,|$)/.test(connection)) this.isReusable = false;
    if (coding !== undefined && (coding !== 'chunked' || length !== undefined || !isCurrent)) {
      throw new GarbledReply('the body is framed in a way that can be read in several');
    }
    if (length !== undefined && !DIGITS.test(length)) throw new GarbledReply('the length is no number');
    if (this.#method === 'HEAD' || status === 204 || status === 304) this.#state = 'done';
    else if (coding !== undefined) this.#state = 'chunk-size';
    else if (length === undefined) {
      this.isReusable = false;
      this.#state = 'rest';
    } else {
      this.#left = Number(length);
      this.#state = this.#left === 0 ? 'done' : 'body';
    }
  }

  #counted(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#left);
    this.#left -= end - at;
    if (this.#raw === undefined) {
      this.#sink.onBody(at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end));
    } else {
      this.#raw.to = end;
      this.#raw.length += end - at;
    }
    if (this.#left > 0) return end;
    if (this.#state === 'chunk') this.#state = 'chunk-end';
    else this.#finish();
    return end;
  }

  #chunkSize(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\r\n', at, 'latin1');
    if ((end === -1 ? chunk.length : end) - at > MOST_SIZE_LINE) {
      throw new GarbledReply('a chunk has no size that can be read');
    }
    if (end === -1) return at;
    const size = CHUNK_SIZE.exec(chunk.toString('latin1', at, end))?.[1];
    if (size === undefined) throw new GarbledReply('a chunk has no size that can be read');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailers' : 'chunk';
    if (this.#raw === undefined || this.#left === 0) return end + 2;
    if (at + size.length === end) this.#raw.to = end + 2;
    else {
      // Extensions stay here.
      this.#passRaw();
      this.#sink.onRaw?.(Buffer.from(`${size}\r\n`), 0);
      this.#raw = { from: end + 2, to: end + 2, length: 0 };
    }
    return end + 2;
  }

  #chunkEnd(chunk: Buffer, at: number): number {
    if (chunk.length - at < 2) return at;
    if (chunk[at] !== 0x0d || chunk[at + 1] !== 0x0a)
      throw new GarbledReply('a chunk is longer than it says');
    this.#state = 'chunk-size';
    if (this.#raw !== undefined) this.#raw.to = at + 2;
    return at + 2;
  }

  /** A line of what follows the last chunk. */
  #trailer(chunk: Buffer, at: number): number {
    const end = chunk.indexOf('\r\n', at, 'latin1');
    if ((end === -1 ? chunk.length : end) - at > MOST_HEAD) throw new GarbledReply('a trailer is too long');
    if (end === -1) return at;
    const line = chunk.toString('latin1', at, end);
    if (line === '') {
      this.#finish();
      return end + 2;
    }
    const [, name, value] = FORBIDDEN.test(line) ? [] : (HEADER.exec(line) ?? []);
    if (name === undefined || value === undefined || this.#trailers.length >= MOST_TRAILERS) {
      throw new GarbledReply('a trailer is malformed');
    }
    this.#trailers.push(name, value);
    return end + 2;
  }

  #finish(): void {
    this.#passRaw();
    this.#state = 'done';
    this.#sink.onEnd(this.#trailers);
  }

  #passRaw(): void {
    const { from, to, length } = this.#raw ?? { from: 0, to: 0, length: 0 };
    if (this.#raw === undefined || this.#bytes === undefined || to === from) return;
    this.#raw = { from: to, to, length: 0 };
    this.#sink.onRaw?.(this.#bytes.subarray(from, to), length, this.#lease?.take());
  }
}

/** Of `timeout=5, max=100` (RFC 2068, section 19.7.1.1). */
function secondsOf(keepAlive: string): number | undefined {
  const seconds = /(?:^|[,\s])timeout=([0-9]{1,6})(?:$|[,\s])/i.exec(keepAlive)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}
