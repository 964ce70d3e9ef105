import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { capApiVersion, type VersionRange } from '../docker/versions.ts';
import { toRefusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import { answerRefusal, endResponse, REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { Flight, Shot } from './connections.ts';
import type { Engine } from './engine.ts';
import { keptPairs, VISIBLE } from './headers.ts';
import { type ReplyFilter, replyFilter } from './reply-filter.ts';
import { GarbledReply, type ReplyHead } from './reply-parser.ts';
import { requestBytes } from './request-bytes.ts';

/** Replies that are read whole are lists and inspections; a list of ten thousand containers stays far below. */
const MOST_WHOLE = 134_217_728;

/** Whom a reply is for. */
interface Client {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * The road of short exchanges without a body, of which there are most: pings, lists, inspections, starts and stops. Why
 * these leave @fastify/http-proxy is told with numbers in docs/decisions/0012.
 *
 * @returns when the exchange is over
 * @throws Refusal when the Engine could not be reached or broke off before it answered
 */
export function forwardLight(
  exchange: Exchange,
  judged: Judged,
  engine: Engine,
  range: VersionRange,
  client: Client,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const shot = new LightReply(exchange, judged, range, client, (error) => reject(engine.refusal(error)));
    const flight = engine.connections.send(shot);
    shot.flight = flight;
    client.response.once('close', () => {
      flight.abort();
      resolve();
    });
  });
}

/** The Engine's reply on its way to the client: head and body as they come, or read whole and rewritten. */
class LightReply implements Shot {
  readonly method: string;
  readonly bytes: string;
  flight: Flight | undefined;
  readonly #exchange: Exchange;
  readonly #judged: Judged;
  readonly #range: VersionRange;
  readonly #client: Client;
  readonly #fail: (error: Error) => void;
  #whole: { readonly filter: ReplyFilter & { kind: 'whole' }; readonly head: ReplyHead } | undefined;
  #chunks: Buffer[] = [];
  #size = 0;
  /** The last piece: whether it is the end of the reply is not known yet, and then both go out in one write. */
  #held: Buffer | undefined;

  constructor(
    exchange: Exchange,
    judged: Judged,
    range: VersionRange,
    client: Client,
    fail: (error: Error) => void,
  ) {
    const { operation, target } = judged.api;
    this.method = operation.method;
    this.bytes = requestBytes(operation.method, target, judged.forward);
    this.#exchange = exchange;
    this.#judged = judged;
    this.#range = range;
    this.#client = client;
    this.#fail = fail;
  }

  onHead(head: ReplyHead): void {
    this.#exchange.answered(head.status);
    const filter = replyFilter(this.#judged, this.#range, head.status);
    if (filter?.kind === 'lines') throw new Error('lines are streamed on another road');
    if (filter === undefined) this.#writeHead(head, undefined);
    else this.#whole = { filter, head };
  }

  onBody(chunk: Buffer): void {
    const { response } = this.#client;
    if (this.#whole !== undefined) {
      this.#size += chunk.length;
      if (this.#size > MOST_WHOLE) throw new GarbledReply('the reply is larger than what is read whole');
      this.#chunks.push(chunk);
      return;
    }
    this.#exchange.sent(chunk);
    const before = this.#held;
    this.#held = chunk;
    if (before === undefined) queueMicrotask(() => this.#passOn());
    else if (!response.write(before)) this.#wait();
  }

  onEnd(): void {
    if (this.#whole !== undefined) {
      void this.#rewrite(this.#whole.filter, this.#whole.head);
      return;
    }
    const { request, response } = this.#client;
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
    if (!response.headersSent && this.#whole === undefined) {
      this.#fail(error);
      return;
    }
    // A reply that breaks off breaks the client's connection too, so that it is not taken for a whole one.
    this.#exchange.ending ??= 'engine-closed';
    response.destroy();
  }

  /** What was held, now that the end did not come with it. */
  #passOn(): void {
    const chunk = this.#held;
    if (chunk === undefined || this.#client.response.destroyed) return;
    this.#held = undefined;
    if (!this.#client.response.write(chunk)) this.#wait();
  }

  #wait(): void {
    const { flight } = this;
    flight?.pause();
    this.#client.response.once('drain', () => flight?.resume());
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
    this.#writeHead(head, body.length);
    this.#exchange.sent(body);
    if (request.complete) response.end(body);
    else {
      response.write(body);
      endResponse(request, response);
    }
  }

  /**
   * @param length of the body, where it is another than the reply says
   * @throws GarbledReply where Node will not write what was read: the Engine is not to bring the gateway down
   */
  #writeHead({ status, reason, rawHeaders }: ReplyHead, length: number | undefined): void {
    const { response } = this.#client;
    const headers = keptPairs(rawHeaders);
    drop(headers, 'trailer');
    if (length !== undefined) {
      drop(headers, 'content-length');
      // RFC 9110, section 8.6: these have no body, and no length of one.
      if (status !== 204 && status !== 304) headers.push('Content-Length', `${length}`);
    }
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

/** @param name in lower case */
function drop(headers: string[], name: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (headers[i]?.length === name.length && headers[i]?.toLowerCase() === name) headers.splice(i, 2);
  }
}

/** `/_ping` advertises no API version above the ceiling, so that newer clients negotiate down. */
function capPing(headers: string[], range: VersionRange): void {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() === 'api-version')
      headers[i + 1] = capApiVersion(headers[i + 1] as string, range);
  }
}
