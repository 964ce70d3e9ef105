import type { RequestLine } from '../audit/record.ts';
import { NO_FACTS } from '../docker/facts/none.ts';
import type { Facts } from '../docker/facts/types.ts';
import { parseRequest } from '../docker/request.ts';
import { FLOOR } from '../docker/versions.ts';
import { Refusal } from '../errors.ts';
import type { Question } from '../policy/decision.ts';
import { decideAll } from '../policy/judgement.ts';
import type { AskedOf } from './consider.ts';
import type { Desk } from './desk.ts';

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
  const first = [resource.kind, resource.tenant, resource.name].filter((part) => part !== null).join('/');
  // What is made without a name ends in a slash.
  const named = resource.tenant !== null && resource.name === null ? `${first}/` : first;
  const facts = { ...NO_FACTS, ...record.facts } as unknown as Facts;
  const body = request.body;
  const question = (on: string): Question => ({
    principal,
    resource: on,
    operation: api.operation,
    version: api.version,
    query: api.query,
    body,
    facts,
  });
  const resources = [named, ...involves] as const;
  const { effect, reason, grant } = decideAll([...resources] as [string, ...string[]], (on) =>
    policy.decide(question(on)),
  );
  return {
    effect,
    reason,
    grant: grant ?? null,
    asked: [...new Set(resources)].map((on) => ({
      operation: api.operation.id,
      resource: on,
      isWhole: true,
      decision: policy.decide(question(on)),
      looks: policy.looks(question(on)),
    })),
    missing: [
      ...(request.bodyDigest !== null && body === undefined
        ? ['the body (r.body); the facts of it are']
        : []),
      ...(/hmac-sha256/.test(JSON.stringify([request.query, record.facts, body]))
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
