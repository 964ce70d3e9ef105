import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed, keyed } from '../field.ts';
import type { Facts } from '../types.ts';

type RuntimeIn = Pick<
  HostConfig,
  'Runtime' | 'Annotations' | 'StorageOpt' | 'GroupAdd' | 'OomScoreAdj' | 'Privileged'
>;

/** What the OCI runtime is told besides: which one it is, groups, annotations, storage, and whether all is allowed. */
export function runtime(hostConfig: RuntimeIn): Partial<Facts> {
  const { Runtime = '', OomScoreAdj = 0n, Privileged = false, GroupAdd = [] } = hostConfig;
  return {
    ...(Runtime === '' ? {} : { runtime: { field: 'HostConfig.Runtime', name: Runtime } }),
    ...(OomScoreAdj === 0n ? {} : { oomScoreAdj: { field: 'HostConfig.OomScoreAdj', value: OomScoreAdj } }),
    privileged: Privileged ? [{ field: 'HostConfig.Privileged' }] : [],
    annotations: keysOf('HostConfig.Annotations', hostConfig.Annotations),
    storageOptions: keysOf('HostConfig.StorageOpt', hostConfig.StorageOpt),
    groups: GroupAdd.map((name, index) => ({ field: indexed('HostConfig.GroupAdd', index), name })),
  };
}

/** The parent cgroup. @param field the one that names it */
export function cgroupParent(field: string, path = ''): Partial<Facts> {
  return path === '' ? {} : { cgroupParent: { field, path } };
}

function keysOf(at: string, map: Readonly<Record<string, string>> = {}) {
  return Object.keys(map).map((name) => ({ field: keyed(at, name), name }));
}
