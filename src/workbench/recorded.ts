import { TOO_LARGE } from '../audit/concealer.ts';
import type { RequestLine } from '../audit/record.ts';
import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { BODIES } from '../docker/bodies.ts';
import { readBodyAs } from '../docker/body/read.ts';
import { tellsFacts } from '../docker/facts/facts.ts';
import { NO_FACTS } from '../docker/facts/none.ts';
import type { Facts } from '../docker/facts/types.ts';
import { findOperation } from '../docker/operations.ts';
import { parseQuery } from '../docker/query.ts';
import { parseJson } from '../docker/strict-json.ts';
import type { Operation, Query } from '../docker/types.ts';
import { CHECKS } from '../policy/checks/all.ts';
import { FUNCTIONS } from '../policy/functions/all.ts';
import { OBSERVED } from '../policy/observed.ts';
import { restoreFacts } from './facts.ts';

/** A request as far as its records tell of it. */
export interface Recorded {
  readonly id: string;
  /** When its decision was recorded. */
  readonly time: string;
  readonly principal: {
    readonly name: string;
    readonly tenant: string;
    readonly roles: readonly string[];
    readonly method: string;
  };
  /** The Engine that it was for; `default` where there was one. */
  readonly engine: string;
  readonly operation: Operation;
  /** The minor of the API version that it was judged as. */
  readonly version: number;
  /** All that it acts on and names. */
  readonly resources: readonly [string, ...string[]];
  /** Whether the record tells all of these, and the reason that was stated, as they were judged. */
  readonly isNamed: boolean;
  /** Why they said that they asked; undefined: they did not. */
  readonly statedReason: string | undefined;
  readonly query: Query;
  /** Parameters whose values the record does not tell as they were judged; `*`: any. */
  readonly untold: ReadonlySet<string>;
  /** Undefined where the record does not tell them. */
  readonly facts: Facts | undefined;
  /** `value` is undefined of a request without one; the whole is, where the record does not tell it. */
  readonly body: { readonly value: unknown } | undefined;
  /** Whether the gateway changed it before it was judged. */
  readonly isChanged: boolean;
  /** Whether it was forwarded. */
  readonly effect: 'allow' | 'deny';
  /** The reason id; of one that was only observed, that of the refusal it would have met. */
  readonly reason: string;
  readonly isObserved: boolean;
  /** What the client got; null: nothing; undefined: it is still going on. */
  readonly status: number | null | undefined;
  /** The record of its decision, or refusal. */
  readonly line: RequestLine;
}

/** Reasons with which the policy itself refuses; all others are the floor's, the listener's, the limits'. */
const OF_POLICY: ReadonlySet<string> = new Set([
  ...['not-granted', 'denied-by-grant', 'policy-error', 'condition-not-met'],
  ...CHECKS.map(({ id }) => id),
  ...FUNCTIONS.map(({ reason }) => reason),
]);

/** Puts the records of requests together, as they come in a log. */
export class RecordedRequests {
  readonly #tenants: boolean;
  /** Decisions of requests that are still going on. */
  readonly #open = new Map<string, RequestLine>();
  /** Each principal once, and frozen: what a policy is to it is found out once. */
  readonly #principals = new Map<string, Recorded['principal']>();

  /** @param tenants whether tenants are told apart: what a body and a query named is recorded by its ids then */
  constructor(tenants: boolean) {
    this.#tenants = tenants;
  }

  /** @returns a request whose last record this is; undefined where the policy had no say in it */
  push(line: RequestLine): Recorded | undefined {
    if (line.stage === 'decision') this.#open.set(line.id, line);
    if (line.stage === 'refused') return this.#read(line, undefined);
    if (line.stage !== 'complete') return undefined;
    const decision = this.#open.get(line.id);
    this.#open.delete(line.id);
    return this.#read(decision ?? line, line);
  }

  /** Those that are still going on. */
  rest(): Recorded[] {
    const open = [...this.#open.values()];
    this.#open.clear();
    return open.map((line) => this.#read(line, undefined)).filter((each) => each !== undefined);
  }

  #read(line: RequestLine, complete: RequestLine | undefined): Recorded | undefined {
    const read = readRecord(line, complete, this.#tenants);
    if (read === undefined) return undefined;
    const key = JSON.stringify(read.principal);
    const known = this.#principals.get(key);
    if (known !== undefined) return { ...read, principal: known };
    const principal = Object.freeze({ ...read.principal, roles: Object.freeze([...read.principal.roles]) });
    this.#principals.set(key, principal);
    return { ...read, principal };
  }
}

/** @returns undefined where the policy had no say: it was refused before, or the gateway asked of its own accord */
function readRecord(
  line: RequestLine,
  complete: RequestLine | undefined,
  tenants: boolean,
): Recorded | undefined {
  const { principal, request, decision, resource } = line;
  const operation = request.operation === null ? undefined : findOperation(request.operation);
  const version = Number(/^1\.(\d+)$/.exec(request.apiVersion ?? '')?.[1]);
  if (principal === null || operation === undefined || resource === null || Number.isNaN(version))
    return undefined;
  const isObserved = decision.reason === OBSERVED;
  const wasAsked =
    decision.effect === 'allow'
      ? isObserved || decision.reason === 'granted'
      : OF_POLICY.has(decision.reason);
  if (!wasAsked) return undefined;
  const isChanged = line.changes.length > 0;
  const { name, tenant, roles, method } = principal;
  const resources = [nameOf(resource, operation), ...line.involves] as const;
  return {
    id: line.id,
    time: line.time,
    principal: { name, tenant, roles, method },
    engine: line.engine ?? DEFAULT_ENGINE,
    operation,
    version,
    resources,
    isNamed: ![...resources, request.reason ?? ''].some((each) => ALTERED.test(each)),
    statedReason: request.reason,
    ...queryOf(request.query, operation, { tenants, isChanged }),
    facts: factsOf(line, operation),
    body: tenants ? undefined : bodyOf(line, operation, version),
    isChanged,
    effect: decision.effect,
    reason: decision.observed?.reason ?? decision.reason,
    isObserved,
    status: decision.effect === 'deny' ? line.outcome?.status : complete?.outcome?.status,
    line,
  };
}

/** As the policy was asked about it; a kind of which there is one has neither tenant nor name. */
export function nameOf(
  { kind, tenant, name }: NonNullable<RequestLine['resource']>,
  operation: Operation,
): string {
  if (tenant !== null) return `${kind}/${tenant}/${name ?? ''}`;
  return name === null ? (kind === '' ? operation.kind : kind) : `${kind}/${name}`;
}

/** Names that are longer, or not of visible ASCII, are recorded otherwise; so is what there is beyond many. */
export const ALTERED = /\\u[0-9a-f]{4}|\.\.\.$/;

/** Recorded paths and queries are cut where they are longer. */
const CUT = /\.\.\.$/;
const CONCEALED = /hmac-sha256:[0-9a-f]{64}/;
/** Parameters that are judged otherwise than they were sent, where tenants are told apart, or an image comes from a mirror. */
const RESOLVED = ['filters', 'container', 'names', 'nocache', 'all', 'networkmode', 'cachefrom', 'name'];
const MIRRORED = ['fromImage', 'tag', 'repo'];

function queryOf(
  raw: string | null,
  operation: Operation,
  { tenants, isChanged }: { readonly tenants: boolean; readonly isChanged: boolean },
): Pick<Recorded, 'query' | 'untold'> {
  const untold = new Set<string>([...(tenants ? RESOLVED : []), ...(isChanged ? MIRRORED : [])]);
  if (raw === null || raw === '') return { query: {}, untold };
  if (CUT.test(raw) && raw.length >= 2_000) return { query: {}, untold: new Set(['*']) };
  const told = raw.split('&').filter((pair) => {
    if (!CONCEALED.test(pair)) return true;
    untold.add(pair.slice(0, Math.max(0, pair.indexOf('='))));
    return false;
  });
  try {
    return { query: parseQuery(told.join('&'), operation.query), untold };
  } catch {
    return { query: {}, untold: new Set(['*']) };
  }
}

/** @returns undefined where the record does not tell them */
export function factsOf({ facts, stage }: RequestLine, operation: Operation): Facts | undefined {
  if (facts[TOO_LARGE] === true) return undefined;
  if (Object.keys(facts).length > 0) return restoreFacts(facts);
  // What was refused may have been so before anybody knew what it asks for.
  return stage !== 'refused' || !tellsFacts(operation.id) ? NO_FACTS : undefined;
}

/** The body by the model of its operation, as conditions are asked about it. @returns undefined where the record does not tell it */
export function bodyOf(
  { request, stage }: RequestLine,
  operation: Operation,
  version: number,
): Recorded['body'] {
  const type = BODIES[operation.id];
  if (type === undefined) return { value: undefined };
  if (request.bodyDigest === null) return stage === 'refused' ? undefined : { value: undefined };
  if (request.body === undefined || request.body === TOO_LARGE) return undefined;
  try {
    return { value: readBodyAs(type, parseJson(JSON.stringify(request.body)), version).value };
  } catch {
    return undefined;
  }
}
