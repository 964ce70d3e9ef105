import type { Config } from '../config/schema.ts';
import type { ApiRequest } from '../docker/types.ts';
import type { DecisionOn } from './decision.ts';

/** Whether a denial is recorded only, and the request goes on its way. */
export type Passes = (denial: DecisionOn) => boolean;

/** Of whom it is asked, and about what. */
export interface Observable {
  /** All that they are: `user:...`, `role:...`. */
  readonly subjects: ReadonlySet<string>;
  readonly principal: { readonly tenant: string };
  readonly api: Pick<ApiRequest, 'operation'>;
}

/** The reason id of a request that is forwarded although the policy denies it. */
export const OBSERVED = 'observed';

/** Nobody is observed: every denial stands. */
export const STANDS: Passes = () => false;

/** Whom the policy is tried out on: everybody, or those who hold one of some roles. Empty: it is enforced. */
export function observedWhom({ mode, roles }: Pick<Config['policy'], 'mode' | 'roles'>): readonly string[] {
  if (mode === 'observe') return ['*'];
  return roles.filter(({ observe }) => observe).map(({ role }) => `role:${role}`);
}

/** Whether somebody is only observed, by all that they are. */
export function observes(policy: Pick<Config['policy'], 'mode' | 'roles'>) {
  const whom = observedWhom(policy);
  if (whom.length === 0) return () => false;
  if (whom.includes('*')) return () => true;
  return (subjects: ReadonlySet<string>): boolean => whom.some((each) => subjects.has(each));
}

/**
 * What observe mode leaves of a denial (decisions/0015): where tenants are told apart, the walls between them stand, and
 * only what stays within them passes.
 *
 * @param tenants whether tenants are told apart
 */
export function passesFor(
  isObserved: (subjects: ReadonlySet<string>) => boolean,
  tenants: boolean,
): (known: Observable) => Passes {
  return ({ subjects, principal, api }) => {
    if (!isObserved(subjects)) return STANDS;
    return tenants ? ({ resource }) => staysWithin(resource, principal.tenant, api) : () => true;
  };
}

/** Objects that nobody owns, and that everybody's requests share. */
const SHARED_READS: ReadonlySet<string> = new Set(['engine', 'image']);

/**
 * Whether a request can reach nothing of others: what the own tenant owns, reads of what is shared (whose answers show what
 * may be seen, and no more), an image to run that may be seen, a registry, and a build.
 */
function staysWithin(resource: string, own: string, { operation }: Observable['api']): boolean {
  const [kind = '', tenant = ''] = resource.split('/', 2);
  if (OWNED.has(kind)) return tenant === own;
  if (SHARED_READS.has(kind) && operation.class === 'read') return true;
  if (kind === 'image') return operation.id === 'ContainerCreate';
  return kind === 'registry' || (kind === 'build' && operation.id === 'ImageBuild');
}

/** Kinds whose resources name a tenant. */
const OWNED: ReadonlySet<string> = new Set([
  ...['container', 'exec', 'network', 'volume', 'service', 'task', 'secret', 'config'],
]);
