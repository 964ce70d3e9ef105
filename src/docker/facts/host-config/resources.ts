import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed } from '../field.ts';
import type { Fact, Facts, ResourceFacts } from '../types.ts';

/** Fields that limit what a container may use. */
export type Limits = Pick<
  HostConfig,
  | 'Memory'
  | 'MemorySwap'
  | 'NanoCpus'
  | 'CpuPeriod'
  | 'CpuQuota'
  | 'PidsLimit'
  | 'ShmSize'
  | 'OomKillDisable'
  | 'Ulimits'
>;

/** Microseconds of the CFS period when none is given. */
const DEFAULT_PERIOD = 100_000n;
const BILLION = 1_000_000_000n;

/** Limits. @param fieldOf what a field of `Limits` is called in the request: `HostConfig.Memory`, `query memory` */
export function resources(fieldOf: (name: keyof Limits) => string, body: Limits): Partial<Facts> {
  const limits: ResourceFacts = {
    ...positive('memory', fieldOf('Memory'), body.Memory),
    ...(body.MemorySwap === undefined || body.MemorySwap === 0n
      ? {}
      : { memorySwap: { field: fieldOf('MemorySwap'), value: body.MemorySwap } }),
    ...cpus(fieldOf, body),
    ...positive('pids', fieldOf('PidsLimit'), body.PidsLimit),
    ...positive('shm', fieldOf('ShmSize'), body.ShmSize),
    ...(body.OomKillDisable === true ? { oomKillDisabled: { field: fieldOf('OomKillDisable') } } : {}),
    ulimits: (body.Ulimits ?? []).map(({ Name = '', Soft = 0n, Hard = 0n }, index) => ({
      field: indexed(fieldOf('Ulimits'), index),
      name: Name,
      soft: Soft,
      hard: Hard,
    })),
  };
  return { resources: limits };
}

/** NanoCpus, or quota over period; the Engine refuses both together. */
function cpus(fieldOf: (name: keyof Limits) => string, body: Limits): Pick<ResourceFacts, 'nanoCpus'> {
  const { NanoCpus = 0n, CpuQuota = 0n, CpuPeriod = 0n } = body;
  if (NanoCpus > 0n) return positive('nanoCpus', fieldOf('NanoCpus'), NanoCpus);
  const period = CpuPeriod > 0n ? CpuPeriod : DEFAULT_PERIOD;
  // Rounded up: at least what it will be.
  return positive('nanoCpus', fieldOf('CpuQuota'), (CpuQuota * BILLION + period - 1n) / period);
}

type Limit = Fact & { readonly value: bigint };

function positive<K extends 'memory' | 'nanoCpus' | 'pids' | 'shm'>(
  name: K,
  field: string,
  value: bigint | undefined,
): { readonly [P in K]?: Limit } {
  return (value !== undefined && value > 0n ? { [name]: { field, value } } : {}) as {
    readonly [P in K]?: Limit;
  };
}
