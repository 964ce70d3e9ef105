import { type Amounts, amounts } from './amounts.ts';
import type { Count, ListedServiceSpec } from './engine.ts';
import { limited } from './limits.ts';

/** What the tasks of a service take. */
export interface ServiceTake {
  readonly amounts: Amounts;
  /** Limits that its tasks do not have. */
  readonly unlimited: readonly ('memory' | 'cpus')[];
}

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
