import type { UpdateConfig } from '../body/models/update.ts';
import { devices } from './host-config/devices.ts';
import { resources } from './host-config/resources.ts';
import { restart } from './host-config/restart.ts';
import { cgroupParent } from './host-config/runtime.ts';
import { mergeFacts } from './merge.ts';
import type { Fact, Facts } from './types.ts';

/**
 * New limits of a container. What is absent stays as it is; to the Engine 0 is absent too, but for PidsLimit.
 *
 * A quota without its period, or the other way round, goes with what the container has, which is not told here.
 */
export function updateFacts(body: UpdateConfig): Partial<Facts> {
  const { PidsLimit = 1n, MemorySwap = 0n, CpuQuota = 0n, CpuPeriod = 0n } = body;
  const lifted: Fact[] = [];
  if (PidsLimit <= 0n) lifted.push({ field: 'PidsLimit' });
  if (MemorySwap < 0n) lifted.push({ field: 'MemorySwap' });
  if (CpuQuota < 0n || (CpuQuota > 0n && CpuPeriod === 0n)) lifted.push({ field: 'CpuQuota' });
  if (CpuPeriod !== 0n && CpuQuota === 0n) lifted.push({ field: 'CpuPeriod' });
  return mergeFacts(
    resources((name) => name, body),
    { resources: { ulimits: [], lifted } },
    devices('', body),
    cgroupParent('CgroupParent', body.CgroupParent),
    restart('RestartPolicy', body.RestartPolicy),
  );
}
