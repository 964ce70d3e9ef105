import type { ContainerSpec } from '../../body/models/container-spec.ts';
import type { ResourceRequirements } from '../../body/models/task-resources.ts';
import { indexed } from '../field.ts';
import { resources } from '../host-config/resources.ts';
import { mergeFacts } from '../merge.ts';
import type { Facts } from '../types.ts';

const RESOURCES = 'TaskTemplate.Resources';

/** Fields of a service by those of a container that they stand for. */
const FIELDS: Readonly<Record<string, string>> = {
  Memory: `${RESOURCES}.Limits.MemoryBytes`,
  MemorySwap: `${RESOURCES}.SwapBytes`,
  NanoCpus: `${RESOURCES}.Limits.NanoCPUs`,
  PidsLimit: `${RESOURCES}.Limits.Pids`,
  Ulimits: 'TaskTemplate.ContainerSpec.Ulimits',
};

/** Limits of a service's tasks, and devices that they ask for by the names that nodes have given them. */
export function serviceResources(
  given: ResourceRequirements = {},
  { Ulimits = [] }: Pick<ContainerSpec, 'Ulimits'> = {},
): Partial<Facts> {
  const { MemoryBytes = 0n, NanoCPUs = 0n, Pids = 0n } = given.Limits ?? {};
  return mergeFacts(
    resources((name) => FIELDS[name] ?? name, {
      Memory: MemoryBytes,
      MemorySwap: memorySwap(MemoryBytes, given.SwapBytes),
      NanoCpus: NanoCPUs,
      PidsLimit: Pids,
      Ulimits,
    }),
    genericResources(given.Reservations),
  );
}

/** A service says swap without the memory, a container with it. */
function memorySwap(memory: bigint, swap: bigint | undefined): bigint {
  if (swap === undefined) return 0n;
  return swap < 0n ? -1n : memory + swap;
}

/** They come to the tasks as `DOCKER_RESOURCE_<KIND>`, by which runtimes hand over devices. */
function genericResources({
  GenericResources = [],
}: ResourceRequirements['Reservations'] = {}): Partial<Facts> {
  return {
    devices: GenericResources.map(({ NamedResourceSpec, DiscreteResourceSpec }, index) => ({
      field: indexed(`${RESOURCES}.Reservations.GenericResources`, index),
      kind: 'request',
      value: DiscreteResourceSpec?.Kind ?? NamedResourceSpec?.Kind ?? '',
    })),
  };
}
