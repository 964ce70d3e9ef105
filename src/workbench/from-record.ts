import type { RequestLine } from '../audit/record.ts';
import { namesOf } from '../audit/records.ts';
import { parseRequest } from '../docker/request.ts';
import { FLOOR } from '../docker/versions.ts';
import { Refusal } from '../errors.ts';
import type { Approach, Decision } from '../policy/decision.ts';
import { decideAll } from '../policy/judgement.ts';
import type { AskedOf } from './consider.ts';
import type { Desk } from './desk.ts';
import { ALTERED, bodyOf, factsOf, nameOf } from './recorded.ts';

/** What the policy that is in force says of a recorded request. */
export interface Explained {
  readonly effect: 'allow' | 'deny';
  readonly reason: string;
  readonly grant: string | null;
  readonly asked: readonly AskedOf[];
  /** What a condition may speak of, and the record does not hold. */
  readonly missing: readonly string[];
}

/**
 * Asks the policy about a record: its principal, operation, resources, query and facts are what was judged then.
 *
 * @returns why it can not be asked, as a sentence, where the request was refused before the policy had its say
 */
export function explainRecord({ policy, rules }: Desk, record: RequestLine): Explained | string {
  const { principal, request, resource, involves } = record;
  if (principal === null || request.operation === null || resource === null)
    return 'it was refused before it was known who asks, or for what on what: the policy was not asked';
  const api = apiOf(record, rules.ceiling);
  if (api === undefined) return 'its path and query in the record are no longer a request that is understood';
  const facts = factsOf(record, api.operation);
  const { reason: statedReason } = request;
  const { operation, version, query } = api;
  const body = bodyOf(record, operation, version)?.value;
  const approach = (on: string): Approach => ({
    ...{ principal, resource: on, operation, version, query, statedReason },
  });
  // Of what was refused before its body was read, only what is decided before it can be told.
  const decide = (on: string): Decision =>
    facts === undefined ? policy.admits(approach(on)) : policy.decide({ ...approach(on), body, facts });
  const resources = [nameOf(resource, operation), ...namesOf(involves)] as const;
  const { effect, reason, grant } = decideAll(resources, decide);
  if (facts === undefined && effect === 'allow')
    return 'its record does not tell what it asks for: it was refused before its body was read, or asks for too much';
  return {
    effect,
    reason,
    grant: grant ?? null,
    asked: [...new Set(resources)].map((on) => ({
      operation: operation.id,
      resource: on,
      isWhole: facts !== undefined,
      decision: decide(on),
      looks: policy.looks(facts === undefined ? approach(on) : { ...approach(on), body, facts }),
    })),
    missing: [
      ...([...resources, ...involves, statedReason ?? ''].some((each) => ALTERED.test(each))
        ? ['names as they were judged: some are cut, or written otherwise']
        : []),
      ...(request.bodyDigest !== null && body === undefined
        ? ['the body (r.body); the facts of it are']
        : []),
      ...(/hmac-sha256/.test(JSON.stringify([request.query, record.facts, request.body]))
        ? ['secrets, which are concealed']
        : []),
    ],
  };
}

function apiOf({ request: { method, path, query, apiVersion } }: RequestLine, ceiling: number) {
  const engine = Number(apiVersion?.split('.')[1] ?? ceiling);
  try {
    return parseRequest(
      { method, target: query === null ? path : `${path}?${query}` },
      { floor: FLOOR, ceiling, engine },
    );
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
