import { randomUUID } from 'node:crypto';
import type { Content } from '../docker/content.ts';
import { NO_FACTS } from '../docker/facts/none.ts';
import type { Facts } from '../docker/facts/types.ts';
import type { ApiRequest } from '../docker/types.ts';
import type { Refusal } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Decision, DecisionOn } from '../policy/decision.ts';
import { partsOf } from '../policy/resource-pattern.ts';
import { timestamp } from './clock.ts';
import { type Concealer, TOO_LARGE } from './concealer.ts';
import { printable } from './printable.ts';
import type {
  AuditLevel,
  AuditOutcome,
  AuditPrincipal,
  AuditReason,
  AuditRecord,
  AuditResource,
  AuditSession,
  AuditStage,
} from './record.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A record that gets its members one by one, in the order of record.ts: so all have one shape, and none is copied. */
type Draft = Partial<Mutable<AuditRecord>>;

/** Frozen, so that their text is remembered. */
const NONE = Object.freeze([]) as unknown as never[];
const NOTHING: AuditRecord['facts'] = Object.freeze({});

/** What is known of a request when one of its records is written. */
export interface Pieces {
  readonly id: string;
  /** Which Engine it is for; null where there is one, and where that was not found out. */
  readonly engine: string | null;
  readonly level: AuditLevel;
  readonly client: AuditRecord['client'];
  /** Why the client says it asks. */
  readonly statedReason: string | null;
  readonly method: string;
  readonly target: string;
  readonly principal: Principal | null;
  readonly api: ApiRequest | null;
  /** What the request acts on first, then further objects that it names. */
  readonly resources: readonly string[];
  /** The full id of the first, where it is known. */
  readonly objectId: string | null;
  /** The JSON body as it is forwarded. */
  readonly content: Content | null;
  readonly facts: Facts | null;
  /** What the gateway changed of the request. */
  readonly changes: readonly string[];
  readonly decision: Decision | null;
  readonly session: AuditSession | null;
  /** What the client calls the chain of calls that it is part of; null: nothing. */
  readonly traceId: string | null;
}

/** @returns an id that no other request has: a random UUID (RFC 9562, version 4) */
export function newRequestId(): string {
  return randomUUID();
}

/** A record of a request that is forwarded, but for that of its end. */
export function requestRecord(
  stage: Exclude<AuditStage, 'refused' | 'complete'>,
  pieces: Pieces,
  conceal: Concealer,
  outcome?: AuditOutcome,
): AuditRecord {
  const { decision } = pieces;
  return record(stage, pieces, conceal, {
    decision: decision === null ? UNJUDGED : decisionOf(decision),
    outcome,
  });
}

const UNJUDGED: AuditRecord['decision'] = Object.freeze({
  ...{ effect: 'deny', reason: 'not-judged', message: null, field: null },
  ...{ grant: null, profile: null, policyVersion: null, reasons: NONE },
});

/** A verdict is many requests'. */
const shownDecisions = new WeakMap<Decision, AuditRecord['decision']>();

function decisionOf(decision: Decision): AuditRecord['decision'] {
  const before = shownDecisions.get(decision);
  if (before !== undefined) return before;
  const shown: AuditRecord['decision'] = {
    effect: decision.effect,
    reason: decision.reason,
    message: null,
    field: null,
    grant: decision.grant ?? null,
    profile: profileOf(decision),
    policyVersion: decision.policyVersion,
    reasons: reasonsOf(decision),
    ...(decision.observed === undefined ? {} : { observed: observedOf(decision.observed) }),
  };
  shownDecisions.set(decision, Object.freeze(shown));
  return shown;
}

/** The denial that somebody would have met who is only observed. */
function observedOf(denial: DecisionOn): NonNullable<AuditRecord['decision']['observed']> {
  const reasons = reasonsOf(denial);
  return {
    reason: denial.reason,
    resource: printable(denial.resource, 1_024),
    field: reasons[0]?.field ?? null,
    grant: denial.grant ?? null,
    profile: profileOf(denial),
    reasons,
  };
}

/**
 * The record of the end of a request that was forwarded.
 *
 * @param decided the record of its decision: what that says of the request stands
 * @param objectId the full id of what it acted on, or made, where that is known by now
 */
export function completeRecord(
  decided: AuditRecord,
  { objectId, session }: Pick<Pieces, 'objectId' | 'session'>,
  outcome: AuditOutcome,
): AuditRecord {
  const { resource, request } = decided;
  const made: Draft = {
    time: timestamp(),
    type: 'request',
    id: decided.id,
    stage: 'complete',
  };
  if (decided.traceId !== undefined) made.traceId = decided.traceId;
  if (decided.engine !== undefined) made.engine = decided.engine;
  made.level = decided.level;
  made.principal = decided.principal;
  made.client = decided.client;
  made.request = 'body' in request ? withoutBody(request) : request;
  made.resource =
    resource === null || objectId === null || resource.id === objectId
      ? resource
      : { ...resource, id: objectId };
  made.involves = decided.involves;
  made.facts = decided.facts;
  made.changes = decided.changes;
  made.decision = decided.decision;
  const shown = session ?? decided.session;
  if (shown !== undefined) made.session = shown;
  made.outcome = outcome;
  return made as AuditRecord;
}

function withoutBody({ body: _, ...request }: AuditRecord['request']): AuditRecord['request'] {
  return request;
}

/**
 * The only record of a request that was not forwarded.
 *
 * @param repeated how many others it stands for, where they are gathered
 */
export function refusedRecord(
  pieces: Pieces,
  conceal: Concealer,
  refusal: Refusal,
  outcome: AuditOutcome,
  repeated = 0,
): AuditRecord {
  const { decision } = pieces;
  const made = record('refused', pieces, conceal, {
    decision: {
      effect: 'deny',
      reason: refusal.reason,
      message: printable(refusal.message, 1_024),
      field: refusal.field === undefined ? null : printable(refusal.field, 256),
      grant: decision?.effect === 'deny' ? (decision.grant ?? null) : null,
      profile: decision?.effect === 'deny' ? profileOf(decision) : null,
      policyVersion: decision?.policyVersion ?? null,
      reasons: reasonsOf(decision),
    },
    outcome,
  });
  return repeated > 0 ? { ...made, repeated } : made;
}

/** How long the names of further objects may be together, in characters: a thousand images and more. */
const MOST_INVOLVED = 131_072;

/** What stands in place of names beyond that, which is no name. */
const FURTHER = /^and \d+ more\.\.\.$/;

/** The further objects that a record names. */
export function namesOf(involves: readonly string[]): readonly string[] {
  return involves.filter((each) => !FURTHER.test(each));
}

/** How many reasons a record names: a body may offend in each of its thousand mounts. */
const MOST_REASONS = 64;

/** Longest facts that are kept, in characters as JSON. */
const MOST_FACTS = 65_536;

const TARGET_CHARACTERS = 2_048;

function record(
  stage: AuditStage,
  pieces: Pieces,
  conceal: Concealer,
  { decision, outcome }: { decision: AuditRecord['decision']; outcome: AuditOutcome | undefined },
): AuditRecord {
  const { api, content, level, session } = pieces;
  const [acted, ...involved] = pieces.resources;
  const { path, query } = splitTarget(pieces.target, conceal);
  const hasBody = (level === 'Request' || level === 'RequestResponse') && content !== null;
  const request: Mutable<AuditRecord['request']> = {
    method: printable(pieces.method, 32),
    path,
    query,
    operation: api?.operation.id ?? null,
    class: api?.operation.class ?? null,
    apiVersion: api === null ? null : `1.${api.version}`,
    ...(pieces.statedReason === null ? undefined : { reason: printable(pieces.statedReason, 256) }),
    bodyDigest: content === null ? null : conceal.digest(content),
  };
  if (hasBody) request.body = conceal.body(content);
  const made: Draft = { time: timestamp(), type: 'request', id: pieces.id, stage };
  if (pieces.traceId !== null) made.traceId = pieces.traceId;
  if (pieces.engine !== null) made.engine = pieces.engine;
  made.level = level;
  made.principal = pieces.principal === null ? null : principalOf(pieces.principal);
  made.client = pieces.client;
  made.request = request;
  made.resource = acted === undefined ? null : resourceOf(acted, pieces.objectId);
  made.involves = involved.length === 0 ? NONE : involvedNames(involved);
  made.facts = pieces.facts === null || pieces.facts === NO_FACTS ? NOTHING : told(pieces.facts);
  made.changes = pieces.changes.length === 0 ? NONE : pieces.changes.map((change) => printable(change, 512));
  made.decision = decision;
  if (session !== null) made.session = session;
  if (outcome !== undefined) made.outcome = outcome;
  return made as AuditRecord;
}

/** The names of further objects, and how many more there are. */
function involvedNames(involved: readonly string[]): string[] {
  const names: string[] = [];
  let length = 0;
  for (const each of involved) {
    const name = printable(each, 1_024);
    length += name.length;
    if (length > MOST_INVOLVED) return [...names, `and ${involved.length - names.length} more...`];
    names.push(name);
  }
  return names;
}

function splitTarget(target: string, conceal: Concealer): { path: string; query: string | null } {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  return {
    path: printable(withoutUserinfo(path), TARGET_CHARACTERS),
    query: mark === -1 ? null : printable(conceal.query(target.slice(mark + 1)), TARGET_CHARACTERS),
  };
}

/** A target with a host in it is refused, but its record must not keep the credentials before the host. */
function withoutUserinfo(path: string): string {
  if (!path.includes('@')) return path;
  return path.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/|(?=[^/]))[^/]*@/i, '$1[redacted]@');
}

/** The other end of a connection. */
export type Peer = Omit<AuditRecord['client'], 'userAgent'>;

/** Characters of it that are shown. */
const MOST_USER_AGENT = 256;

/** What clients said last on the connections that they still have. */
const shownClients = new WeakMap<Peer, { readonly userAgent: string | null; shown: AuditRecord['client'] }>();

/**
 * A client as records show it.
 *
 * @param peer one object for all requests of a connection
 * @param userAgent as sent; null where it says none
 */
export function clientOf(peer: Peer, userAgent: string | null): AuditRecord['client'] {
  const before = shownClients.get(peer);
  if (before !== undefined && before.userAgent === userAgent) return before.shown;
  const { address, port, tls } = peer;
  const said = userAgent === null ? null : printable(userAgent, MOST_USER_AGENT);
  const shown = Object.freeze({ address, port, tls, userAgent: said });
  // What a connection keeps while it is idle, its client has no say in.
  if ((userAgent?.length ?? 0) <= MOST_USER_AGENT) shownClients.set(peer, { userAgent, shown });
  else shownClients.delete(peer);
  return shown;
}

const FULL_ID = /^[0-9a-f]{64}$/;

function resourceOf(resource: string, id: string | null): AuditResource {
  const { kind, tenant, name } = partsOf(resource);
  return {
    kind,
    tenant,
    name: name === null ? null : printable(name, 1_024),
    id: id ?? (name !== null && FULL_ID.test(name) ? name : null),
  };
}

/** The facts that say something: what is asked for. `restoreFacts` reads them back. */
export function told(facts: Facts): AuditRecord['facts'] {
  const shown: Record<string, unknown> = {};
  for (const [name, fact] of Object.entries(facts)) {
    if (fact === NO_FACTS[name as keyof Facts]) continue;
    const said = saying(fact);
    if (said !== undefined) shown[name] = said;
  }
  // That it is built of no image is another thing than that nobody knows of which.
  const { build } = facts;
  if (build?.baseImages?.length === 0) shown['build'] = { ...(shown['build'] as object), baseImages: [] };
  return Object.keys(shown).length > 0 && JSON.stringify(shown).length > MOST_FACTS
    ? shortened(shown)
    : shown;
}

/** Without the longest facts, one after the other, until the others have room: what somebody filled up must hide nothing else. */
function shortened(shown: Record<string, unknown>): AuditRecord['facts'] {
  const sizes = Object.entries(shown).map(([name, fact]) => [name, JSON.stringify(fact).length] as const);
  let size = sizes.reduce((sum, [name, length]) => sum + name.length + length + 4, 0);
  for (const [name, length] of sizes.sort(([, one], [, other]) => other - one)) {
    if (size <= MOST_FACTS) break;
    shown[name] = TOO_LARGE;
    size -= length;
  }
  return { ...shown, [TOO_LARGE]: true };
}

/** @returns undefined for what says nothing: null, and what is empty or holds nothing else */
function saying(fact: unknown): unknown {
  if (fact === null || fact === undefined) return undefined;
  if (typeof fact === 'bigint') return Number.isSafeInteger(Number(fact)) ? Number(fact) : String(fact);
  if (typeof fact !== 'object') return fact;
  if (Array.isArray(fact)) return fact.length === 0 ? undefined : fact.map((each) => saying(each) ?? null);
  if (fact instanceof Map) return saying(Object.fromEntries(fact));
  const members = Object.entries(fact).flatMap(([key, member]) => {
    const said = saying(member);
    return said === undefined ? [] : [[key, said] as const];
  });
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

/** A grant asks for a profile by its condition. */
function profileOf(decision: Decision | null): string | null {
  if (decision === null || (decision.reasons === undefined && decision.condition === undefined)) return null;
  const named = decision.reasons?.find(({ profile }) => profile !== undefined)?.profile;
  return named ?? /\bsatisfies\(\s*['"]([^'"]+)['"]/.exec(decision.condition ?? '')?.[1] ?? null;
}

function reasonsOf(decision: Decision | null): AuditReason[] {
  if (decision?.reasons === undefined) return NONE;
  return decision.reasons.slice(0, MOST_REASONS).map(({ check, field, asks }) => ({
    check,
    field: printable(field, 256),
    asks: printable(asks, 256),
  }));
}

/** Principals are frozen, and one is many requests'. */
const shownPrincipals = new WeakMap<Principal, AuditPrincipal>();

function principalOf(principal: Principal): AuditPrincipal {
  const before = shownPrincipals.get(principal);
  if (before !== undefined) return before;
  const shown = {
    name: principal.name,
    tenant: principal.tenant,
    roles: [...principal.roles],
    method: principal.method,
    issuer: printable(principal.issuer, 256),
    tokenId: principal.tokenId === undefined ? null : printable(principal.tokenId, 256),
    certificateSerial: principal.certificate?.serial ?? null,
    certificateThumbprint: principal.certificate?.thumbprint ?? null,
    expiresAt: Number.isFinite(principal.expiresAt) ? new Date(principal.expiresAt).toISOString() : null,
  };
  if (Object.isFrozen(principal)) shownPrincipals.set(principal, Object.freeze(shown));
  return shown;
}
