import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { Answer } from './audit/answer.ts';
import { higherLevel } from './audit/levels.ts';
import type { Auditing } from './audit/open.ts';
import type { AuditLevel, AuditOutcome, AuditRecord, AuditSession, Ending } from './audit/record.ts';
import {
  clientOf,
  completeRecord,
  newRequestId,
  type Peer,
  type Pieces,
  refusedRecord,
  requestRecord,
} from './audit/records.ts';
import type { Content } from './docker/content.ts';
import type { Facts } from './docker/facts/types.ts';
import { findOperation } from './docker/operations.ts';
import type { ApiRequest } from './docker/types.ts';
import { clientGone, Refusal } from './errors.ts';
import { peerOf } from './identity/mtls.ts';
import type { Principal } from './identity/principal.ts';
import { LOCAL } from './limits/address.ts';
import type { Hold } from './limits/hold.ts';
import type { Limits } from './limits/limits.ts';
import type { BodySource } from './listener/body.ts';
import type { RawHead, RequestHeaders } from './listener/framing.ts';
import type { Payload } from './listener/payload.ts';
import type { Trace } from './observe/trace.ts';
import type { DecisionOn } from './policy/decision.ts';
import type { Resource } from './tenancy/resource.ts';
import type { TenantRequest } from './tenancy/tenancy.ts';
import type { Secretive } from './tenancy/view/redact.ts';

/** A request as it stands at the entrance: its head, the connection it came on, and where its body is to be had. */
export interface Arrival extends RawHead {
  readonly socket: Socket;
  readonly body: BodySource;
}

/** What the stages have found out about a request so far; complete once all have passed. */
export interface Findings {
  headers?: RequestHeaders;
  /** Which Engine it is for, where there are several. */
  engine?: string | undefined;
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
  /** The stream into a container that it opens. */
  session?: AuditSession;
  /** What the client, or the gateway, calls the chain of calls that it is part of. */
  trace?: Trace | undefined;
}

/** Of one shape from the beginning: what is found is filled in, and no request's findings grow in an order of their own. */
function nothingFound(): Findings {
  const shape: { [K in keyof Required<Findings>]: undefined } = {
    headers: undefined,
    engine: undefined,
    principal: undefined,
    subjects: undefined,
    hide: undefined,
    api: undefined,
    forward: undefined,
    resources: undefined,
    payload: undefined,
    asked: undefined,
    tenant: undefined,
    changes: undefined,
    facts: undefined,
    decision: undefined,
    session: undefined,
    trace: undefined,
  };
  return shape as unknown as Findings;
}

type Absentable = 'engine' | 'asked' | 'tenant' | 'session' | 'trace';

/** A request that has passed every stage. */
export type Judged = Required<Omit<Findings, Absentable>> & Pick<Findings, Absentable>;

/** When a request got how far, in milliseconds of `performance.now`; 0: it has not. */
export interface Times {
  readonly arrived: number;
  /** The verdict stands, or the refusal. */
  judged: number;
  /** The record of the decision is written. */
  recorded: number;
  /** It goes to the Engine. */
  forwarded: number;
  /** The head of the Engine's reply is there. */
  answered: number;
}

/** How an exchange ended. */
export interface Conclusion {
  /** Effect and reason of the decision, as in the records. */
  readonly effect: 'allow' | 'deny';
  readonly reason: string;
  /** What the client got; null: nothing. */
  readonly status: number | null;
  /** What the gateway answered in the Engine's place. */
  readonly refusal?: Refusal | undefined;
}

/** Whoever counts and measures exchanges. It is told of each once at its begin and once at its end, and must not throw. */
export interface ExchangeObserver {
  began(exchange: Exchange): void;
  ended(exchange: Exchange, conclusion: Conclusion): void;
}

/** Who else minds what becomes of a request. */
export interface ExchangeParts {
  readonly limits: Pick<Limits, 'enter'>;
  readonly observer: ExchangeObserver;
  readonly log: Logger;
}

/**
 * One request from its arrival to its end, and the one place that writes its audit records: either a single
 * `refused`, or a `decision` followed by a `complete`, with the start and end of a session in between.
 */
export class Exchange {
  readonly id = newRequestId();
  readonly arrival: Arrival;
  readonly findings = nothingFound();
  /** What it holds of the limits on how many requests there may be. */
  readonly hold: Hold;
  /** Body bytes from the client, and to it. */
  bytesIn = 0;
  bytesOut = 0;
  /** Set by whoever ends the exchange before it is finished; else `ended` is told what happened. */
  ending: Ending | undefined;

  readonly #audit: Auditing;
  readonly #parentLog: Logger;
  #log: Logger | undefined;
  readonly #peer: Peer;
  readonly #observer: ExchangeObserver;
  readonly times: Times = { arrived: performance.now(), judged: 0, recorded: 0, forwarded: 0, answered: 0 };
  #stage: 'open' | 'deciding' | 'decided' | 'closed' = 'open';
  #level: AuditLevel = 'Metadata';
  #answer: Answer | undefined;
  /** The record of the decision, once it is made. */
  #decision: AuditRecord | undefined;
  /** What the gateway answered although the request was allowed. */
  #refusal: Refusal | undefined;
  /** What was told of the end while the record of the decision was still being written. */
  #early: { readonly status: number | null; readonly ending: Ending } | undefined;

  constructor(arrival: Arrival, audit: Auditing, { limits, observer, log }: ExchangeParts) {
    this.arrival = arrival;
    this.#audit = audit;
    this.#parentLog = log;
    this.#observer = observer;
    const { socket } = arrival;
    this.#peer = otherEndOf(socket);
    // Who comes by a local listener has no address of their own, and is not to be taken for somebody with one.
    this.hold = limits.enter(peerOf(socket).isLocal === true ? LOCAL : this.#peer.address);
    observer.began(this);
  }

  /** Whether its last record is made. */
  get isRecorded(): boolean {
    return this.#stage === 'closed';
  }

  /** Made when something is said: of most requests nothing is. */
  get log(): Logger {
    this.#log ??= this.#parentLog.child({ request: this.id });
    return this.#log;
  }

  /**
   * Records that the request is about to be forwarded; the disk has it once this resolves.
   *
   * @throws Refusal 503 when the record can not be written: no record, no action; 400 when the client has left meanwhile
   */
  async decided(): Promise<void> {
    this.times.judged = performance.now();
    this.#level = this.#levelOf('None');
    this.#stage = 'deciding';
    try {
      this.#decision = requestRecord('decision', this.#pieces(), this.#audit.conceal);
      await this.#commit(this.#decision);
    } catch (cause) {
      this.#stage = 'open';
      throw auditUnavailable(cause);
    }
    this.#stage = 'decided';
    this.times.recorded = performance.now();
    if (this.#early === undefined) return;
    this.ended(this.#early.status, this.#early.ending);
    throw clientGone();
  }

  /**
   * Records what the gateway does on the Engine of its own accord for this request, before it does it: under an id of its
   * own, laid to the principal.
   *
   * @param what an operationId, the resource, and the reason id that allows it
   * @returns to be called with the status of the Engine's answer
   * @throws Refusal 503 when the record can not be written
   */
  async acting(
    what: { readonly operation: string; readonly resource: string; readonly reason: string },
    policyVersion: string,
  ): Promise<(status: number) => void> {
    const startedAt = performance.now();
    const operation = findOperation(what.operation);
    const { api } = this.findings;
    const pieces: Pieces = {
      ...this.#pieces(),
      id: newRequestId(),
      level: 'Metadata',
      method: operation?.method ?? '',
      target: operation?.path ?? '',
      api: api === undefined || operation === undefined ? null : { ...api, operation },
      resources: [what.resource],
      objectId: null,
      content: null,
      facts: null,
      decision: { effect: 'allow', reason: what.reason, policyVersion },
      session: null,
    };
    const { log, conceal } = this.#audit;
    const decision = requestRecord('decision', pieces, conceal);
    await log.commit(decision).catch((cause: unknown) => {
      throw auditUnavailable(cause);
    });
    return (status) => {
      const durationMs = Math.round((performance.now() - startedAt) * 1_000) / 1_000;
      const outcome = {
        status,
        bytesIn: 0,
        bytesOut: 0,
        durationMs,
        ending: 'finished',
        error: null,
      } as const;
      log.append(completeRecord(decision, pieces, outcome));
    };
  }

  /**
   * Records that a stream into a container stands; the disk has it once this resolves.
   *
   * @throws Refusal 503 when the record can not be written
   */
  async streamStarted(session: AuditSession): Promise<void> {
    this.findings.session = session;
    await this.#commit(requestRecord('stream-start', this.#pieces(), this.#audit.conceal)).catch(
      (cause: unknown) => {
        throw auditUnavailable(cause);
      },
    );
  }

  /** Records that it has ended; `ended` is still to be called. */
  streamEnded(session: AuditSession): void {
    this.findings.session = session;
    const ending = this.ending ?? 'finished';
    this.#append(
      requestRecord('stream-end', this.#pieces(), this.#audit.conceal, this.#outcome(101, ending)),
    );
  }

  /** Says that it goes to the Engine now. */
  forwarded(): void {
    this.times.forwarded = performance.now();
  }

  /** Says that the Engine has answered; what it says then is looked at by `sent`. */
  answered(status: number): void {
    this.times.answered = performance.now();
    const wantsBody = this.#level === 'RequestResponse';
    if (Answer.isKept(status, wantsBody)) this.#answer = new Answer(status, wantsBody);
  }

  /** Whether anything of the answer's body is kept, so that it has to be told of each piece. */
  get isLookedAt(): boolean {
    return this.#answer !== undefined;
  }

  /** Counts what goes to the client of an answer that nobody looks at. */
  passed(length: number): void {
    this.bytesOut += length;
  }

  /** Counts what goes to the client. */
  sent(chunk: Buffer): void {
    this.bytesOut += chunk.length;
    this.#answer?.take(chunk);
  }

  /**
   * Records a refusal: as the request's only record, or, after `decided`, as how the exchange ended. What it held of the
   * limits is free again.
   *
   * @param status what the client is told; null where it is told nothing
   * @returns once the disk has it, or can not have it now; the client is answered then
   */
  async refused(refusal: Refusal, status: number | null = refusal.status): Promise<void> {
    if (this.#stage === 'closed') return;
    this.hold.release();
    if (this.#stage !== 'open') {
      this.#refusal = refusal;
      this.#warn(refusal);
      this.ended(status, 'engine-error');
      return;
    }
    this.#stage = 'closed';
    if (this.times.judged === 0) this.times.judged = performance.now();
    this.#level = this.#levelOf('Metadata');
    const outcome = this.#outcome(status, 'finished');
    const { repeats, conceal } = this.#audit;
    const make = (repeated?: number): AuditRecord =>
      refusedRecord(this.#pieces(), conceal, refusal, outcome, repeated);
    // What a flood repeats is counted in the record of the first.
    if (refusal.flood === undefined || repeats.isFirst(refusal.reason, refusal.flood, make)) {
      this.#warn(refusal);
      const record = make();
      await this.#audit.log.commit(record).catch(() => this.#audit.log.append(record));
    }
    this.times.recorded = performance.now();
    const { reason } = refusal;
    this.#observer.ended(this, { effect: 'deny', reason, status, refusal });
  }

  /** That the audit log can not be written was told once, when it began. */
  #warn({ status, reason, cause, message }: Refusal): void {
    if (status >= 500 && reason !== AUDIT_UNAVAILABLE) this.log.warn({ reason, err: cause }, message);
  }

  /** Records how the exchange ended; later calls do nothing. */
  ended(status: number | null, ending: Ending): void {
    if (this.#stage === 'deciding') this.#early ??= { status, ending };
    if (this.#stage !== 'decided' || this.#decision === undefined) return;
    this.#stage = 'closed';
    const { session = null } = this.findings;
    const outcome = this.#outcome(status, this.ending ?? ending);
    this.#append(completeRecord(this.#decision, { objectId: this.#objectId(), session }, outcome));
    const { effect, reason } = this.#decision.decision;
    this.#observer.ended(this, { effect, reason, status, refusal: this.#refusal });
  }

  /**
   * The most that is to be recorded of anything that the request is about: which of several it names first, the client says.
   *
   * @param least what is recorded at least, whatever the rules say
   */
  #levelOf(least: 'None' | 'Metadata'): AuditLevel {
    const { subjects, principal, api, resources = [''] } = this.findings;
    if (subjects === undefined || principal === undefined || api === undefined) return 'Metadata';
    const { tenant } = principal;
    let most: AuditLevel = least;
    for (const resource of resources) {
      most = higherLevel(most, this.#audit.levels({ subjects, tenant, operation: api.operation, resource }));
    }
    return most;
  }

  #outcome(status: number | null, ending: Ending): AuditOutcome {
    const durationMs = Math.round((performance.now() - this.times.arrived) * 1_000) / 1_000;
    const { conceal } = this.#audit;
    const body = this.#answer?.body(conceal);
    return {
      status,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      durationMs,
      ending,
      error: this.#answer?.error(conceal, this.#content(), this.#query()) ?? null,
      ...(body === undefined ? {} : { body }),
    };
  }

  #commit(record: AuditRecord): Promise<void> {
    return record.level === 'None' ? Promise.resolve() : this.#audit.log.commit(record);
  }

  #append(record: AuditRecord): void {
    if (record.level !== 'None') this.#audit.log.append(record);
  }

  #query(): string {
    const { target } = this.arrival;
    const mark = target.indexOf('?');
    return mark === -1 ? '' : target.slice(mark + 1);
  }

  #content(): Content | undefined {
    const { payload } = this.findings;
    return payload?.kind === 'json' ? payload.content : undefined;
  }

  #objectId(): string | null {
    return this.findings.tenant?.object?.id ?? this.#answer?.created() ?? null;
  }

  #pieces(): Pieces {
    const { headers, engine, principal, api, resources, changes, decision, facts, session, trace } =
      this.findings;
    return {
      id: this.id,
      engine: engine ?? null,
      level: this.#level,
      client: clientOf(this.#peer, headers?.userAgent ?? null),
      statedReason: headers?.statedReason ?? null,
      method: this.arrival.method,
      target: this.arrival.target,
      principal: principal ?? null,
      api: api ?? null,
      resources: resources ?? [],
      objectId: this.#objectId(),
      content: this.#content() ?? null,
      facts: facts ?? null,
      changes: changes ?? [],
      decision: decision ?? null,
      session: session ?? null,
      traceId: trace?.traceId ?? null,
    };
  }
}

const ends = new WeakMap<Socket, Peer>();

/** Read at the first request of a connection: a closed socket no longer knows its peer. */
function otherEndOf(socket: Socket): Peer {
  const before = ends.get(socket);
  if (before !== undefined) return before;
  const peer = {
    address: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
    tls: (socket as Partial<TLSSocket>).getProtocol?.() ?? null,
  };
  ends.set(socket, peer);
  return peer;
}

const AUDIT_UNAVAILABLE = 'audit-unavailable';

function auditUnavailable(cause: unknown): Refusal {
  return new Refusal(
    503,
    AUDIT_UNAVAILABLE,
    'the audit log can not be written, so nothing is forwarded; ask the operator of this gateway, whose /readyz says why',
    {
      cause,
    },
  );
}
