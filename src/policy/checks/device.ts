import type { Facts } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { hostPath } from './words.ts';

type Kind = Facts['devices'][number]['kind'];

const ASKS: Readonly<Record<Kind, string>> = {
  device: 'hands over the device',
  'cgroup-rule': 'allows devices by the rule',
  request: 'asks a device driver for',
};

export const device: Check = defineCheck(
  {
    id: 'device',
    forbids: 'devices of the host, device cgroup rules, GPUs and CDI devices',
    source: 'PSS baseline: Privileged Containers, by its parts',
    remedy: 'leave it out (docker run without --device, --device-cgroup-rule and --gpus)',
  },
  ({ devices, hostPaths }) =>
    devices.length > 0
      ? devices.map(({ field, kind, value }) => ({ field, asks: `${ASKS[kind]} ${quoted(value)}` }))
      : hostPaths
          .filter(({ via }) => via === 'device')
          .map((fact) => ({ field: fact.field, asks: `hands over ${hostPath(fact)} as a device` })),
);
