import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const create = (body: object) => ask('POST /v1.56/volumes/create', body);
const update = (body: object) => ask('PUT /v1.56/volumes/v1?version=3', body);
const option = (field: string) => ({ field, path: null, mode: 'rw', via: 'driver-option' });

describe('a volume that is made', () => {
  it.each([
    [{}, { name: '', driver: 'local' }],
    [
      { Name: 'v', Driver: '' },
      { name: 'v', driver: 'local' },
    ],
    [
      { Name: 'v', Driver: 'evil/driver' },
      { name: 'v', driver: 'evil/driver' },
    ],
  ])('has a name and a driver: %j', (body, fact) => {
    const { volumes, hostPaths, mountTypes } = create(body);
    expect(volumes).toEqual([{ field: 'Name', options: [], mode: 'rw', ...fact }]);
    expect(hostPaths).toEqual([]);
    expect(mountTypes).toEqual([]);
  });

  it.each([
    ['a bind', 'local', { type: 'none', o: 'bind', device: '/' }],
    ['a bind without a type', 'local', { type: '', o: ' rbind,ro', device: 'etc' }],
    ['a disk', 'local', { type: 'ext4', device: '/dev/sda1' }],
    ['an overlay', 'local', { type: 'overlay', o: 'lowerdir=/', device: 'overlay' }],
    ['a share', 'local', { type: 'nfs', o: 'addr=10.0.0.1', device: ':/' }],
    ['a size', 'local', { size: '10m' }],
    ['options of a plugin', 'evil/driver', { mountpoint: '/etc' }],
  ])('may be any path of the host by its options: %s', (_, Driver, DriverOpts) => {
    const { volumes, hostPaths } = create({ Name: 'v', Driver, DriverOpts });
    const options = Object.keys(DriverOpts);
    expect(volumes[0]?.options).toEqual(options);
    expect(hostPaths).toEqual(options.map((name) => option(`DriverOpts["${name}"]`)));
  });

  it('of the cluster may be without secrets', () => {
    expect(create({ Name: 'v', ClusterVolumeSpec: { Group: 'g' } }).secrets).toEqual([]);
  });

  it('has labels', () => {
    expect({ ...create({ Name: 'v', Labels: { a: 'b' } }).labels }).toEqual({ a: 'b' });
  });

  it('may be one of the cluster, with secrets and options of its mounts', () => {
    const { secrets, hostPaths } = create({
      Name: 'v',
      Driver: 'csi',
      ClusterVolumeSpec: {
        AccessMode: { MountVolume: { MountFlags: ['ro', 'bind'] } },
        Secrets: [{ Key: 'k', Secret: 'bobs' }],
      },
    });
    expect(secrets).toEqual([{ field: 'ClusterVolumeSpec.Secrets[0].Secret', name: 'bobs', kind: 'secret' }]);
    expect(hostPaths).toEqual([
      option('ClusterVolumeSpec.AccessMode.MountVolume.MountFlags[0]'),
      option('ClusterVolumeSpec.AccessMode.MountVolume.MountFlags[1]'),
    ]);
  });
});

describe('a volume of the cluster that is changed', () => {
  it('is the one of the path', () => {
    expect(update({}).volumes).toEqual([
      { field: 'path name', name: 'v1', driver: '', options: [], mode: 'rw' },
    ]);
  });

  it('may get other secrets and options', () => {
    const { secrets, hostPaths } = update({
      Spec: {
        AccessMode: { MountVolume: { MountFlags: ['ro'] } },
        Secrets: [{ Key: 'k', Secret: 'bobs' }],
      },
    });
    expect(secrets).toEqual([{ field: 'Spec.Secrets[0].Secret', name: 'bobs', kind: 'secret' }]);
    expect(hostPaths).toEqual([option('Spec.AccessMode.MountVolume.MountFlags[0]')]);
  });
});
