import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DeliveryError } from '../audit/sinks/delivery.ts';
import {
  type Attribute,
  attributes,
  OtlpPost,
  type OtlpReceiver,
  resource,
} from '../audit/sinks/otlp-post.ts';
import type { Conclusion, Exchange, ExchangeObserver } from '../exchange.ts';
import type { Metrics } from './metrics.ts';
import { newId, type Trace } from './trace.ts';

/** How many spans may wait to be sent; a request has up to four. More are dropped, and counted. */
const MOST_WAITING = 8_192;
/** How many are sent at once. */
const MOST_AT_ONCE = 512;
/** How long the first of them waits for more, in milliseconds. */
const GATHER_MS = 1_000;
/** The least and the longest wait until a receiver is tried again, in milliseconds. */
const BACKOFF_MS = [1_000, 30_000] as const;
/** How long a stop waits for what is left to be sent, in milliseconds. */
const CLOSE_MS = 2_000;

/** SpanKind of OTLP. */
const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;

export interface SpanOptions extends OtlpReceiver {
  /** Which part of the requests is exported that nobody could be named for: what these say of their chain is not heard. */
  readonly sampleRatio: number;
  /** Of this gateway. */
  readonly version: string;
  readonly instance: string;
}

/**
 * Makes spans of exchanges and sends them to a receiver of OpenTelemetry traces. No request waits for it: what can not be
 * sent in time is dropped.
 */
export class Spans implements ExchangeObserver {
  readonly #options: SpanOptions;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #post: OtlpPost;
  readonly #stopping = new AbortController();
  readonly #killed = new AbortController();
  #waiting: object[] = [];
  #running: Promise<void> | undefined;
  #failures = 0;
  #sent = 0;
  #dropped = 0;

  constructor(options: SpanOptions, log: Pick<Logger, 'info' | 'warn'>) {
    this.#options = options;
    this.#log = log;
    this.#post = new OtlpPost(options, {
      path: '/v1/traces',
      what: 'spans',
      consequence: 'they are dropped',
    });
  }

  /** What became of spans so far, and how many wait. */
  get counts(): { readonly sent: number; readonly dropped: number; readonly waiting: number } {
    return { sent: this.#sent, dropped: this.#dropped, waiting: this.#waiting.length };
  }

  began(): void {}

  ended(exchange: Exchange, conclusion: Conclusion): void {
    const { findings } = exchange;
    const trace = findings.trace ?? (findings.forward === undefined ? this.#ofNobody() : undefined);
    if (trace?.spans === undefined) return;
    const spans = spansOf(exchange, conclusion, trace);
    if (this.#waiting.length + spans.length > MOST_WAITING) {
      this.#dropped += spans.length;
      return;
    }
    this.#waiting.push(...spans);
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Sends what is left, for a moment at most. */
  async close(): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#killed.abort(), CLOSE_MS);
    await this.#running;
    clearTimeout(timer);
    await this.#post.close();
  }

  /** A chain of its own for a request that was refused before it was asked about one. */
  #ofNobody(): Trace | undefined {
    if (Math.random() >= this.#options.sampleRatio) return undefined;
    return {
      traceId: newId(16),
      headers: {},
      spans: { parent: undefined, server: newId(8), engine: newId(8) },
    };
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      if (this.#waiting.length < MOST_AT_ONCE) await this.#pause(GATHER_MS);
      const batch = this.#waiting.slice(0, MOST_AT_ONCE);
      const wait = await this.#send(batch);
      // Whoever stops does not wait for a receiver that is not there.
      if (this.#killed.signal.aborted || (wait > 0 && this.#stopping.signal.aborted)) {
        this.#dropped += this.#waiting.length;
        this.#waiting = [];
        return;
      }
      if (wait > 0) await this.#pause(wait);
    }
  }

  /** @returns how long to wait until the same is tried again, in milliseconds; 0: it is over and done with */
  async #send(batch: readonly object[]): Promise<number> {
    const { version, instance } = this.#options;
    const spans = { scope: { name: 'quaywarden' }, spans: batch };
    try {
      await this.#post.send(
        { resourceSpans: [{ resource: resource(version, instance), scopeSpans: [spans] }] },
        this.#killed.signal,
      );
    } catch (error) {
      return this.#failed(batch, error);
    }
    if (this.#failures > 0) this.#log.info('spans are sent again');
    this.#failures = 0;
    this.#sent += batch.length;
    this.#waiting.splice(0, batch.length);
    return 0;
  }

  #failed(batch: readonly object[], error: unknown): number {
    const known = error instanceof DeliveryError ? error : undefined;
    if (this.#failures === 0) {
      const text = known?.message ?? 'it failed unexpectedly';
      this.#log.warn(known === undefined ? { err: error } : {}, `spans can not be sent: ${text}`);
    }
    this.#failures += 1;
    if (known?.kind !== 'passing') {
      this.#dropped += batch.length;
      this.#waiting.splice(0, batch.length);
      return 0;
    }
    const [least, most] = BACKOFF_MS;
    return Math.min(most, Math.max(known.retryAfterMs, least * 2 ** Math.min(this.#failures - 1, 10)));
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => {});
  }
}

/** Tells what became of spans; where none are exported there are none. */
export function addSpanCounts(metrics: Metrics, spans: Spans | undefined): void {
  const counts = () => spans?.counts ?? { sent: 0, dropped: 0, waiting: 0 };
  metrics.counter(
    {
      name: 'quaywarden_trace_spans_total',
      help: 'Spans that were sent to the receiver, or dropped.',
      labels: ['outcome'],
    },
    () => [
      { labels: { outcome: 'sent' }, value: counts().sent },
      { labels: { outcome: 'dropped' }, value: counts().dropped },
    ],
  );
  metrics.gauge({ name: 'quaywarden_trace_queue_spans', help: 'Spans that wait to be sent.' }, () => [
    { value: counts().waiting },
  ]);
}

/** The span of a request, and those of its parts. */
function spansOf(exchange: Exchange, conclusion: Conclusion, trace: Trace): object[] {
  const { traceId, spans: { parent, server = '', engine = '' } = {} } = trace;
  const { times, findings } = exchange;
  const { arrived, judged, recorded, forwarded, answered } = times;
  const now = performance.now();
  const { api, principal } = findings;
  const { effect, reason, status, refusal } = conclusion;
  const isFailure = (status ?? 0) >= 500;
  const part = (name: string, begin: number, end: number): object => ({
    traceId,
    spanId: newId(8),
    parentSpanId: server,
    name,
    kind: INTERNAL,
    startTimeUnixNano: nanoseconds(begin),
    endTimeUnixNano: nanoseconds(end),
  });
  const toEngine: Attribute[] = [['http.request.method', api?.operation.method]];
  return [
    {
      traceId,
      spanId: server,
      ...(parent === undefined ? {} : { parentSpanId: parent }),
      name: api?.operation.id ?? 'request',
      kind: SERVER,
      startTimeUnixNano: nanoseconds(arrived),
      endTimeUnixNano: nanoseconds(now),
      attributes: attributes([
        ['quaywarden.request.id', exchange.id],
        ['quaywarden.operation', api?.operation.id],
        ['quaywarden.effect', effect],
        ['quaywarden.reason', refusal?.reason ?? reason],
        ['quaywarden.engine', findings.engine],
        ['quaywarden.tenant', principal?.tenant],
        ['user.name', principal?.name],
        ['http.response.status_code', status],
      ]),
      ...(isFailure ? { status: { code: 2 } } : {}),
    },
    ...(judged > 0 ? [part('decision', arrived, judged)] : []),
    ...(recorded > 0 ? [part('audit', judged, recorded)] : []),
    ...(forwarded > 0
      ? [
          {
            ...part('engine', forwarded, now),
            spanId: engine,
            kind: CLIENT,
            attributes: attributes(toEngine),
            ...(answered > 0 ? { events: [{ name: 'reply', timeUnixNano: nanoseconds(answered) }] } : {}),
            ...(answered === 0 ? { status: { code: 2 } } : {}),
          },
        ]
      : []),
  ];
}

/** Nanoseconds since 1970, of milliseconds of `performance.now`; more than a number holds. */
function nanoseconds(at: number): string {
  const micros = Math.round((performance.timeOrigin + at) * 1_000);
  return `${micros}000`;
}
