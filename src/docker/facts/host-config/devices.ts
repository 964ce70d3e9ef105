import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed } from '../field.ts';
import { cleanPath } from '../go/clean-path.ts';
import type { Facts, HostPathFact } from '../types.ts';

const THROTTLES = [
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
] as const;

const NAMES = ['Devices', 'DeviceCgroupRules', 'DeviceRequests', ...THROTTLES] as const;

/** Fields of `Resources` that speak about devices. */
type DevicesIn = Pick<HostConfig, (typeof NAMES)[number]>;

/** Devices that are given, rules that allow them, requests to a driver. @param at `HostConfig.`, empty for an update */
export function devices(at: string, resources: DevicesIn): Partial<Facts> {
  if (NAMES.every((name) => (resources[name] ?? []).length === 0)) return {};
  const { Devices = [], DeviceCgroupRules = [], DeviceRequests = [] } = resources;
  const paths = Devices.map(
    ({ PathOnHost = '', CgroupPermissions = '' }, index): HostPathFact => ({
      field: indexed(`${at}Devices`, index),
      path: cleanPath(PathOnHost),
      mode: /^[rm]+$/.test(CgroupPermissions) ? 'ro' : 'rw',
      via: 'device',
    }),
  );
  return {
    hostPaths: [...paths, ...throttled(at, resources)],
    devices: [
      ...paths.map(({ field, path }, index) => ({
        field,
        kind: 'device' as const,
        value: path ?? Devices[index]?.PathOnHost ?? '',
      })),
      ...DeviceCgroupRules.map((value, index) => ({
        field: indexed(`${at}DeviceCgroupRules`, index),
        kind: 'cgroup-rule' as const,
        value,
      })),
      ...DeviceRequests.map(({ Driver = '', DeviceIDs = [], Capabilities = [] }, index) => ({
        field: indexed(`${at}DeviceRequests`, index),
        kind: 'request' as const,
        value: [Driver, ...DeviceIDs, ...Capabilities.flat()].filter((word) => word !== '').join(' '),
      })),
    ],
  };
}

/** Devices whose I/O is limited: the Engine looks them up on the host, and says whether they are there. */
function throttled(at: string, resources: DevicesIn): readonly HostPathFact[] {
  return THROTTLES.flatMap((name) =>
    (resources[name] ?? []).map(({ Path = '' }, index) => ({
      field: indexed(`${at}${name}`, index),
      path: cleanPath(Path),
      mode: 'ro' as const,
      via: 'device' as const,
    })),
  );
}
