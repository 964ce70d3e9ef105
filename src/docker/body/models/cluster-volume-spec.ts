import { array, empty, field, int64, type Made, map, string, struct } from '../types.ts';

const MOUNT_VOLUME = struct('MountVolume', {
  FsType: field(string, 'the file system'),
  MountFlags: field(array(string), 'options of the mount'),
});

const ACCESS_MODE = struct('AccessMode', {
  Scope: field(string, 'on how many nodes at once: single or multi'),
  Sharing: field(string, 'by how many tasks at once: none, readonly, onewriter, all'),
  MountVolume: field(MOUNT_VOLUME, 'use it as a file system'),
  BlockVolume: field(empty, 'use it as a block device'),
});

const TOPOLOGY = struct('Topology', {
  Segments: field(map(string), 'where: by region, zone, rack'),
});

const TOPOLOGY_REQUIREMENT = struct('TopologyRequirement', {
  Requisite: field(array(TOPOLOGY), 'places of which it must be reachable from one'),
  Preferred: field(array(TOPOLOGY), 'places it should be in, best first'),
});

const CAPACITY_RANGE = struct('CapacityRange', {
  RequiredBytes: field(int64, 'its least size'),
  LimitBytes: field(int64, 'its greatest size'),
});

const VOLUME_SECRET = struct('VolumeSecret', {
  Key: field(string, 'the key under which the driver gets it'),
  Secret: field(string, 'the name or id of the swarm secret'),
});

/**
 * A volume of the cluster, made by a CSI driver (Engine API: `ClusterVolumeSpec`). The published description puts
 * everything but `Group` inside `AccessMode`; the Engine reads it here.
 */
export const CLUSTER_VOLUME_SPEC = struct('ClusterVolumeSpec', {
  Group: field(string, 'the group by which services can name it'),
  AccessMode: field(ACCESS_MODE, 'how tasks use it'),
  AccessibilityRequirements: field(TOPOLOGY_REQUIREMENT, 'from where it must be reachable'),
  CapacityRange: field(CAPACITY_RANGE, 'how large it is'),
  Secrets: field(array(VOLUME_SECRET), 'swarm secrets that its driver gets'),
  Availability: field(string, 'whether tasks may use it: active, pause, drain'),
});
export type ClusterVolumeSpec = Made<typeof CLUSTER_VOLUME_SPEC>;
