import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed } from '../field.ts';
import type { Facts, ResourceFacts } from '../types.ts';

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
  const { Memory = 0n, MemorySwap = 0n, PidsLimit = 0n, ShmSize = 0n, OomKillDisable, Ulimits = [] } = body;
  const limits: Building = {
    ulimits: Ulimits.map(({ Name = '', Soft = 0n, Hard = 0n }, index) => ({
      field: indexed(fieldOf('Ulimits'), index),
      name: Name,
      soft: Soft,
      hard: Hard,
    })),
  };
  if (Memory > 0n) limits.memory = { field: fieldOf('Memory'), value: Memory };
  if (MemorySwap !== 0n) limits.memorySwap = { field: fieldOf('MemorySwap'), value: MemorySwap };
  const nanoCpus = cpus(fieldOf, body);
  if (nanoCpus.value > 0n) limits.nanoCpus = nanoCpus;
  if (PidsLimit > 0n) limits.pids = { field: fieldOf('PidsLimit'), value: PidsLimit };
  if (ShmSize > 0n) limits.shm = { field: fieldOf('ShmSize'), value: ShmSize };
  if (OomKillDisable === true) limits.oomKillDisabled = { field: fieldOf('OomKillDisable') };
  return { resources: limits };
}

type Building = { -readonly [K in keyof ResourceFacts]: ResourceFacts[K] };

/** NanoCpus, or quota over period; the Engine refuses both together. */
function cpus(
  fieldOf: (name: keyof Limits) => string,
  { NanoCpus = 0n, CpuQuota = 0n, CpuPeriod = 0n }: Limits,
): NonNullable<ResourceFacts['nanoCpus']> {
  if (NanoCpus > 0n) return { field: fieldOf('NanoCpus'), value: NanoCpus };
  const period = CpuPeriod > 0n ? CpuPeriod : DEFAULT_PERIOD;
  // Rounded up: at least what it will be.
  return { field: fieldOf('CpuQuota'), value: (CpuQuota * BILLION + period - 1n) / period };
}
