import type { Decision, DecisionOn } from './decision.ts';

/**
 * Every object that a request names has to be allowed; the decision is the first that is not, else that on the
 * first object.
 */
export function decideAll<R extends string>(
  [first, ...others]: readonly [R, ...R[]],
  decide: (resource: R) => Decision,
): DecisionOn {
  let decision: DecisionOn = { ...decide(first), resource: first };
  for (const resource of others) {
    if (decision.effect !== 'allow') break;
    const next = decide(resource);
    if (next.effect !== 'allow') decision = { ...next, resource };
  }
  return decision;
}
