import type { Content } from '../../docker/content.ts';
import type { Facts } from '../../docker/facts/types.ts';
import { amounts, growth } from './amounts.ts';
import { type Demand, type Plan, pieces, type Unlimited } from './demand.ts';
import type { Holding } from './holdings.ts';

/** A new container. Whether it runs is asked when it is started; its memory and CPUs are reserved from now on. */
export const CREATE: Plan = {
  kind: 'container',
  adds: ['containers', 'memory', 'cpus', 'volumes'],
  // An image has volumes too.
  unseen: ['volumes'],
  event: 'create',
  makes: true,
  demand({ facts, content, newVolumes = [] }) {
    const { memory, nanoCpus } = facts.resources;
    const anonymous = facts.volumes.filter(
      ({ name, field }) => name === '' && !isMountedOver(field, content),
    ).length;
    return {
      adds: amounts({
        containers: 1n,
        memory: memory?.value ?? 0n,
        cpus: nanoCpus?.value ?? 0n,
        volumes: BigInt(newVolumes.length + anonymous),
      }),
      fields: limitFields(facts),
      unlimited: [
        ...(memory === undefined ? [noMemory('HostConfig.Memory', 'docker run --memory')] : []),
        ...(nanoCpus === undefined ? [noCpus('HostConfig.NanoCpus', 'docker run --cpus')] : []),
      ],
    };
  },
};

/**
 * Whether a volume that the top level of the body declares (`Volumes["/data"]`) is none, for something else is mounted
 * there: docker-compose says both.
 */
function isMountedOver(field: string, content: Content | undefined): boolean {
  const path = /^Volumes\["(.*)"\]$/.exec(field)?.[1];
  if (path === undefined) return false;
  const { Binds, Mounts } = ((content?.value as { readonly HostConfig?: unknown } | undefined)?.HostConfig ??
    {}) as { readonly Binds?: readonly string[]; readonly Mounts?: readonly { readonly Target?: string }[] };
  const targets = [
    ...(Binds ?? []).map((bind) => bind.split(':')[1]),
    ...(Mounts ?? []).map(({ Target }) => Target),
  ];
  return targets.some(
    (target) => target !== undefined && target.replace(/\/+$/, '') === path.replace(/\/+$/, ''),
  );
}

/** A start or restart: one that runs, is paused or waits to be started again counts already. Unpausing adds nothing. */
export const START: Plan = {
  kind: 'container',
  adds: ['running'],
  event: 'start',
  makes: false,
  demand({ actedOn }, held) {
    const container = find(held, actedOn);
    return pieces({ running: container === undefined || container.amounts.running > 0n ? 0n : 1n });
  },
};

/** New limits: what they add to the old ones. A quota without its period, or the other way round, can not be told. */
export const UPDATE: Plan = {
  kind: 'container',
  adds: ['memory', 'cpus'],
  makes: false,
  demand({ actedOn, facts, content }, held): Demand {
    const container = find(held, actedOn);
    if (container === undefined) return pieces({});
    const { memory, nanoCpus, lifted = [] } = facts.resources;
    const cpus = lifted.find(({ field }) => field === 'CpuQuota' || field === 'CpuPeriod')?.field;
    const now = container.amounts;
    return {
      adds: growth(now, { ...now, memory: memory?.value ?? now.memory, cpus: nanoCpus?.value ?? now.cpus }),
      fields: limitFields(facts),
      unlimited: [
        ...(isNegative(content, 'Memory') ? [noMemory('Memory', 'docker update --memory')] : []),
        ...(cpus === undefined
          ? []
          : [noCpus(cpus, 'CpuQuota together with CpuPeriod, or docker update --cpus')]),
        ...(isNegative(content, 'NanoCpus') ? [noCpus('NanoCpus', 'docker update --cpus')] : []),
      ],
    };
  },
};

function find(held: readonly Holding[], id: string | undefined): Holding | undefined {
  return held.find((each) => each.kind === 'container' && each.id === id);
}

function limitFields({ resources: { memory, nanoCpus } }: Facts): Demand['fields'] {
  return {
    ...(memory === undefined ? {} : { memory: memory.field }),
    ...(nanoCpus === undefined ? {} : { cpus: nanoCpus.field }),
  };
}

function isNegative(content: Content | undefined, name: string): boolean {
  const value = ((content?.value ?? {}) as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'bigint' && value < 0n;
}

function noMemory(field: string, remedy: string): Unlimited {
  return { of: 'memory', field, remedy };
}

function noCpus(field: string, remedy: string): Unlimited {
  return { of: 'cpus', field, remedy };
}
