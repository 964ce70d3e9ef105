import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Transform, Writable } from 'node:stream';
import { capApiVersion, type VersionRange } from '../docker/versions.ts';
import { toRefusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import { answerRefusal, endResponse, REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { Flight, Shot } from './connections.ts';
import { drop, keptPairs, pairs, VISIBLE } from './headers.ts';
import { MOST_WHOLE } from './read-whole.ts';
import { type ReplyFilter, replyFilter } from './reply-filter.ts';
import { GarbledReply, type ReplyHead } from './reply-parser.ts';

/** How long what has come of a reply that breaks off may take to leave, in milliseconds. */
const LAST_WORDS_MS = 1_000;

/** Whom a reply is for. */
export interface Client {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** A request that was judged, as it goes to the Engine, and what is to be told of its reply. */
export interface Outgoing {
  readonly exchange: Exchange;
  readonly judged: Judged;
  readonly range: VersionRange;
  readonly client: Client;
  /** The whole request. */
  readonly bytes: string;
  /** Whether what comes must reach the client at once: the head before the body, and each piece of that. */
  readonly isStream: boolean;
  /** Told when the reply begins. */
  readonly answered?: () => void;
  /** Told when there is no reply that could be passed on. */
  readonly fail: (error: Error) => void;
}

/**
 * The Engine's reply on its way to the client: as it comes, or read whole and rewritten, or line by line. The body of a
 * stream that nobody looks at goes on as it stands on the wire, sizes of chunks included: it has been read and is sound, and
 * to take it apart and frame it anew would cost more than to encrypt it.
 */
export class ClientReply implements Shot {
  readonly method: string;
  readonly bytes: string;
  flight: Flight | undefined;
  wantsRaw = false;
  readonly #exchange: Exchange;
  readonly #judged: Judged;
  readonly #range: VersionRange;
  readonly #client: Client;
  readonly #isStream: boolean;
  readonly #answered: (() => void) | undefined;
  readonly #fail: (error: Error) => void;
  #lines: Transform | undefined;
  #whole: { readonly filter: ReplyFilter & { kind: 'whole' }; readonly head: ReplyHead } | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  /** For how many things the Engine has to wait; whether one of them is the limit of bytes a second. */
  #waits = 0;
  #isPaced = false;
  /** The last piece: whether it is the end of the reply is not known yet, and then both go out in one write. */
  #held: Buffer | undefined;

  constructor({ exchange, judged, range, client, bytes, isStream, answered, fail }: Outgoing) {
    this.method = judged.api.operation.method;
    this.bytes = bytes;
    this.#exchange = exchange;
    this.#judged = judged;
    this.#range = range;
    this.#client = client;
    this.#isStream = isStream;
    this.#answered = answered;
    this.#fail = fail;
  }

  onHead(head: ReplyHead, isChunked: boolean | undefined): void {
    this.#exchange.answered(head.status);
    this.#answered?.();
    const filter = replyFilter(this.#judged, this.#range, head.status);
    if (filter?.kind === 'whole') {
      this.#whole = { filter, head };
      return;
    }
    const { request, response } = this.#client;
    const isCurrent = request.httpVersion === '1.1' && response.socket !== null;
    this.wantsRaw =
      this.#isStream &&
      isCurrent &&
      filter === undefined &&
      isChunked !== undefined &&
      !this.#exchange.isLookedAt;
    // Of lines, nobody knows how many will be shown.
    const length = filter === undefined ? undefined : null;
    this.#writeHead(head, length, this.wantsRaw && isChunked === true);
    if (this.#isStream) response.flushHeaders();
    if (filter !== undefined) this.#lines = this.#open(filter.open());
  }

  onRaw(bytes: Buffer, length: number, release?: () => void): void {
    const { socket } = this.#client.response;
    if (socket === null || socket.destroyed) {
      release?.();
      return;
    }
    this.#exchange.passed(length);
    const mayGoOn = socket.write(bytes, release);
    this.#spend(length);
    // What is lent comes back when it has left, and no more comes before that.
    if (!mayGoOn && release === undefined) this.#waitFor(socket);
  }

  onBody(chunk: Buffer): void {
    const { response } = this.#client;
    this.#spend(chunk.length);
    if (this.#whole !== undefined) {
      this.#size += chunk.length;
      if (this.#size > MOST_WHOLE) throw new GarbledReply('the reply is larger than what is read whole');
      this.#chunks.push(chunk);
      return;
    }
    if (this.#lines !== undefined) {
      if (!this.#lines.write(chunk)) this.#waitFor(this.#lines);
      return;
    }
    this.#exchange.sent(chunk);
    if (this.#isStream) {
      if (!response.write(chunk)) this.#waitFor(response);
      return;
    }
    const before = this.#held;
    this.#held = chunk;
    if (before === undefined) queueMicrotask(() => this.#passOn());
    else if (!response.write(before)) this.#waitFor(response);
  }

  onEnd(trailers: readonly string[]): void {
    if (this.#whole !== undefined) {
      this.#rewrite(this.#whole.filter, this.#whole.head).catch(() => this.#breakOff());
      return;
    }
    if (this.#lines !== undefined) {
      this.#lines.end();
      return;
    }
    const { request, response } = this.#client;
    if (this.#isStream && trailers.length > 0) response.addTrailers(pairs(trailers));
    const last = this.#held;
    this.#held = undefined;
    if (last !== undefined && request.complete) response.end(last);
    else {
      if (last !== undefined) response.write(last);
      endResponse(request, response);
    }
  }

  onError(error: Error): void {
    const { response } = this.#client;
    if (response.destroyed) return;
    if (response.headersSent) this.#breakOff();
    else this.#fail(error);
  }

  /** What was held, now that the end did not come with it. */
  #passOn(): void {
    const chunk = this.#held;
    if (chunk === undefined || this.#client.response.destroyed) return;
    this.#held = undefined;
    if (!this.#client.response.write(chunk)) this.#waitFor(this.#client.response);
  }

  #waitFor(writable: Writable): void {
    this.#wait();
    writable.once('drain', () => this.#goOn());
  }

  /** Has the Engine wait where the client has had as much as it may for now. */
  #spend(bytes: number): void {
    const { pace } = this.#exchange.hold;
    if (pace === undefined) return;
    pace.spend(bytes);
    if (pace.isOpen || this.#isPaced) return;
    this.#isPaced = true;
    this.#wait();
    pace.whenOpen(() => {
      this.#isPaced = false;
      this.#goOn();
    });
  }

  #wait(): void {
    this.#waits += 1;
    this.flight?.pause();
  }

  #goOn(): void {
    this.#waits -= 1;
    if (this.#waits === 0) this.flight?.resume();
  }

  /** Lines that are shown go on to the client. */
  #open(lines: Transform): Transform {
    const { request, response } = this.#client;
    lines.on('data', (chunk: Buffer) => this.#exchange.sent(chunk));
    lines.on('end', () => endResponse(request, response));
    // A line that can not be read could be anybody's.
    lines.on('error', () => {
      this.flight?.abort();
      this.#breakOff();
    });
    lines.pipe(response, { end: false });
    return lines;
  }

  #breakOff(): void {
    const { response } = this.#client;
    if (response.writableEnded) return;
    this.#passOn();
    // It breaks the client's connection too, so that it is not taken for a whole reply.
    this.#exchange.ending ??= 'engine-closed';
    const { socket } = response;
    const destroy = (): void => void response.destroy();
    // After what was written last has left: Node gathers the writes of one turn.
    process.nextTick(() => {
      if (socket === null || socket.destroyed || socket.writableLength === 0) {
        destroy();
        return;
      }
      const timer = setTimeout(destroy, LAST_WORDS_MS);
      socket.write('', () => {
        clearTimeout(timer);
        destroy();
      });
    });
  }

  async #rewrite(filter: ReplyFilter & { kind: 'whole' }, head: ReplyHead): Promise<void> {
    const { request, response } = this.#client;
    let body: Buffer;
    try {
      body = await filter.rewrite(Buffer.concat(this.#chunks, this.#size));
    } catch (error) {
      if (response.destroyed) return;
      this.#exchange.ending ??= 'engine-error';
      answerRefusal(request, response, toRefusal(error), this.#exchange.id);
      return;
    }
    if (response.destroyed) return;
    this.#writeHead(head, body.length, false);
    this.#exchange.sent(body);
    if (request.complete) response.end(body);
    else {
      response.write(body);
      endResponse(request, response);
    }
  }

  /**
   * @param length of the body, where it is another than the reply says; null: not known
   * @param isChunked whether chunks follow that are framed already
   * @throws GarbledReply where Node will not write what was read: the Engine is not to bring the gateway down
   */
  #writeHead(
    { status, reason, rawHeaders }: ReplyHead,
    length: number | null | undefined,
    isChunked: boolean,
  ): void {
    const { response } = this.#client;
    const headers = keptPairs(rawHeaders);
    if (!this.#isStream) drop(headers, 'trailer');
    if (length !== undefined) {
      drop(headers, 'content-length');
      // RFC 9110, section 8.6: these have no body, and no length of one.
      if (status !== 204 && status !== 304 && length !== null) headers.push('Content-Length', `${length}`);
    }
    if (isChunked) headers.push('Transfer-Encoding', 'chunked');
    const { id } = this.#judged.api.operation;
    if (id === 'SystemPing' || id === 'SystemPingHead') capPing(headers, this.#range);
    headers.push(REQUEST_ID_HEADER, this.#exchange.id);
    try {
      response.writeHead(status, VISIBLE.test(reason) ? reason : STATUS_CODES[status], headers);
    } catch {
      throw new GarbledReply('the head of the reply can not be written');
    }
  }
}

/** `/_ping` advertises no API version above the ceiling, so that newer clients negotiate down. */
function capPing(headers: string[], range: VersionRange): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'api-version')
      headers[i + 1] = capApiVersion(headers[i + 1] as string, range);
  }
}
