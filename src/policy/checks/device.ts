import type { Facts } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { hostPath } from './words.ts';

type Kind = Facts['devices'][number]['kind'];

const ASKS: Readonly<Record<Kind, string>> = {
  device: 'hands over the device',
  'cgroup-rule': 'allows devices by the rule',
  request: 'asks for devices through',
};

/** Devices whose I/O is limited are named too: the Engine looks for them, and says whether they are there. */
export const device: Check = defineCheck(
  {
    id: 'device',
    forbids: 'devices of the host, device cgroup rules, GPUs and CDI devices',
    source: 'PSS baseline: Privileged Containers, by its parts',
    remedy: 'leave it out (docker run without --device, --device-cgroup-rule and --gpus)',
  },
  ({ devices, hostPaths }) => {
    const told = new Set(devices.map(({ field }) => field));
    return [
      ...devices.map(({ field, kind, value }) => ({ field, asks: `${ASKS[kind]} ${quoted(value)}` })),
      ...hostPaths
        .filter(({ via, field }) => via === 'device' && !told.has(field))
        .map((fact) => ({
          field: fact.field,
          asks: `names the device ${hostPath(fact)}`,
          remedy: 'leave it out (docker run without --device-read-bps, --blkio-weight-device and the like)',
        })),
    ];
  },
);
