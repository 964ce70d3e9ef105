import type { Config } from './config/schema.ts';
import { parseRequest } from './docker/request.ts';
import { checkShape } from './docker/shape.ts';
import type { Operation } from './docker/types.ts';
import { Refusal } from './errors.ts';
import type { Exchange, Findings, Judged } from './exchange.ts';
import type { Identity } from './identity/identity.ts';
import { peerOf } from './identity/mtls.ts';
import type { Principal } from './identity/principal.ts';
import { readHeaders } from './listener/framing.ts';
import type { DecisionOn, Policy } from './policy/decision.ts';
import { type Resource, resourcesOf } from './tenancy/resource.ts';
import { upstreamHeaders } from './upstream/headers.ts';

/** What the stages need besides the request. */
export interface Bench {
  readonly identity: Identity;
  readonly policy: Policy;
  readonly contact: string | undefined;
  readonly limits: Pick<Config['limits'], 'bodyBytes'>;
  /** Oldest and newest API version accepted, as the minor of `1.N`. */
  readonly floor: number;
  readonly ceiling: number;
  /** The Engine's own default API version, for requests that name none. */
  engineVersion(): Promise<number>;
}

type Stage = (exchange: Exchange, findings: Findings, bench: Bench) => Findings | Promise<Findings>;

/**
 * The way of a request, the same for plain requests and for upgrades. Each stage adds one finding or throws a
 * Refusal; nothing is forwarded before the last one has passed.
 */
const STAGES: readonly Stage[] = [
  // listener: a head that Node and Go read alike
  ({ arrival }) => ({ headers: readHeaders(arrival) }),

  // identity: who calls
  async ({ arrival }, { headers }, { identity }) => ({
    principal: await identity.authenticate({
      peer: peerOf(arrival.socket),
      authorization: headers?.authorization,
    }),
  }),

  // docker: which operation, in which version, with which parameters
  async ({ arrival }, _, bench) => ({ api: await readApi(arrival, bench) }),

  // docker: a body, an upgrade and headers that this operation may have
  (_, { headers, api }, { limits }) => {
    if (headers && api) checkShape(headers, api, limits.bodyBytes);
    return {};
  },

  // upstream: headers that can go on
  (_, { headers, api }) => (headers && api ? { forward: upstreamHeaders(headers, api.operation) } : {}),

  // tenancy: on what
  (_, { api }) => (api ? { resources: resourcesOf(api) } : {}),

  // policy: may they
  (_, { principal, api, resources }, { policy }) =>
    principal && api && resources ? { decision: decide(policy, principal, api.operation, resources) } : {},
];

/**
 * Takes a request through all stages.
 *
 * @returns what they found, when the request may be forwarded
 * @throws Refusal otherwise; `exchange.findings` then holds what was known until there
 */
export async function judge(exchange: Exchange, bench: Bench): Promise<Judged> {
  for (const stage of STAGES)
    Object.assign(exchange.findings, await stage(exchange, exchange.findings, bench));
  const { headers, principal, api, forward, resources, decision } = exchange.findings;
  if (!headers || !principal || !api || !forward || !resources || !decision) {
    throw new Refusal(
      500,
      'internal-error',
      'the gateway did not finish judging this request and did not forward it',
    );
  }
  const judged = { headers, principal, api, forward, resources, decision };
  if (decision.effect !== 'allow') throw denied(judged, bench.contact);
  return judged;
}

async function readApi(line: { method: string; target: string }, bench: Bench) {
  const { floor, ceiling } = bench;
  // A request that names its version is understood without asking the Engine for its own.
  const engine = /^\/v[0-9]/.test(line.target) ? ceiling : await bench.engineVersion();
  return parseRequest(line, { floor, ceiling, engine });
}

/** Every object that a request names has to be allowed; the decision is the first that is not, else the first. */
function decide(
  policy: Policy,
  principal: Principal,
  operation: Operation,
  [first, ...others]: readonly [Resource, ...Resource[]],
): DecisionOn {
  let decision: DecisionOn = { ...policy.decide({ principal, resource: first, operation }), resource: first };
  for (const resource of others) {
    if (decision.effect !== 'allow') break;
    const next = policy.decide({ principal, resource, operation });
    if (next.effect !== 'allow') decision = { ...next, resource };
  }
  return decision;
}

function denied({ principal, api, decision }: Judged, contact: string | undefined): Refusal {
  const who = `${principal.name} (${principal.roles.length === 0 ? 'no role' : `role ${principal.roles.join(', ')}`})`;
  const rule =
    decision.reason === 'denied-by-grant'
      ? `${decision.grant ?? 'a grant'} denies it`
      : decision.reason === 'not-granted'
        ? 'no grant allows it'
        : 'the policy could not be evaluated';
  const ask = contact === undefined ? 'the operator of this gateway' : contact;
  return new Refusal(
    403,
    decision.reason,
    `${who} may not do ${api.operation.id} on ${decision.resource.replace(/\/$/, '')}: ${rule}; ask ${ask} for a grant`,
  );
}
