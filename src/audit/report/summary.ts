import { activityOf } from '../ocsf.ts';
import { Names, onEngine, resourceText } from '../query/names.ts';
import type { AuditLine, AuditPrincipal, AuditSession, RequestLine } from '../record.ts';
import { Counts, MOST_LISTED } from './counts.ts';

/** What happened in a period, told by the log. Times are the log's own: RFC 3339 in UTC. */
export interface Summary {
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Of each gateway that has lines in the period what ties it to its chain. */
  readonly chains: Counts<ChainSummary>;
  readonly lines: number;
  readonly principals: Counts<PrincipalCount>;
  /** Requests of which nobody could be named. */
  readonly nameless: { readonly allowed: number; readonly refused: number };
  readonly operations: Counts<OperationCount>;
  readonly changes: Counts<Change>;
  readonly refusals: Counts<Refused>;
  /** What was forwarded that the policy would have refused, as it was only observed. */
  readonly observed: Counts<Refused>;
  readonly stated: Counts<Stated>;
  readonly sessions: Counts<SessionEntry>;
  readonly policies: readonly PolicyInForce[];
  readonly events: readonly Event[];
  /** How many events there were that are not listed. */
  readonly eventsBeyond: number;
}

/** The lines of one gateway in the period. */
export interface ChainSummary {
  readonly gateway: string;
  readonly first: End;
  last: End;
  lines: number;
  checkpoints: number;
  lastCheckpoint: End | undefined;
  /** The ids of those that signed them. */
  readonly keys: Set<string>;
}

/** A line that the period is tied to a chain by. */
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

/** A reason that somebody stated for what they asked (`Quaywarden-Reason`). */
export interface Stated {
  readonly principal: string;
  readonly reason: string;
  readonly operations: Set<string>;
  allowed: number;
  refused: number;
  readonly first: string;
  last: string;
}

export interface SessionEntry {
  readonly gateway: string;
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
  readonly gateway: string;
  readonly version: string;
  readonly from: string;
  /** Undefined while it is in force. */
  to: string | undefined;
  /** When the gateway stopped with it; undefined while it runs. */
  stopped: string | undefined;
}

export interface Event {
  readonly gateway: string;
  readonly time: string;
  readonly kind: 'start' | 'stop' | 'crash' | 'gap' | 'recovery';
  readonly sentence: string;
}

/** What is known of one gateway, before the period too. */
interface Gateway {
  isRunning: boolean;
  policy: PolicyInForce | undefined;
}

/**
 * Sums up lines; they come in the order of the log, those of before the period included. Lines of several gateways may be
 * mixed: each runs, crashes and has its policy by itself.
 */
export class Summarizer {
  readonly #since: string | undefined;
  readonly #until: string | undefined;
  readonly #principals = new Counts<PrincipalCount>();
  readonly #operations = new Counts<OperationCount>();
  readonly #changes = new Counts<Change>();
  readonly #refusals = new Counts<Refused>();
  readonly #observed = new Counts<Refused>();
  readonly #stated = new Counts<Stated>();
  readonly #sessions = new Counts<SessionEntry>();
  readonly #policies: PolicyInForce[] = [];
  readonly #events: Event[] = [];
  readonly #gateways = new Counts<Gateway>();
  readonly #chains = new Counts<ChainSummary>();
  readonly #names = new Names();
  readonly #nameless = { allowed: 0, refused: 0 };
  /** Changes that have not ended yet, by their gateway and the id of their request. */
  readonly #open = new Map<string, { readonly gateway: string; readonly change: Change }>();
  #eventsBeyond = 0;
  #lines = 0;

  constructor(since?: string, until?: string) {
    this.#since = since;
    this.#until = until;
  }

  push(line: AuditLine): void {
    const isBefore = this.#since !== undefined && line.time < this.#since;
    if (this.#until !== undefined && line.time >= this.#until) return;
    if (line.type === 'start') this.#lose(line.gateway);
    this.#life(line, isBefore);
    if (line.type === 'request') this.#names.learn(line);
    if (isBefore) return;
    this.#lines += 1;
    this.#chained(line);
    if (line.type === 'request') this.#request(line);
  }

  done(): Summary {
    const areSeveral = this.#gateways.values().length > 1;
    return {
      since: this.#since,
      until: this.#until,
      chains: this.#chains,
      lines: this.#lines,
      principals: this.#principals,
      nameless: this.#nameless,
      operations: this.#operations,
      changes: this.#changes,
      refusals: this.#refusals,
      observed: this.#observed,
      stated: this.#stated,
      sessions: this.#sessions,
      policies: this.#policies.filter((policy) => {
        const end = policyEnd(policy, areSeveral);
        return this.#since === undefined || end === undefined || end > this.#since;
      }),
      events: this.#events,
      eventsBeyond: this.#eventsBeyond,
    };
  }

  #chained(line: AuditLine): void {
    const { gateway, sequence, time, hash } = line;
    const end = { sequence, time, hash };
    const chain = this.#chains.at(gateway, () => ({
      gateway,
      first: end,
      last: end,
      lines: 0,
      checkpoints: 0,
      lastCheckpoint: undefined,
      keys: new Set(),
    }));
    if (chain === undefined) return;
    chain.last = end;
    chain.lines += 1;
    if (line.type !== 'checkpoint') return;
    chain.checkpoints += 1;
    chain.lastCheckpoint = end;
    if (chain.keys.size < MOST_LISTED) chain.keys.add(line.key.id);
  }

  /** What is in force, and runs, at the beginning of the period is known from what is before it. */
  #life(line: AuditLine, isBefore: boolean): void {
    const { gateway, time } = line;
    const event = (kind: Event['kind'], sentence: string): void => {
      if (isBefore) return;
      if (this.#events.length < MOST_LISTED) this.#events.push({ gateway, time, kind, sentence });
      else this.#eventsBeyond += 1;
    };
    const state = this.#gateways.at(gateway, () => ({ isRunning: false, policy: undefined }));
    switch (line.type) {
      case 'request':
        if (state !== undefined) state.isRunning = true;
        return;
      case 'start':
        if (state?.isRunning)
          event('crash', 'The gateway had ended before without saying so: it crashed or was killed.');
        if (state !== undefined) state.isRunning = true;
        event(
          'start',
          `The gateway started, version ${line.version}${line.strict ? '' : ', without strict auditing'}.`,
        );
        this.#policy(line, state);
        return;
      case 'reload':
        this.#policy(line, state);
        return;
      case 'stop':
        if (state !== undefined) state.isRunning = false;
        if (state?.policy !== undefined) state.policy.stopped = time;
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

  /** A gateway starts: what went on there before has no end any more. */
  #lose(gateway: string): void {
    for (const [key, open] of this.#open) {
      if (open.gateway !== gateway) continue;
      open.change.lost += 1;
      this.#open.delete(key);
    }
    for (const session of this.#sessions.values()) {
      if (session.gateway === gateway) session.isLost ||= session.end === undefined;
    }
  }

  #policy(
    { gateway, policyVersion: version, time }: Extract<AuditLine, { type: 'start' | 'reload' }>,
    state: Gateway | undefined,
  ): void {
    if (state === undefined) return;
    const { policy } = state;
    if (policy?.version === version) {
      policy.stopped = undefined;
      return;
    }
    if (policy !== undefined) policy.to = time;
    state.policy = { gateway, version, from: time, to: undefined, stopped: undefined };
    this.#policies.push(state.policy);
    if (this.#policies.length > MOST_LISTED) this.#policies.shift();
  }

  #request(line: RequestLine): void {
    if (line.stage === 'decision' || line.stage === 'refused') this.#arrival(line);
    if (line.session !== undefined) this.#session(line, line.session);
    if (line.stage === 'complete') {
      const key = keyOf(line);
      const open = this.#open.get(key);
      this.#open.delete(key);
      const status = line.outcome?.status ?? null;
      if (open !== undefined && (status === null || status >= 400)) open.change.failed += 1;
    }
  }

  #arrival(line: RequestLine): void {
    const { time, decision, request } = line;
    const principal = whoIs(line);
    const operation = operationOf(line);
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
    const { observed } = decision;
    if (observed !== undefined) refused(this.#observed, line, { ...observed, message: '' });
    this.#state(line, principal, operation);
    if (isRefused) refused(this.#refusals, line, decision);
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

  #state(line: RequestLine, principal: string, operation: string): void {
    const { time, decision, request } = line;
    const { reason } = request;
    if (reason === undefined) return;
    const entry = this.#stated.at(JSON.stringify([principal, reason]), () => ({
      ...{
        principal,
        reason,
        operations: new Set<string>(),
        allowed: 0,
        refused: 0,
        first: time,
        last: time,
      },
    }));
    if (entry === undefined) return;
    if (decision.effect === 'deny') entry.refused += timesOf(line);
    else entry.allowed += 1;
    entry.last = time;
    entry.operations.add(operation);
  }

  #changed(line: RequestLine, principal: string, operation: string): void {
    const { gateway, time, resource, request } = line;
    const text = resource === null ? request.path || '-' : onEngine(line, resourceText(resource));
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
    if (this.#open.size < MOST_LISTED) this.#open.set(keyOf(line), { gateway, change: entry });
  }

  #session(line: RequestLine, session: AuditSession): void {
    if (line.stage === 'refused') return;
    const { gateway } = line;
    const entry = this.#sessions.at(`${gateway}\n${session.id}`, () => ({
      gateway,
      principal: whoIs(line),
      id: session.id,
      where: '-',
      from: line.time,
      isLost: false,
      session,
    }));
    if (entry === undefined) return;
    const { resource } = line;
    const where = this.#names.containerOf(line) ?? (resource === null ? undefined : resourceText(resource));
    entry.where = where === undefined ? '-' : onEngine(line, where);
    // What is known of a recording is known at its end.
    const isKnown = entry.session.recording?.sha256 != null;
    if (!isKnown || session.recording?.sha256 != null) entry.session = session;
    if (line.outcome !== undefined) entry.end = { time: line.time, ending: line.outcome.ending };
  }
}

/** Counts a request among those that were refused, or would have been, for the same reason. */
function refused(
  among: Counts<Refused>,
  line: RequestLine,
  { reason, message }: { readonly reason: string; readonly message: string | null },
): void {
  const { time } = line;
  const principal = whoIs(line);
  const entry = among.at(JSON.stringify([principal, reason]), () => ({
    ...{ principal, reason, operations: new Set<string>(), count: 0, first: time, last: time, message: '' },
  }));
  if (entry === undefined) return;
  entry.count += timesOf(line);
  entry.last = time;
  entry.message = message ?? '';
  entry.operations.add(operationOf(line));
}

/** Its operationId. */
function operationOf({ request }: RequestLine): string {
  return request.operation ?? '(not understood)';
}

/** How many requests a record stands for. */
function timesOf({ repeated = 0 }: RequestLine): number {
  return 1 + repeated;
}

/** A request among those of all gateways. */
function keyOf({ gateway, id }: RequestLine): string {
  return `${gateway}\n${id}`;
}

/**
 * When a policy was no longer in force; undefined while it is. Of one gateway among several its stop is an end too: it need
 * not start again.
 */
export function policyEnd({ to, stopped }: PolicyInForce, areSeveral: boolean): string | undefined {
  return to ?? (areSeveral ? stopped : undefined);
}

/** Who nobody could name is told apart by where he came from. */
function whoIs({ principal, client }: RequestLine): string {
  return (
    principal?.name ?? `(nobody could be named, from ${client.address === '' ? 'somewhere' : client.address})`
  );
}
