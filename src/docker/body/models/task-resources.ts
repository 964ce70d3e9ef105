import { array, field, int64, type Made, string, struct } from '../types.ts';

const GENERIC_RESOURCE = struct('GenericResource', {
  NamedResourceSpec: field(
    struct('NamedResourceSpec', {
      Kind: field(string, 'the kind'),
      Value: field(string, 'which one'),
    }),
    'one resource by name',
  ),
  DiscreteResourceSpec: field(
    struct('DiscreteResourceSpec', {
      Kind: field(string, 'the kind'),
      Value: field(int64, 'how many'),
    }),
    'a number of resources',
  ),
});

const GENERIC_RESOURCES = array(GENERIC_RESOURCE);

const LIMIT = struct('Limit', {
  NanoCPUs: field(int64, 'billionths of a CPU'),
  MemoryBytes: field(int64, 'bytes of memory'),
  Pids: field(int64, 'processes', { since: 41 }),
  GenericResources: field(GENERIC_RESOURCES, 'without effect', { removed: 41 }),
});

const RESERVATION = struct('ResourceObject', {
  NanoCPUs: field(int64, 'billionths of a CPU'),
  MemoryBytes: field(int64, 'bytes of memory'),
  GenericResources: field(GENERIC_RESOURCES, 'what the operator of the node has named: GPUs and the like'),
});

/** What tasks may use and what is kept for them: `TaskTemplate.Resources` (Engine API: `ResourceRequirements`). */
export const RESOURCE_REQUIREMENTS = struct('ResourceRequirements', {
  Limits: field(LIMIT, 'the most they may use'),
  Reservations: field(RESERVATION, 'what a node must have free'),
  SwapBytes: field(int64, 'bytes of swap besides the memory; -1 is no limit', { since: 52 }),
  MemorySwappiness: field(int64, 'how readily memory is swapped out, 0 to 100', { since: 52 }),
});
export type ResourceRequirements = Made<typeof RESOURCE_REQUIREMENTS>;
