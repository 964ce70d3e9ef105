import type { Facts } from '../../docker/facts/types.ts';
import { type Check, defineCheck } from './check.ts';

/**
 * Read by vendors' runtimes and their hooks. CUDA_VISIBLE_DEVICES is not here: libraries read it, and it only
 * takes away.
 */
const NAMES = [
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_MIG_CONFIG_DEVICES',
  'NVIDIA_MIG_MONITOR_DEVICES',
  'NVIDIA_IMEX_CHANNELS',
  'NVIDIA_DRIVER_CAPABILITIES',
  'AMD_VISIBLE_DEVICES',
  'HABANA_VISIBLE_DEVICES',
  'ASCEND_VISIBLE_DEVICES',
];

const FIELDS: Readonly<Record<NonNullable<Facts['runs']>, string>> = {
  container: 'Env',
  exec: 'Env',
  service: 'TaskTemplate.ContainerSpec.Env',
  build: 'query buildargs',
};

export const deviceEnvironment: Check = defineCheck(
  {
    id: 'device-environment',
    forbids: 'environment variables by which a runtime hands over devices',
    source: 'ours: the NVIDIA, AMD, Habana and Ascend container runtimes',
    remedy: 'leave the variable out (docker run without --env)',
  },
  ({ environment, runs }) =>
    NAMES.filter((name) => environment.includes(name)).map((name) => ({
      field: FIELDS[runs ?? 'container'],
      asks: `sets ${name}, by which a runtime hands over devices of the host`,
    })),
);
