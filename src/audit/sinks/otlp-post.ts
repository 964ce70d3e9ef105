import type { Agent, Dispatcher } from 'undici';
import { loadUndici } from '../../late-parts.ts';
import { codeOf, DeliveryError } from './delivery.ts';

/** Who takes OTLP over HTTP. */
export interface OtlpReceiver {
  /** The whole URL: `https://collector:4318/v1/logs`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly tls: {
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly servername?: string;
  };
}

/** What an error says. */
interface Words {
  /** How the URL of such a receiver ends. */
  readonly path: '/v1/logs' | '/v1/traces';
  /** What is sent: `the records`. */
  readonly what: string;
  /** What follows from a refusal. */
  readonly consequence: string;
}

/** An answer is a few bytes, or says why not. */
const MOST_ANSWER_BYTES = 65_536;

/**
 * Posts export requests of OTLP 1.x over HTTP in its JSON encoding (https://opentelemetry.io/docs/specs/otlp/#otlphttp),
 * over one connection.
 */
export class OtlpPost {
  readonly #receiver: OtlpReceiver;
  readonly #words: Words;
  readonly #agent: Promise<Agent>;

  constructor(receiver: OtlpReceiver, words: Words) {
    this.#receiver = receiver;
    this.#words = words;
    this.#agent = loadUndici().then((undici) => {
      const connect = { ...receiver.tls, minVersion: 'TLSv1.2', timeout: 10_000 } as const;
      return new undici.Agent({ connections: 1, connect });
    });
  }

  /** @throws DeliveryError unless the answer is 2xx and rejects nothing */
  async send(message: object, closing: AbortSignal): Promise<void> {
    const { url, headers, timeoutMs } = this.#receiver;
    const { what, consequence } = this.#words;
    const { origin, pathname, search } = new URL(url);
    const agent = await this.#agent;
    let answer: Dispatcher.ResponseData;
    let text: string;
    try {
      answer = await agent.request({
        ...{ origin, path: `${pathname}${search}`, method: 'POST' },
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
      });
      text = await readUpTo(answer.body, MOST_ANSWER_BYTES);
    } catch (error) {
      throw fault(url, `can not be reached (${codeOf(error)})`, { cause: error });
    }
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) return this.#accepted(text);
    if (status === 429 || status >= 500) {
      const retryAfterMs = waitOf(answer.headers['retry-after'], Date.now());
      throw fault(url, `answers ${status}`, { retryAfterMs });
    }
    if (status === 413) throw fault(url, 'takes no request of that size (413)', { kind: 'too-large' });
    throw fault(url, `refuses ${what} (${status}); ${consequence} until that is put right`, {
      kind: 'never-like-this',
    });
  }

  async close(): Promise<void> {
    const agent = await this.#agent;
    await agent.destroy();
  }

  /** @throws DeliveryError unless the receiver says that it took everything */
  #accepted(text: string): void {
    const { url } = this.#receiver;
    const { path, what, consequence } = this.#words;
    if (text.trim() === '') return;
    let answer: {
      partialSuccess?: { rejectedLogRecords?: string | number; rejectedSpans?: string | number };
    } | null;
    try {
      answer = JSON.parse(text);
    } catch {
      throw fault(url, `gives an answer that is not that of OTLP; does the URL end in ${path}?`, {
        kind: 'never-like-this',
      });
    }
    const { rejectedLogRecords, rejectedSpans } = answer?.partialSuccess ?? {};
    const rejected = Number(rejectedLogRecords ?? rejectedSpans ?? 0);
    if (rejected === 0) return;
    throw fault(url, `rejects ${rejected} of ${what}; ${consequence} until that is put right`, {
      kind: 'never-like-this',
    });
  }
}

/** Milliseconds that `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3); 0 without one. */
export function waitOf(header: string | readonly string[] | undefined, now: number): number {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** Who sends. */
export function resource(version: string, gateway: string): object {
  return {
    attributes: attributes([
      ['service.name', 'quaywarden'],
      ['service.version', version],
      ['service.instance.id', gateway],
    ]),
  };
}

export type Attribute = readonly [name: string, value: string | number | null | undefined];

/** What has no value is left out. Whole numbers are texts, as 64 bits are more than JSON's numbers have. */
export function attributes(all: readonly Attribute[]): object[] {
  const given: object[] = [];
  for (const [key, value] of all) {
    if (value === undefined || value === null || value === '') continue;
    given.push({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    });
  }
  return given;
}

async function readUpTo(body: AsyncIterable<Buffer>, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > most) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function fault(
  url: string,
  what: string,
  options: ConstructorParameters<typeof DeliveryError>[1],
): DeliveryError {
  const { origin, pathname } = new URL(url);
  return new DeliveryError(`the OTLP receiver at ${origin}${pathname} ${what}`, options);
}
