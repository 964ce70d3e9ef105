import { type Amounts, amounts, growth, NOTHING } from './amounts.ts';
import type { Demand, Plan } from './demand.ts';
import type { Count, ListedServiceSpec } from './engine.ts';
import { limited } from './limits.ts';

/** What the tasks of a service take. */
export interface ServiceTake {
  readonly amounts: Amounts;
  /** Limits that its tasks do not have. */
  readonly unlimited: readonly ('memory' | 'cpus')[];
}

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

/**
 * Counts each replica of a service like a container that runs, whether its task has been made or not. A service on
 * every node counts once: how many nodes there are is not the tenant's doing.
 */
export function takeOfService({ Mode = {}, TaskTemplate = {} }: ListedServiceSpec): ServiceTake {
  const tasks = tasksOf(Mode);
  const { MemoryBytes = 0, NanoCPUs = 0 } = TaskTemplate.Resources?.Limits ?? {};
  const each = { memory: limited(BigInt(MemoryBytes)), cpus: limited(BigInt(NanoCPUs)) };
  return {
    amounts: amounts({
      containers: tasks,
      running: tasks,
      memory: tasks * (each.memory ?? 0n),
      cpus: tasks * (each.cpus ?? 0n),
    }),
    unlimited: (['memory', 'cpus'] as const).filter((of) => tasks > 0n && each[of] === undefined),
  };
}

function tasksOf({ Replicated, ReplicatedJob }: NonNullable<ListedServiceSpec['Mode']>): bigint {
  const tasks: Count = Replicated?.Replicas ?? ReplicatedJob?.MaxConcurrent ?? 1;
  return BigInt(tasks);
}

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
