import type { OutgoingHttpHeaders } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { AuditOutcome, AuditRecord, Ending } from './audit/record.ts';
import { completeRecord, decisionRecord, newRequestId, type Pieces, refusedRecord } from './audit/records.ts';
import type { AuditLog } from './audit/writer.ts';
import type { Content } from './docker/content.ts';
import type { Facts } from './docker/facts/types.ts';
import type { ApiRequest } from './docker/types.ts';
import { Refusal } from './errors.ts';
import type { Principal } from './identity/principal.ts';
import type { BodySource } from './listener/body.ts';
import type { RawHead, RequestHeaders } from './listener/framing.ts';
import type { Payload } from './listener/payload.ts';
import type { DecisionOn } from './policy/decision.ts';
import type { Resource } from './tenancy/resource.ts';
import type { TenantRequest } from './tenancy/tenancy.ts';
import type { Secretive } from './tenancy/view/redact.ts';

/** A request as it stands at the entrance: its head, the connection it came on, and where its body is to be had. */
export interface Arrival extends RawHead {
  readonly socket: TLSSocket;
  readonly body: BodySource;
}

/** What the stages have found out about a request so far; complete once all have passed. */
export interface Findings {
  headers?: RequestHeaders;
  principal?: Principal;
  /** All that the principal is to the policy: `user:...`, `role:...`, and what these are members of. */
  subjects?: ReadonlySet<string>;
  /** Values that are taken out of the replies it gets. */
  hide?: ReadonlySet<Secretive>;
  api?: ApiRequest;
  /** The headers that the Engine will receive, but for the framing. */
  forward?: OutgoingHttpHeaders;
  /** What the request acts on, and further objects that it names. */
  resources?: readonly [Resource, ...Resource[]];
  /** What it carries, as it will be forwarded. */
  payload?: Payload;
  /** Its JSON as the policy is asked about it: with names where the Engine gets ids. */
  asked?: Content | undefined;
  /** Whose the things are that it names; absent where tenants are not told apart. */
  tenant?: TenantRequest | undefined;
  /** What the gateway changed of it, a sentence each. */
  changes?: readonly string[];
  facts?: Facts;
  decision?: DecisionOn;
}

/** A request that has passed every stage. */
export type Judged = Required<Omit<Findings, 'asked' | 'tenant'>> & Pick<Findings, 'asked' | 'tenant'>;

/**
 * One request from its arrival to its end, and the one place that writes its audit records: either a single
 * `refused`, or a `decision` followed by a `complete`.
 */
export class Exchange {
  readonly id = newRequestId();
  readonly arrival: Arrival;
  readonly findings: Findings = {};
  /** Body bytes from the client, and to it. */
  bytesIn = 0;
  bytesOut = 0;
  /** Set by whoever ends the exchange before it is finished; else `ended` is told what happened. */
  ending: Ending | undefined;

  readonly #audit: AuditLog;
  readonly #log: Logger;
  readonly #client: Pieces['client'];
  readonly #startedAt = performance.now();
  #stage: 'open' | 'decided' | 'closed' = 'open';

  constructor(arrival: Arrival, audit: AuditLog, log: Logger) {
    this.arrival = arrival;
    this.#audit = audit;
    this.#log = log.child({ request: this.id });
    const { socket } = arrival;
    // Read now: a closed socket no longer knows its peer.
    this.#client = {
      address: socket.remoteAddress ?? '',
      port: socket.remotePort ?? 0,
      tls: socket.getProtocol?.() ?? null,
    };
  }

  get log(): Logger {
    return this.#log;
  }

  /**
   * Records that the request is about to be forwarded.
   *
   * @throws Refusal 503 when the record can not be written: no record, no action
   */
  decided(): void {
    try {
      this.#audit.write(decisionRecord(this.#pieces()));
    } catch (cause) {
      this.#log.error({ err: cause }, 'the audit log can not be written');
      throw new Refusal(
        503,
        'audit-unavailable',
        'the audit log can not be written, so nothing is forwarded',
        { cause },
      );
    }
    this.#stage = 'decided';
  }

  /**
   * Records a refusal: as the request's only record, or, after `decided`, as how the exchange ended.
   */
  refused(refusal: Refusal): void {
    if (this.#stage === 'closed') return;
    if (refusal.status >= 500)
      this.#log.warn({ reason: refusal.reason, err: refusal.cause }, refusal.message);
    if (this.#stage !== 'open') {
      this.ended(refusal.status, 'engine-error');
      return;
    }
    this.#stage = 'closed';
    this.#write(
      refusedRecord({ ...this.#pieces(), refusal, outcome: this.#outcome(refusal.status, 'finished') }),
    );
  }

  /** Records how the exchange ended; later calls do nothing. */
  ended(status: number | null, ending: Ending): void {
    if (this.#stage !== 'decided') return;
    this.#stage = 'closed';
    this.#write(completeRecord({ ...this.#pieces(), outcome: this.#outcome(status, this.ending ?? ending) }));
  }

  #outcome(status: number | null, ending: Ending): AuditOutcome {
    const durationMs = Math.round((performance.now() - this.#startedAt) * 1_000) / 1_000;
    return { status, bytesIn: this.bytesIn, bytesOut: this.bytesOut, durationMs, ending };
  }

  #write(record: AuditRecord): void {
    try {
      this.#audit.write(record);
    } catch (cause) {
      this.#log.error({ err: cause, record }, 'the audit log can not be written; this record is kept here');
    }
  }

  #pieces(): Pieces {
    const { headers, principal, api, resources, changes, decision } = this.findings;
    return {
      id: this.id,
      client: this.#client,
      userAgent: headers?.userAgent ?? null,
      method: this.arrival.method,
      target: this.arrival.target,
      principal: principal ?? null,
      api: api ?? null,
      resources: resources ?? [],
      changes: changes ?? [],
      decision: decision ?? null,
    };
  }
}
