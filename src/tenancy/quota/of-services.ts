import { growth, NOTHING } from './amounts.ts';
import type { Demand, Plan } from './demand.ts';
import type { ListedServiceSpec } from './engine.ts';
import { takeOfService } from './replicas.ts';

const LIMITS = 'TaskTemplate.Resources.Limits';
const FIELDS = { memory: `${LIMITS}.MemoryBytes`, cpus: `${LIMITS}.NanoCPUs` } as const;
const REMEDIES = {
  memory: 'docker service create --limit-memory',
  cpus: 'docker service create --limit-cpu',
} as const;

/** A new service. */
export const SERVICE_CREATE: Plan = {
  kind: 'service',
  adds: ['containers', 'running', 'memory', 'cpus'],
  event: 'create',
  makes: true,
  demand: ({ content }) => demand(undefined, (content?.value ?? {}) as ListedServiceSpec),
};

/** A service with another spec, or, in a rollback, with the one that it had before. */
export const SERVICE_UPDATE: Plan = {
  kind: 'service',
  adds: ['containers', 'running', 'memory', 'cpus'],
  makes: false,
  demand({ api, content, actedOn }, held) {
    const specs = held.find(({ kind, id }) => kind === 'service' && id === actedOn)?.specs;
    const { rollback = '' } = api.query;
    const goesBack = rollback !== '' && rollback !== 'none';
    return demand(
      specs?.now,
      goesBack ? (specs?.previous ?? specs?.now ?? {}) : ((content?.value ?? {}) as ListedServiceSpec),
    );
  },
};

function demand(now: ListedServiceSpec | undefined, next: ListedServiceSpec): Demand {
  const before = now === undefined ? { amounts: NOTHING, unlimited: [] } : takeOfService(now);
  const after = takeOfService(next);
  const isMore = after.amounts.containers > before.amounts.containers;
  return {
    adds: growth(before.amounts, after.amounts),
    fields: { containers: 'Mode', running: 'Mode', ...FIELDS },
    // One that had no limit before it was counted may be changed in other ways.
    unlimited: after.unlimited
      .filter((of) => isMore || !before.unlimited.includes(of))
      .map((of) => ({ of, field: FIELDS[of], remedy: REMEDIES[of] })),
  };
}
