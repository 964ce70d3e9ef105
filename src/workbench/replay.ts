import type { Approach, Policy, Question } from '../policy/decision.ts';
import { decideAll } from '../policy/judgement.ts';
import type { Recorded } from './recorded.ts';
import { refusedBesides } from './replay-tenants.ts';

/** What a policy would say to a request that is known from its record. */
export type Verdict =
  | { readonly effect: 'allow' | 'deny'; readonly reason: string; readonly grant?: string }
  /** The record does not hold what the answer depends on; `missing` says what that is. */
  | { readonly effect: 'untold'; readonly missing: string };

/**
 * What a policy would have decided. Where it speaks of what the record does not hold, the answer is that it can not be
 * told, and never a guess.
 *
 * @param policy undefined: there is none for the Engine that it was for
 * @param tenants whether tenants are told apart
 */
export function verdictOf(policy: Policy | undefined, recorded: Recorded, tenants = false): Verdict {
  if (policy === undefined)
    return { effect: 'untold', missing: 'an Engine that the configuration still has' };
  const verdict = verdictOfGrants(policy, recorded);
  if (verdict.effect !== 'allow') return verdict;
  const besides = tenants ? refusedBesides(policy, recorded) : undefined;
  if (besides === undefined) return verdict;
  return { effect: 'missing' in besides ? 'untold' : 'deny', ...besides } as Verdict;
}

function verdictOfGrants(policy: Policy, recorded: Recorded): Verdict {
  const { resources, isNamed, operation, principal, version, query, facts, body, statedReason } = recorded;
  if (!isNamed) return { effect: 'untold', missing: 'the names of all that it acts on' };
  const approach = { principal: principal as Approach['principal'], operation, version, query, statedReason };
  const missing = missingOf(policy, recorded, approach);
  const mindsUser = (resource: string): boolean => policy.needs({ ...approach, resource }).has('imageUser');
  if (missing === undefined) {
    const question = { ...approach, body: body?.value, facts: facts as Question['facts'] };
    const decision = decideAll(resources, (resource) => policy.decide({ ...question, resource }));
    // Under a policy that minds, the gateway would have looked as whom the image runs.
    const isLeftOpen = facts?.user?.value === '';
    if (decision.effect === 'allow' && isLeftOpen && resources.some(mindsUser))
      return { effect: 'untold', missing: 'the user of the image' };
    return said(decision);
  }
  // Whatever stands in the body, this is denied.
  if (missing === 'body' || missing === 'facts') {
    const admitted = decideAll(resources, (resource) => policy.admits({ ...approach, resource }));
    if (admitted.effect === 'deny') return said(admitted);
  }
  return { effect: 'untold', missing };
}

/** What the conditions speak of that could matter, and the record does not hold. */
function missingOf(
  policy: Policy,
  { resources, untold, facts, body }: Recorded,
  approach: Omit<Approach, 'resource'>,
): string | undefined {
  const mentions = new Set(resources.flatMap((resource) => [...policy.mentions({ ...approach, resource })]));
  for (const each of mentions) {
    if (each.startsWith('query.') && (untold.has('*') || untold.has(each.slice('query.'.length))))
      return each;
  }
  if (body === undefined && mentions.has('body')) return 'body';
  return facts === undefined && mentions.has('facts') ? 'facts' : undefined;
}

function said({ effect, reason, grant }: ReturnType<Policy['decide']>): Verdict {
  return { effect, reason, ...(grant === undefined ? {} : { grant }) };
}

/** How requests of one principal and operation came out, then and now. */
export interface Comparison {
  readonly principal: string;
  readonly engine: string;
  readonly operation: string;
  readonly outcome: 'newly-refused' | 'newly-allowed' | 'unchanged' | 'untold';
  /** Of what is refused, the reason id; of what can not be told, what the records lack. */
  readonly reason: string | null;
  readonly count: number;
  /** The request id of the last of them. */
  readonly example: string;
}

const ORDER: readonly Comparison['outcome'][] = ['newly-refused', 'newly-allowed', 'untold', 'unchanged'];

/** Holds a policy against what was recorded, request by request. */
export class Replay {
  readonly #policies: ReadonlyMap<string, Policy>;
  readonly #tenants: boolean;
  readonly #groups = new Map<string, Comparison & { count: number; example: string }>();

  /**
   * @param policies by the Engine that each is for; all have one version
   * @param tenants whether tenants are told apart
   */
  constructor(policies: ReadonlyMap<string, Policy>, tenants = false) {
    this.#policies = policies;
    this.#tenants = tenants;
  }

  get policyVersion(): string {
    return [...this.#policies.values()][0]?.version ?? '';
  }

  add(recorded: Recorded): void {
    const { engine } = recorded;
    const verdict = verdictOf(this.#policies.get(engine), recorded, this.#tenants);
    const outcome = outcomeOf(recorded.effect, verdict.effect);
    const reason =
      verdict.effect === 'untold' ? verdict.missing : outcome === 'newly-refused' ? verdict.reason : null;
    const { name: principal } = recorded.principal;
    const { id: operation } = recorded.operation;
    const key = JSON.stringify([principal, engine, operation, outcome, reason]);
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#groups.set(key, {
        principal,
        engine,
        operation,
        outcome,
        reason,
        count: 1,
        example: recorded.id,
      });
      return;
    }
    known.count += 1;
    known.example = recorded.id;
  }

  /** What is refused first; then by principal, Engine and operation. */
  comparisons(): readonly Comparison[] {
    const text = ({ outcome, principal, engine, operation, reason }: Comparison): string =>
      JSON.stringify([ORDER.indexOf(outcome), principal, engine, operation, reason]);
    return [...this.#groups.values()].sort((a, b) => (text(a) < text(b) ? -1 : 1));
  }
}

function outcomeOf(then: 'allow' | 'deny', now: Verdict['effect']): Comparison['outcome'] {
  if (now === 'untold') return 'untold';
  if (then === now) return 'unchanged';
  return now === 'deny' ? 'newly-refused' : 'newly-allowed';
}
