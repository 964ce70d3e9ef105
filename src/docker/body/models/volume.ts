import { field, type Made, map, string, struct } from '../types.ts';
import { CLUSTER_VOLUME_SPEC } from './cluster-volume-spec.ts';

/** Body of VolumeCreate (Engine API: `VolumeCreateRequest`). */
export const VOLUME_CREATE_REQUEST = struct('VolumeCreateRequest', {
  Name: field(string, 'its name; the Engine makes one up when there is none'),
  Driver: field(string, 'the volume driver; local when there is none'),
  // Shares are mounted with a password among the options.
  DriverOpts: field(map(string), 'options of the driver', { secret: true }),
  Labels: field(map(string), 'its labels'),
  ClusterVolumeSpec: field(CLUSTER_VOLUME_SPEC, 'makes it a volume of the cluster', { since: 42 }),
});
export type VolumeCreateRequest = Made<typeof VOLUME_CREATE_REQUEST>;

/** Body of VolumeUpdate: volumes of the cluster only. */
export const VOLUME_UPDATE_REQUEST = struct('VolumeUpdateRequest', {
  Spec: field(CLUSTER_VOLUME_SPEC, 'what it is to be'),
});
export type VolumeUpdateRequest = Made<typeof VOLUME_UPDATE_REQUEST>;
