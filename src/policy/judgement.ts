import type { Decision, DecisionOn } from './decision.ts';
import { type Passes, STANDS } from './observed.ts';

/**
 * Every object that a request names has to be allowed; the decision is the first that is not, else that on the
 * first object.
 *
 * @param passes which denials are recorded only; one that is not goes before those that are
 */
export function decideAll<R extends string>(
  [first, ...others]: readonly [R, ...R[]],
  decide: (resource: R) => Decision,
  passes: Passes = STANDS,
): DecisionOn {
  let decision = on(decide(first), first);
  for (const resource of others) {
    if (decision.effect !== 'allow' && !passes(decision)) break;
    const next = on(decide(resource), resource);
    if (next.effect !== 'allow' && (decision.effect === 'allow' || !passes(next))) decision = next;
  }
  return decision;
}

/** Verdicts are remembered by whoever makes them, and so are they with what they were made on. */
const placed = new WeakMap<Decision, DecisionOn>();

function on(decision: Decision, resource: string): DecisionOn {
  const before = placed.get(decision);
  if (before?.resource === resource) return before;
  const made = { ...decision, resource };
  placed.set(decision, made);
  return made;
}
