import type { ClusterVolumeSpec } from '../body/models/cluster-volume-spec.ts';
import type { VolumeCreateRequest, VolumeUpdateRequest } from '../body/models/volume.ts';
import type { ApiRequest } from '../types.ts';
import { indexed, keyed } from './field.ts';
import { mergeFacts } from './merge.ts';
import type { Facts, HostPathFact } from './types.ts';

const DEFAULT_DRIVER = 'local';

/**
 * VolumeCreate. Any option of a driver can reach the host: `o=bind`, a device, an overlay's lower directory, a share;
 * and what the driver of a plugin makes of its options only the plugin knows.
 */
export function volumeCreateFacts(_: ApiRequest, body: VolumeCreateRequest): Partial<Facts> {
  const { Name: name = '', Driver = '', DriverOpts = {}, Labels: labels = {}, ClusterVolumeSpec } = body;
  const options = Object.keys(DriverOpts);
  const driver = Driver === '' ? DEFAULT_DRIVER : Driver;
  return mergeFacts(
    {
      labels,
      volumes: [{ field: 'Name', name, driver, options, mode: 'rw' }],
      hostPaths: options.map((option) => driverOption(keyed('DriverOpts', option))),
    },
    clusterVolume('ClusterVolumeSpec', ClusterVolumeSpec),
  );
}

/** VolumeUpdate: volumes of the cluster only. Which driver made it is not said again. */
export function volumeUpdateFacts({ params }: ApiRequest, { Spec }: VolumeUpdateRequest): Partial<Facts> {
  const { name = '' } = params;
  return mergeFacts(
    { volumes: [{ field: 'path name', name, driver: '', options: [], mode: 'rw' }] },
    clusterVolume('Spec', Spec),
  );
}

function clusterVolume(at: string, spec: ClusterVolumeSpec = {}): Partial<Facts> {
  const { MountFlags = [] } = spec.AccessMode?.MountVolume ?? {};
  return {
    hostPaths: MountFlags.map((_, index) =>
      driverOption(indexed(`${at}.AccessMode.MountVolume.MountFlags`, index)),
    ),
    secrets: (spec.Secrets ?? []).map(({ Secret: name = '' }, index) => ({
      field: `${indexed(`${at}.Secrets`, index)}.Secret`,
      name,
      kind: 'secret',
    })),
  };
}

function driverOption(field: string): HostPathFact {
  return { field, path: null, mode: 'rw', via: 'driver-option' };
}
