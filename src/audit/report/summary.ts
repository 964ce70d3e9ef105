import { activityOf } from '../ocsf.ts';
import { Names, resourceText } from '../query/names.ts';
import type { AuditLine, AuditPrincipal, AuditSession, RequestLine } from '../record.ts';
import { Counts, MOST_LISTED } from './counts.ts';

/** What happened in a period, told by the log. Times are the log's own: RFC 3339 in UTC. */
export interface Summary {
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** First and last line of the period; undefined when it has none. */
  readonly first: End | undefined;
  readonly last: End | undefined;
  readonly gateway: string | undefined;
  readonly lines: number;
  readonly principals: Counts<PrincipalCount>;
  /** Requests of which nobody could be named. */
  readonly nameless: { readonly allowed: number; readonly refused: number };
  readonly operations: Counts<OperationCount>;
  readonly changes: Counts<Change>;
  readonly refusals: Counts<Refused>;
  readonly sessions: Counts<SessionEntry>;
  readonly policies: readonly PolicyInForce[];
  readonly events: readonly Event[];
  /** How many events there were that are not listed. */
  readonly eventsBeyond: number;
  readonly checkpoints: {
    readonly count: number;
    readonly last: End | undefined;
    readonly keys: readonly string[];
  };
}

/** A line that the period is tied to the log by. */
export interface End {
  readonly sequence: number;
  readonly time: string;
  readonly hash: string;
}

export interface PrincipalCount {
  readonly principal: string;
  readonly tenant: string;
  readonly roles: Set<string>;
  allowed: number;
  refused: number;
  readonly first: string;
  last: string;
}

export interface OperationCount {
  readonly principal: string;
  readonly operation: string;
  allowed: number;
  refused: number;
}

/** Something that was created, changed or deleted. */
export interface Change {
  readonly principal: string;
  readonly operation: string;
  readonly resource: string;
  count: number;
  /** How many of them the Engine refused, or did not finish. */
  failed: number;
  /** Of how many the end is not known, as the gateway crashed before. */
  lost: number;
  readonly first: string;
  last: string;
}

export interface Refused {
  readonly principal: string;
  readonly reason: string;
  readonly operations: Set<string>;
  count: number;
  readonly first: string;
  last: string;
  /** What the client read, the last time. */
  message: string;
}

export interface SessionEntry {
  readonly principal: string;
  readonly id: string;
  /** The container, by its name where the log tells it and its first digits. */
  where: string;
  readonly from: string;
  session: AuditSession;
  /** Whether the gateway crashed before its end. */
  isLost: boolean;
  /** Undefined while it is open, and where it is lost. */
  end?: { readonly time: string; readonly ending: string };
}

export interface PolicyInForce {
  readonly version: string;
  readonly from: string;
  /** Undefined while it is in force. */
  to: string | undefined;
}

export interface Event {
  readonly time: string;
  readonly kind: 'start' | 'stop' | 'crash' | 'gap' | 'recovery';
  readonly sentence: string;
}

/** How many operations one refused principal is listed with. */
const MOST_OPERATIONS = 5;

/** Sums up lines; they come in the order of the log, those of before the period included. */
export class Summarizer {
  readonly #since: string | undefined;
  readonly #until: string | undefined;
  readonly #principals = new Counts<PrincipalCount>();
  readonly #operations = new Counts<OperationCount>();
  readonly #changes = new Counts<Change>();
  readonly #refusals = new Counts<Refused>();
  readonly #sessions = new Counts<SessionEntry>();
  readonly #policies: PolicyInForce[] = [];
  readonly #events: Event[] = [];
  readonly #keys = new Set<string>();
  readonly #names = new Names();
  readonly #nameless = { allowed: 0, refused: 0 };
  /** Changes that have not ended yet, by the id of their request. */
  readonly #open = new Map<string, Change>();
  #eventsBeyond = 0;
  #isRunning = false;
  #first: End | undefined;
  #last: End | undefined;
  #gateway: string | undefined;
  #lines = 0;
  #checkpoints = 0;
  #lastCheckpoint: End | undefined;

  constructor(since?: string, until?: string) {
    this.#since = since;
    this.#until = until;
  }

  push(line: AuditLine): void {
    const isBefore = this.#since !== undefined && line.time < this.#since;
    if (this.#until !== undefined && line.time >= this.#until) return;
    if (line.type === 'start') this.#lose();
    this.#life(line, isBefore);
    if (line.type === 'request') {
      this.#isRunning = true;
      this.#names.learn(line);
    }
    if (isBefore) return;
    const end = { sequence: line.sequence, time: line.time, hash: line.hash };
    this.#first ??= end;
    this.#last = end;
    this.#gateway ??= line.gateway;
    this.#lines += 1;
    if (line.type === 'request') this.#request(line);
    if (line.type === 'checkpoint') {
      this.#checkpoints += 1;
      this.#lastCheckpoint = end;
      if (this.#keys.size < MOST_LISTED) this.#keys.add(line.key.id);
    }
  }

  done(): Summary {
    return {
      since: this.#since,
      until: this.#until,
      first: this.#first,
      last: this.#last,
      gateway: this.#gateway,
      lines: this.#lines,
      principals: this.#principals,
      nameless: this.#nameless,
      operations: this.#operations,
      changes: this.#changes,
      refusals: this.#refusals,
      sessions: this.#sessions,
      policies: this.#policies.filter(
        ({ to }) => this.#since === undefined || to === undefined || to > this.#since,
      ),
      events: this.#events,
      eventsBeyond: this.#eventsBeyond,
      checkpoints: { count: this.#checkpoints, last: this.#lastCheckpoint, keys: [...this.#keys] },
    };
  }

  /** What is in force, and runs, at the beginning of the period is known from what is before it. */
  #life(line: AuditLine, isBefore: boolean): void {
    const event = (kind: Event['kind'], sentence: string): void => {
      if (isBefore) return;
      if (this.#events.length < MOST_LISTED) this.#events.push({ time: line.time, kind, sentence });
      else this.#eventsBeyond += 1;
    };
    switch (line.type) {
      case 'start':
        if (this.#isRunning)
          event('crash', 'The gateway had ended before without saying so: it crashed or was killed.');
        this.#isRunning = true;
        event(
          'start',
          `The gateway started, version ${line.version}${line.strict ? '' : ', without strict auditing'}.`,
        );
        this.#policy(line.policyVersion, line.time);
        return;
      case 'reload':
        this.#policy(line.policyVersion, line.time);
        return;
      case 'stop':
        this.#isRunning = false;
        event('stop', 'The gateway stopped in an orderly way.');
        return;
      case 'gap':
        event('gap', `${line.lost} records of ended requests were lost since ${line.since}: ${line.error}.`);
        return;
      case 'recovery':
        event(
          'recovery',
          `The log had been cut in the middle of a line; the ${line.bytes} bytes are kept in ${line.file} (SHA-256 ${line.sha256}).`,
        );
        return;
      default:
    }
  }

  /** The gateway starts: what went on before that has no end any more. */
  #lose(): void {
    for (const change of this.#open.values()) change.lost += 1;
    this.#open.clear();
    for (const session of this.#sessions.values()) session.isLost ||= session.end === undefined;
  }

  #policy(version: string, time: string): void {
    const current = this.#policies.at(-1);
    if (current?.version === version) return;
    if (current !== undefined) current.to = time;
    this.#policies.push({ version, from: time, to: undefined });
    if (this.#policies.length > MOST_LISTED) this.#policies.shift();
  }

  #request(line: RequestLine): void {
    if (line.stage === 'decision' || line.stage === 'refused') this.#arrival(line);
    if (line.session !== undefined) this.#session(line, line.session);
    if (line.stage === 'complete') {
      const change = this.#open.get(line.id);
      this.#open.delete(line.id);
      const status = line.outcome?.status ?? null;
      if (change !== undefined && (status === null || status >= 400)) change.failed += 1;
    }
  }

  #arrival(line: RequestLine): void {
    const { time, decision, request } = line;
    const principal = whoIs(line);
    const operation = request.operation ?? '(not understood)';
    const isRefused = decision.effect === 'deny';
    const who = line.principal === null ? undefined : this.#user(line.principal, time);
    const what = this.#operations.at(JSON.stringify([principal, operation]), () => ({
      principal,
      operation,
      allowed: 0,
      refused: 0,
    }));
    for (const count of [line.principal === null ? this.#nameless : who, what]) {
      if (count === undefined) continue;
      if (isRefused) count.refused += timesOf(line);
      else count.allowed += 1;
    }
    if (who !== undefined) {
      who.last = time;
      for (const role of line.principal?.roles ?? []) who.roles.add(role);
    }
    if (isRefused) this.#refused(line, principal, operation);
    else if ([1, 3, 4].includes(activityOf(request.operation))) this.#changed(line, principal, operation);
  }

  #user({ name, tenant }: AuditPrincipal, time: string): PrincipalCount | undefined {
    return this.#principals.at(name, () => ({
      principal: name,
      tenant,
      roles: new Set(),
      allowed: 0,
      refused: 0,
      first: time,
      last: time,
    }));
  }

  #refused(line: RequestLine, principal: string, operation: string): void {
    const { time, decision } = line;
    const { reason } = decision;
    const entry = this.#refusals.at(JSON.stringify([principal, reason]), () => ({
      principal,
      reason,
      operations: new Set(),
      count: 0,
      first: time,
      last: time,
      message: '',
    }));
    if (entry === undefined) return;
    entry.count += timesOf(line);
    entry.last = time;
    entry.message = decision.message ?? '';
    if (entry.operations.size < MOST_OPERATIONS) entry.operations.add(operation);
  }

  #changed({ id, time, resource, request }: RequestLine, principal: string, operation: string): void {
    const text = resource === null ? request.path || '-' : resourceText(resource);
    const entry = this.#changes.at(JSON.stringify([principal, operation, text]), () => ({
      principal,
      operation,
      resource: text,
      count: 0,
      failed: 0,
      lost: 0,
      first: time,
      last: time,
    }));
    if (entry === undefined) return;
    entry.count += 1;
    entry.last = time;
    if (this.#open.size < MOST_LISTED) this.#open.set(id, entry);
  }

  #session(line: RequestLine, session: AuditSession): void {
    if (line.stage === 'refused') return;
    const entry = this.#sessions.at(session.id, () => ({
      principal: whoIs(line),
      id: session.id,
      where: '-',
      from: line.time,
      isLost: false,
      session,
    }));
    if (entry === undefined) return;
    entry.where =
      this.#names.containerOf(line) ?? (line.resource === null ? '-' : resourceText(line.resource));
    // What is known of a recording is known at its end.
    const isKnown = entry.session.recording?.sha256 != null;
    if (!isKnown || session.recording?.sha256 != null) entry.session = session;
    if (line.outcome !== undefined) entry.end = { time: line.time, ending: line.outcome.ending };
  }
}

/** How many requests a record stands for. */
function timesOf({ repeated = 0 }: RequestLine): number {
  return 1 + repeated;
}

/** Who nobody could name is told apart by where he came from. */
function whoIs({ principal, client }: RequestLine): string {
  return (
    principal?.name ?? `(nobody could be named, from ${client.address === '' ? 'somewhere' : client.address})`
  );
}
