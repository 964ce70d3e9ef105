import type { Config } from './config/schema.ts';
import { minorOf } from './docker/versions.ts';
import type { Bench } from './pipeline.ts';
import { compileMutations } from './policy/mutations/rules.ts';
import { observes, passesFor } from './policy/observed.ts';

type Rules = Pick<
  Bench,
  | 'contact'
  | 'limits'
  | 'floor'
  | 'ceiling'
  | 'isFloorOff'
  | 'isObserved'
  | 'passes'
  | 'hiddenFrom'
  | 'mutationsFor'
>;

/** What the configuration itself says of how requests are judged. */
export function rulesOf(
  config: Pick<Config, 'policy' | 'limits' | 'api' | 'redactions' | 'mutations' | 'tenancy'>,
): Rules {
  const isObserved = observes(config.policy);
  return {
    contact: config.policy.contact,
    limits: config.limits,
    floor: minorOf(config.api.floor),
    ceiling: minorOf(config.api.ceiling),
    isFloorOff: floorOff(config.policy.roles),
    isObserved,
    passes: passesFor(isObserved, config.tenancy.enabled),
    hiddenFrom: hiddenFrom(config.redactions),
    mutationsFor: compileMutations(config.mutations),
  };
}

/** What is taken out of the replies that somebody gets: all that any rule for them names. */
function hiddenFrom(redactions: Config['redactions']): Bench['hiddenFrom'] {
  return (subjects) =>
    new Set(
      redactions.flatMap(({ for: whom, hide }) => (whom.some((each) => subjects.has(each)) ? hide : [])),
    );
}

/** Whom the configuration takes the floor away from. */
function floorOff(roles: Config['policy']['roles']): (subjects: ReadonlySet<string>) => boolean {
  const off = roles.filter(({ floor }) => floor === 'off').map(({ role }) => `role:${role}`);
  return (subjects) => off.some((role) => subjects.has(role));
}
