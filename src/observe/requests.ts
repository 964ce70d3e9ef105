import type { Operation } from '../docker/types.ts';
import type { Conclusion, Exchange, ExchangeObserver } from '../exchange.ts';
import { Histogram, type HistogramSample, type Metrics, type Sample } from './metrics.ts';

/** From 0.1 ms, what a decision takes, to half a minute. */
const SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
/** Of streams, which last as long as somebody looks. */
const STREAM_SECONDS = [0.1, 1, 10, 60, 300, 1_800, 3_600, 21_600, 86_400];

/** How many reasons are told apart; there are some 150, all of them words of this gateway. */
const MOST_REASONS = 512;
/** How many tenants are remembered as having been here. */
const MOST_TENANTS = 100;

/** What stands in the place of an operation that was not understood, and of an answer that nobody got. */
const NONE = 'none';
const OTHER = 'other';

/**
 * What lasts as long as somebody looks, or as there is something to carry, of the operations that have a connection of their
 * own upstream. The others of these only take their time: stops, removals.
 */
export const LASTING: ReadonlySet<string> = new Set([
  'SystemEvents',
  'ContainerStats',
  'ContainerWait',
  'ContainerLogs',
  'ServiceLogs',
  'TaskLogs',
  'DebugPprofProfile',
  'DebugPprofTrace',
  'ContainerArchive',
  'ContainerExport',
  'PutContainerArchive',
  'ImageBuild',
  'ImageCreate',
  'ImageGet',
  'ImageGetAll',
  'ImageLoad',
  'ImagePush',
  'PluginCreate',
  'PluginPull',
  'PluginPush',
  'PluginUpgrade',
]);

/** Failures that alerts ask for. */
const WATCHED = ['engine-down', 'engine-broke-off', 'engine-garbled', 'audit-unavailable', 'internal-error'];

interface Ends {
  readonly effect: string;
  readonly reason: string;
  /** By status. */
  readonly counts: Map<string | number, number>;
}

/** What is counted of one operation. */
class Tally {
  readonly operation: string;
  readonly isStream: boolean;
  /** By reason; a reason goes with one effect. */
  readonly allowed = new Map<string, Ends>();
  readonly denied = new Map<string, Ends>();
  bytesIn = 0;
  bytesOut = 0;
  readonly total: Histogram;
  readonly decision = new Histogram(SECONDS);
  readonly engine = new Histogram(SECONDS);

  constructor(operation: string, isStream: boolean) {
    this.operation = operation;
    this.isStream = isStream;
    this.total = new Histogram(isStream ? STREAM_SECONDS : SECONDS);
  }
}

/**
 * Counts and measures requests. Nothing that a client chooses becomes a label: operations are those of the catalogue,
 * reasons the gateway's own words.
 */
export class Requests implements ExchangeObserver {
  readonly #tallies = new Map<string, Tally>();
  readonly #open = new Set<Exchange>();
  readonly #reasons = new Set<string>();
  readonly #authFailures = new Map<string, number>();
  /** The first that there is would not show as an increase if its reason had not been there before. */
  readonly #failures = new Map<string, number>(WATCHED.map((reason) => [reason, 0]));
  /** What would have been refused, by operation and reason. */
  readonly #observed = new Map<string, Map<string, number>>();
  readonly #audit = new Histogram(SECONDS);
  readonly #tenants = new Set<string>();

  /** Tenants of those who called, the first hundred. */
  get tenants(): ReadonlySet<string> {
    return this.#tenants;
  }

  began(exchange: Exchange): void {
    this.#open.add(exchange);
  }

  ended(exchange: Exchange, { effect, reason, status, refusal }: Conclusion): void {
    this.#open.delete(exchange);
    const { api, principal, decision } = exchange.findings;
    const tally = this.#tallyOf(api?.operation);
    this.#count(effect === 'allow' ? tally.allowed : tally.denied, effect, reason, status);
    if (refusal !== undefined) this.#refused(refusal.status, refusal.reason);
    if (decision?.observed !== undefined) this.#wouldRefuse(tally.operation, decision.observed.reason);
    tally.bytesIn += exchange.bytesIn;
    tally.bytesOut += exchange.bytesOut;
    if (principal !== undefined && this.#tenants.size < MOST_TENANTS) this.#tenants.add(principal.tenant);
    const { arrived, judged, recorded, forwarded, answered } = exchange.times;
    if (judged > 0) tally.decision.observe((judged - arrived) / 1_000);
    if (recorded > 0) this.#audit.observe((recorded - judged) / 1_000);
    if (answered > 0 && forwarded > 0) tally.engine.observe((answered - forwarded) / 1_000);
    // Of a stream that was refused, nobody would want to know how long it took.
    if (!tally.isStream || effect === 'allow') tally.total.observe((performance.now() - arrived) / 1_000);
  }

  /** Makes known what is counted here. */
  addTo(metrics: Metrics): void {
    metrics.counter(
      {
        name: 'quaywarden_requests_total',
        help: 'Requests that are over, by operation, effect and reason of the decision, and the status that the client got.',
        labels: ['operation', 'effect', 'reason', 'status'],
      },
      () => this.#ends(),
    );
    metrics.counter(
      {
        name: 'quaywarden_observed_refusals_total',
        help: 'Requests that were forwarded although the policy refuses them, as it is only tried out on whoever sent them; by the reason of that refusal.',
        labels: ['operation', 'reason'],
      },
      () =>
        [...this.#observed].flatMap(([operation, counts]) =>
          byReason(counts).map(({ labels, value }) => ({ labels: { operation, ...labels }, value })),
        ),
    );
    metrics.counter(
      {
        name: 'quaywarden_auth_failures_total',
        help: 'Requests without an identity that could be believed (401), by reason.',
        labels: ['reason'],
      },
      () => byReason(this.#authFailures),
    );
    metrics.counter(
      {
        name: 'quaywarden_failures_total',
        help: 'Requests that the gateway itself had to answer with 500 or above, by reason.',
        labels: ['reason'],
      },
      () => byReason(this.#failures),
    );
    metrics.gauge({ name: 'quaywarden_requests_open', help: 'Requests under way, streams included.' }, () => [
      { value: this.#open.size },
    ]);
    metrics.gauge(
      {
        name: 'quaywarden_streams_open',
        help: 'Streams under way: logs, events, attach, exec, pulls, builds, archives.',
        labels: ['operation'],
      },
      () => this.#streams(),
    );
    metrics.counter(
      {
        name: 'quaywarden_client_bytes_total',
        help: 'Bytes of bodies and streams from clients (in) and to them (out), those under way included.',
        labels: ['operation', 'direction'],
      },
      () => this.#bytes(),
    );
    const of = (
      pick: (tally: Tally) => Histogram,
      isWanted: (tally: Tally) => boolean = () => true,
    ): HistogramSample[] =>
      [...this.#tallies.values()].filter(isWanted).map((tally) => ({
        labels: { operation: tally.operation },
        histogram: pick(tally),
      }));
    metrics.histogram(
      {
        name: 'quaywarden_request_duration_seconds',
        help: 'From the arrival of a request to the end of its answer; streams are not among them.',
        labels: ['operation'],
      },
      () =>
        of(
          ({ total }) => total,
          ({ isStream }) => !isStream,
        ),
    );
    metrics.histogram(
      {
        name: 'quaywarden_stream_duration_seconds',
        help: 'How long streams lasted that are over.',
        labels: ['operation'],
      },
      () =>
        of(
          ({ total }) => total,
          ({ isStream }) => isStream,
        ),
    );
    metrics.histogram(
      {
        name: 'quaywarden_decision_duration_seconds',
        help: 'From the arrival of a request to the verdict: with the reading of its body, and what the Engine was asked about it.',
        labels: ['operation'],
      },
      () => of(({ decision }) => decision),
    );
    metrics.histogram(
      {
        name: 'quaywarden_engine_duration_seconds',
        help: 'From the forwarding of a request to the head of the reply of the Engine.',
        labels: ['operation'],
      },
      () => of(({ engine }) => engine),
    );
    metrics.histogram(
      {
        name: 'quaywarden_audit_duration_seconds',
        help: 'How long requests waited for the record of their decision or refusal to be written.',
      },
      () => [{ labels: {}, histogram: this.#audit }],
    );
  }

  #tallyOf(operation: Operation | undefined): Tally {
    const id = operation?.id ?? NONE;
    const known = this.#tallies.get(id);
    if (known !== undefined) return known;
    const made = new Tally(id, isStream(operation));
    this.#tallies.set(id, made);
    return made;
  }

  #count(ends: Map<string, Ends>, effect: string, reason: string, status: number | null): void {
    let found = ends.get(reason);
    if (found === undefined) {
      const bounded = this.#bounded(reason);
      found = ends.get(bounded) ?? { effect, reason: bounded, counts: new Map() };
      ends.set(bounded, found);
    }
    const { counts } = found;
    // Three digits are what any reader of replies takes.
    const key = status === null ? NONE : status >= 100 && status < 600 ? status : OTHER;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }

  #refused(status: number, reason: string): void {
    const counts = status === 401 ? this.#authFailures : status >= 500 ? this.#failures : undefined;
    if (counts === undefined) return;
    const bounded = this.#bounded(reason);
    counts.set(bounded, (counts.get(bounded) ?? 0) + 1);
  }

  #wouldRefuse(operation: string, reason: string): void {
    const counts = this.#observed.get(operation) ?? new Map<string, number>();
    this.#observed.set(operation, counts);
    const bounded = this.#bounded(reason);
    counts.set(bounded, (counts.get(bounded) ?? 0) + 1);
  }

  #bounded(reason: string): string {
    if (this.#reasons.has(reason)) return reason;
    if (this.#reasons.size >= MOST_REASONS) return OTHER;
    this.#reasons.add(reason);
    return reason;
  }

  *#ends(): Iterable<Sample> {
    for (const { operation, allowed, denied } of this.#tallies.values()) {
      for (const { effect, reason, counts } of [...allowed.values(), ...denied.values()]) {
        for (const [status, value] of counts) {
          yield { labels: { operation, effect, reason, status: String(status) }, value };
        }
      }
    }
  }

  #streams(): Sample[] {
    const open = new Map<string, number>();
    // Those that there were are told of when there are none, too.
    for (const { operation, isStream } of this.#tallies.values()) if (isStream) open.set(operation, 0);
    for (const { findings, times } of this.#open) {
      const operation = findings.api?.operation;
      if (operation === undefined || times.forwarded === 0 || !isStream(operation)) continue;
      open.set(operation.id, (open.get(operation.id) ?? 0) + 1);
    }
    return [...open].map(([operation, value]) => ({ labels: { operation }, value }));
  }

  #bytes(): Sample[] {
    const bytes = new Map<string, { in: number; out: number }>();
    const add = (operation: string, bytesIn: number, bytesOut: number): void => {
      const sum = bytes.get(operation) ?? { in: 0, out: 0 };
      bytes.set(operation, { in: sum.in + bytesIn, out: sum.out + bytesOut });
    };
    for (const { operation, bytesIn, bytesOut } of this.#tallies.values()) add(operation, bytesIn, bytesOut);
    for (const { findings, bytesIn, bytesOut } of this.#open)
      add(findings.api?.operation.id ?? NONE, bytesIn, bytesOut);
    return [...bytes].flatMap(([operation, sum]) => [
      { labels: { operation, direction: 'in' }, value: sum.in },
      { labels: { operation, direction: 'out' }, value: sum.out },
    ]);
  }
}

function isStream(operation: Operation | undefined): boolean {
  if (operation === undefined) return false;
  const { connection, id } = operation;
  return connection === 'stream' ? LASTING.has(id) : connection !== 'plain';
}

function byReason(counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([reason, value]) => ({ labels: { reason }, value }));
}
