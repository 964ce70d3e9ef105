import { nearest } from '../../config/suggest.ts';
import type { Need } from '../decision.ts';
import type { Profile } from '../profiles.ts';
import { type ConditionFunction, defineFunction, type Offence } from './function.ts';

/** Checks whose facts somebody has to look up. */
const NEEDS: Readonly<Record<string, Need>> = { 'run-as-non-root': 'imageUser' };

export const satisfies: ConditionFunction = defineFunction(
  {
    name: 'satisfies',
    reason: 'condition-not-met',
    means: 'No check of the profile finds anything; all of them are run. The reason is the id of the check.',
    example: "satisfies('baseline')",
    takes: { first: ['text'] },
    looksAt: 'request',
  },
  ([name], { profiles }) => {
    const profile = profiles.get(String(name));
    if (profile === undefined) {
      const meant = nearest(String(name), [...profiles.keys()]);
      return `there is no profile ${name}${meant === undefined ? `; there are ${[...profiles.keys()].join(', ')}` : `; did you mean ${meant}?`}`;
    }
    return {
      remedy: 'leave it out',
      needs: needsOf(profile),
      offences: (facts) => {
        const found: Offence[] = [];
        for (const check of profile.checks) {
          for (const violation of check.violations(facts))
            found.push({ ...violation, profile: profile.name });
        }
        return found;
      },
    };
  },
);

function needsOf({ checks }: Profile): readonly Need[] {
  return checks.flatMap(({ id }) => NEEDS[id] ?? []);
}
