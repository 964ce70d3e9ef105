import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Sinks } from '../audit/sinks/start.ts';
import type { AuditLog } from '../audit/writer.ts';
import { enginesOf } from '../config/engines.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { Conclusion, Exchange, ExchangeObserver } from '../exchange.ts';
import type { ReloadReport } from '../reload/reloads.ts';
import { Certificates } from './certificates.ts';
import { type CrlExpiries, crlExpiries } from './crls.ts';
import { Descriptors } from './descriptors.ts';
import { Metrics, type Named, type Read, type Sample } from './metrics.ts';
import { addQuotaUse, type QuotaUseOptions } from './quota-use.ts';
import type { Readiness } from './readiness.ts';
import { Requests } from './requests.ts';
import { addSpanCounts, Spans } from './spans.ts';
import { createTracing, type Tracing } from './trace.ts';

/** The parts of a gateway that are asked when somebody scrapes; functions, as a reload may put others in their place. */
export interface Watched {
  readonly audit: () => Pick<AuditLog, 'backlog' | 'fault'>;
  readonly sinks: () => Pick<Sinks, 'state'>;
  readonly ready: () => Promise<Readiness>;
  /** Whom the policy is only tried out on: `*`, or some roles. */
  readonly observing: () => readonly string[];
  readonly quotas: QuotaUseOptions['quotas'];
  /** By the Engine's name. */
  readonly usage: ReadonlyMap<string, QuotaUseOptions['usage']>;
  /** Whether each Engine answers. */
  readonly engines: () => Promise<readonly { readonly name: string; readonly ok: boolean }[]>;
  readonly crls: CrlExpiries;
  /** Until when there is a staple; see `Stapling`. */
  readonly staple: () => number | undefined;
}

/**
 * All that is counted, measured and traced of a gateway. It is told of each exchange, and what it is asked about a request's
 * trace goes to the Engine. Other parts add what they have by `gauge` and `counter`.
 */
export class Observatory implements ExchangeObserver {
  readonly tracing: Tracing;
  readonly certificates: Certificates;
  readonly descriptors: Descriptors;
  readonly #metrics: Metrics;
  readonly #requests = new Requests();
  readonly #spans: Spans | undefined;
  readonly #reloads = { reloaded: 0, unchanged: 0, refused: 0 };
  /** Milliseconds since 1970. */
  #loadedAt = Date.now();
  #isLoaded = true;
  #handshakeFailures = 0;

  /** @throws ConfigError when the CA of the receiver of spans can not be read */
  constructor(
    config: Pick<Config, 'engine' | 'engines' | 'tenancy' | 'tracing' | 'audit' | 'admin'>,
    {
      log,
      version,
      worker,
    }: { readonly log: Logger; readonly version: string; readonly worker?: number | undefined },
  ) {
    this.#metrics = new Metrics(log, worker === undefined ? {} : { worker: String(worker) });
    this.#spans = spansOf(config, log, version);
    this.tracing = createTracing(this.#spans === undefined ? undefined : config.tracing.sampleRatio);
    this.certificates = new Certificates(enginesOf(config));
    this.descriptors = new Descriptors(log);
    if (config.admin.listen !== 'off') this.#metrics.process();
    this.#requests.addTo(this.#metrics);
    addSpanCounts(this.#metrics, this.#spans);
    this.#addOwn(version);
  }

  began(exchange: Exchange): void {
    this.#requests.began(exchange);
  }

  ended(exchange: Exchange, conclusion: Conclusion): void {
    this.#requests.ended(exchange, conclusion);
    this.#spans?.ended(exchange, conclusion);
  }

  /** Tells of a client whose TLS handshake failed. */
  handshakeFailed(): void {
    this.#handshakeFailures += 1;
  }

  /** Tells that the configuration was read again, and what came of it. */
  reloaded({ outcome }: Pick<ReloadReport, 'outcome'>): void {
    this.#reloads[outcome] += 1;
    this.#isLoaded = outcome !== 'refused';
    if (this.#isLoaded) this.#loadedAt = Date.now();
  }

  /** Adds a metric that goes up and down; see `Metrics`. Its page is docs/metrics.md. */
  gauge(named: Named, read: Read<Sample>): void {
    this.#metrics.gauge(named, read);
  }

  /** Adds a metric that only goes up. */
  counter(named: Named, read: Read<Sample>): void {
    this.#metrics.counter(named, read);
  }

  /** Adds what the parts of the gateway tell when they are asked. */
  watch({ audit, sinks, ready, observing, quotas, usage, engines, crls, staple }: Watched): void {
    const one = (value: number): Sample[] => [{ value }];
    const ofSinks = (value: (state: ReturnType<Sinks['state']>[number]) => number) => (): Sample[] =>
      sinks()
        .state()
        .map((state) => ({ labels: { sink: state.name }, value: value(state) }));
    this.gauge(
      {
        name: 'quaywarden_ready',
        help: 'Whether a part can do its work (1) or not (0), as /readyz has it.',
        labels: ['check'],
      },
      async () =>
        Object.entries((await ready()).checks).map(([check, { ok }]) => ({
          labels: { check },
          value: ok ? 1 : 0,
        })),
    );
    this.gauge(
      {
        name: 'quaywarden_engine_up',
        help: 'Whether an Engine answers (1) or not (0).',
        labels: ['engine'],
      },
      async () => (await engines()).map(({ name, ok }) => ({ labels: { engine: name }, value: ok ? 1 : 0 })),
    );
    this.gauge(
      {
        name: 'quaywarden_policy_observing',
        help: 'Whom the policy is only tried out on, * or a role: what it refuses them is recorded and forwarded; always 1.',
        labels: ['whom'],
      },
      () => observing().map((whom) => ({ labels: { whom }, value: 1 })),
    );
    this.gauge(
      { name: 'quaywarden_audit_queue_records', help: 'Records that wait to be written to the audit log.' },
      () => one(audit().backlog.waiting),
    );
    this.counter(
      {
        name: 'quaywarden_audit_lost_records_total',
        help: 'Records of what had happened already that the audit log could not take; a gap record tells of them.',
      },
      () => one(audit().backlog.lost),
    );
    this.gauge(
      {
        name: 'quaywarden_audit_sink_lag_records',
        help: 'How many records a sink is behind the audit log.',
        labels: ['sink'],
      },
      ofSinks(({ lag }) => lag),
    );
    this.gauge(
      {
        name: 'quaywarden_audit_sink_failing',
        help: 'Whether a sink does not get on (1); /readyz says why.',
        labels: ['sink'],
      },
      ofSinks(({ lastError }) => (lastError === null ? 0 : 1)),
    );
    this.gauge(
      {
        name: 'quaywarden_crl_expiry_timestamp_seconds',
        help: 'When a CRL is out of date that the gateway has in use; 0 where there is none yet.',
        labels: ['crl', 'issuer'],
      },
      () => crlExpiries(crls()),
    );
    this.gauge(
      {
        name: 'quaywarden_ocsp_staple_expiry_timestamp_seconds',
        help: 'Until when clients get an OCSP answer with the certificate of the gateway; 0 while there is none.',
      },
      () => {
        const until = staple();
        return until === undefined ? [] : one(until);
      },
    );
    addQuotaUse(this.#metrics, usage, { quotas, seen: this.#requests.tenants });
  }

  /** What a scrape gets. */
  text(): Promise<string> {
    return this.#metrics.text();
  }

  /** Sends the spans that are left. */
  async close(): Promise<void> {
    this.descriptors.close();
    await this.#spans?.close();
  }

  #addOwn(version: string): void {
    this.gauge(
      { name: 'quaywarden_build_info', help: 'The version of the gateway; always 1.', labels: ['version'] },
      () => [{ labels: { version }, value: 1 }],
    );
    this.counter(
      {
        name: 'quaywarden_tls_handshake_failures_total',
        help: 'Connections that came to nothing before a request: clients without TLS, or whose TLS did not fit.',
      },
      () => [{ value: this.#handshakeFailures }],
    );
    this.counter(
      {
        name: 'quaywarden_reloads_total',
        help: 'How often configuration, policies and certificates were read again, by what came of it.',
        labels: ['outcome'],
      },
      () => Object.entries(this.#reloads).map(([outcome, value]) => ({ labels: { outcome }, value })),
    );
    this.gauge(
      {
        name: 'quaywarden_config_last_reload_successful',
        help: 'Whether what was read last is in force (1), or the one before it still is (0).',
      },
      () => [{ value: this.#isLoaded ? 1 : 0 }],
    );
    this.gauge(
      {
        name: 'quaywarden_config_last_reload_success_timestamp_seconds',
        help: 'When the configuration that is in force was read.',
      },
      () => [{ value: this.#loadedAt / 1_000 }],
    );
    this.gauge(
      {
        name: 'quaywarden_certificate_expiry_timestamp_seconds',
        help: 'When a certificate expires that the gateway has in use.',
        labels: ['use', 'subject', 'serial'],
      },
      () => this.certificates.expiries(),
    );
  }
}

/** @returns undefined where no spans are exported */
function spansOf(
  { tracing, audit }: Pick<Config, 'tracing' | 'audit'>,
  log: Logger,
  version: string,
): Spans | undefined {
  const { endpoint: url, headers, ca, timeoutSeconds, sampleRatio } = tracing;
  if (url === undefined) return undefined;
  const tls = ca === undefined ? {} : { ca: read(ca) };
  const timeoutMs = timeoutSeconds * 1_000;
  return new Spans({ url, headers, tls, timeoutMs, sampleRatio, version, instance: audit.instance }, log);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`tracing.ca: ${path} can not be read (${code})`]);
  }
}
