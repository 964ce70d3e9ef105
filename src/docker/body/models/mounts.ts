import { array, bool, empty, field, int64, type Made, map, string, struct, uint32 } from '../types.ts';

/** The driver of a volume that is made with the container. */
const VOLUME_DRIVER = struct('Driver', {
  Name: field(string, 'the volume driver; local when absent'),
  // `o=username=...,password=...` of a CIFS share.
  Options: field(map(string), 'options of the driver', { secret: true }),
});

const BIND_OPTIONS = struct('BindOptions', {
  Propagation: field(
    string,
    'whether later mounts below it propagate: private, shared, slave, or one of these with an r before it',
  ),
  NonRecursive: field(bool, 'whether mounts below the source are left out'),
  CreateMountpoint: field(bool, 'whether the source is created on the host when it is missing'),
  ReadOnlyNonRecursive: field(bool, 'whether mounts below the source stay writable when it is read-only'),
  // Every Engine that knows it refuses it below API 1.44; one that does not would mount writable.
  ReadOnlyForceRecursive: field(bool, 'whether the mount must fail unless all below it is read-only', {
    since: 44,
  }),
});

const VOLUME_OPTIONS = struct('VolumeOptions', {
  NoCopy: field(bool, "whether a new volume stays empty instead of getting the image's files"),
  Labels: field(map(string), 'labels of a volume that is made'),
  // As above: API 1.45, or else the whole volume.
  Subpath: field(string, 'the directory in the volume that is mounted', { since: 45 }),
  DriverConfig: field(VOLUME_DRIVER, 'the driver of a volume that is made'),
});

const TMPFS_OPTIONS = struct('TmpfsOptions', {
  SizeBytes: field(int64, 'bytes'),
  Mode: field(uint32, 'the mode of its root directory, as a number'),
  Options: field(array(array(string)), 'mount options: a flag, or a name and a value, each'),
});

const IMAGE_OPTIONS = struct('ImageOptions', {
  Subpath: field(string, 'the directory in the image that is mounted'),
});

/** One mount of a container, or of a service's tasks: `HostConfig.Mounts[]`, `ContainerSpec.Mounts[]`. */
export const MOUNT = struct('Mount', {
  Type: field(string, 'bind, volume, tmpfs, image, cluster or npipe'),
  Source: field(string, 'what is mounted: a path of the host, a volume, an image'),
  Target: field(string, 'where in the container'),
  ReadOnly: field(bool, 'whether it is read-only'),
  Consistency: field(
    string,
    'how fresh the view must be: consistent, cached, delegated; Docker Desktop only',
  ),
  BindOptions: field(BIND_OPTIONS, 'options of a bind mount'),
  VolumeOptions: field(VOLUME_OPTIONS, 'options of a volume mount'),
  TmpfsOptions: field(TMPFS_OPTIONS, 'options of a tmpfs mount'),
  ImageOptions: field(IMAGE_OPTIONS, 'options of an image mount'),
  ClusterOptions: field(empty, 'options of a cluster volume mount; there are none'),
});
export type Mount = Made<typeof MOUNT>;
