import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

const askMount = (mount: object, version = 48) => askHost({ Mounts: [{ Target: '/h', ...mount }] }, version);
const field = 'HostConfig.Mounts[0]';

describe('a mount', () => {
  it('E011: of type bind is a path of the host, cleaned', () => {
    expect(askMount({ Type: 'bind', Source: '/a/../etc/' })).toMatchObject({
      hostPaths: [{ field, path: '/etc', mode: 'rw', via: 'bind' }],
      mountTypes: [{ field, type: 'bind' }],
      volumes: [],
    });
  });

  it('may be read-only', () => {
    expect(askMount({ Type: 'bind', Source: '/etc', ReadOnly: true }).hostPaths).toMatchObject([
      { mode: 'ro' },
    ]);
    expect(askMount({ Type: 'volume', Source: 'ab', ReadOnly: true }).volumes).toMatchObject([
      { mode: 'ro' },
    ]);
  });

  it('with propagation lets mounts reach the host', () => {
    const bind = { Type: 'bind', Source: '/etc', BindOptions: { Propagation: 'rshared' } };
    expect(askMount(bind).hostPaths.map(({ via }) => via)).toEqual(['bind', 'propagation']);
  });

  it.each([
    { Type: 'bind', Source: 'etc' },
    { Type: 'bind' },
    { Type: 'Bind', Source: '/etc' },
    { Type: 'npipe', Source: '/etc' },
    { Source: '/etc' },
    { Type: 'volume', Source: '/etc' },
  ])('may be any path of the host: %j', (mount) => {
    expect(askMount(mount).hostPaths).toMatchObject([{ field, path: null, via: 'bind' }]);
  });

  it('of a type that nobody knows has that type', () => {
    expect(askMount({ Type: 'npipe', Source: 'x' }).mountTypes).toEqual([{ field, type: 'npipe' }]);
  });

  it('without a type may be any path of the host', () => {
    expect(askMount({ Source: 'a' })).toMatchObject({
      mountTypes: [{ field, type: '' }],
      hostPaths: [{ field, path: null, via: 'bind' }],
    });
  });

  it('E009: of type volume is a volume, with its driver', () => {
    expect(askMount({ Type: 'volume', Source: 'bobv' })).toMatchObject({
      volumes: [{ field, name: 'bobv', driver: 'local', options: [], mode: 'rw' }],
      mountTypes: [{ field, type: 'volume' }],
      hostPaths: [],
    });
    const driven = { Type: 'volume', VolumeOptions: { DriverConfig: { Name: 'nfs' } } };
    expect(askMount(driven).volumes).toMatchObject([{ name: '', driver: 'nfs' }]);
  });

  it.each(['volume', 'bind', 'tmpfs', 'image', 'cluster', ''])(
    'E013: of type %j with driver options may be any path of the host',
    (Type) => {
      const VolumeOptions = { DriverConfig: { Options: { type: '', o: ' rbind', device: 'etc' } } };
      expect(askMount({ Type, Source: 'ab', VolumeOptions }).hostPaths).toContainEqual({
        field: `${field}.VolumeOptions.DriverConfig.Options`,
        path: null,
        mode: 'rw',
        via: 'driver-option',
      });
    },
  );

  it('names driver options without their values, and sets labels', () => {
    const VolumeOptions = {
      Labels: { team: 'a' },
      DriverConfig: { Options: { o: 'password=x', device: 'd' } },
    };
    const facts = askMount({ Type: 'volume', Source: 'ab', VolumeOptions });
    expect(facts.volumes).toMatchObject([{ options: ['o', 'device'] }]);
    expect(facts.labels).toEqual({ team: 'a' });
    expect(JSON.stringify(facts)).not.toContain('password');
  });

  it('without driver options is no path', () => {
    const VolumeOptions = { DriverConfig: { Options: {} } };
    expect(askMount({ Type: 'volume', Source: 'ab', VolumeOptions }).hostPaths).toEqual([]);
  });

  it('of type tmpfs is neither path nor volume', () => {
    expect(askMount({ Type: 'tmpfs' })).toMatchObject({
      mountTypes: [{ field, type: 'tmpfs' }],
      hostPaths: [],
      volumes: [],
    });
  });

  it('E015: of type image uses an image', () => {
    const facts = askMount({ Type: 'image', Source: 'bob/app' });
    expect(facts.images.at(-1)).toMatchObject({
      field: `${field}.Source`,
      reference: 'docker.io/bob/app:latest',
    });
    expect(facts).toMatchObject({ mountTypes: [{ type: 'image' }], hostPaths: [] });
  });

  it('E015: of type cluster is a volume of the cluster', () => {
    expect(askMount({ Type: 'cluster', Source: 'group:x', ReadOnly: true })).toMatchObject({
      mountTypes: [{ field, type: 'cluster' }],
      volumes: [{ field, name: 'group:x', driver: '', options: [], mode: 'ro' }],
      hostPaths: [],
    });
  });
});

describe('tmpfs and volumes of others', () => {
  it('Tmpfs is a mount of that type, by its path', () => {
    expect(askHost({ Tmpfs: { '/run': 'exec', '/x y': '' } }).mountTypes).toEqual([
      { field: 'HostConfig.Tmpfs["/run"]', type: 'tmpfs' },
      { field: 'HostConfig.Tmpfs["/x y"]', type: 'tmpfs' },
    ]);
  });

  it.each([
    '',
    'rw,noexec,nosuid,size=64m,mode=1777',
    'exec,uid=1000,gid=1000',
    'ro,nr_inodes=1k,mpol=bind:0',
  ])('Tmpfs with %j is no path of the host', (options) => {
    expect(askHost({ Tmpfs: { '/t': options } })).toMatchObject({ hostPaths: [], security: { others: [] } });
  });

  it.each(['bind', 'rbind,rw', 'rw,remount', 'move', 'shared', 'source=/etc', 'noexec, bind', 'Bind', 'x'])(
    'Tmpfs with %j may be any path of the host',
    (options) => {
      expect(askHost({ Tmpfs: { '/t': options } }).hostPaths).toEqual([
        { field: 'HostConfig.Tmpfs["/t"]', path: null, mode: 'rw', via: 'bind' },
      ]);
    },
  );

  it.each(['/proc', '/proc/', '//proc/sys', '/x/../proc/acpi', '\\proc'])(
    'a tmpfs over %s unmasks',
    (path) => {
      const masked = { others: [], maskedPaths: { field: expect.any(String), paths: [] } };
      expect(askHost({ Tmpfs: { [path]: '' } }).security).toEqual(masked);
      expect(askMount({ Type: 'tmpfs', Target: path }).security).toEqual(masked);
    },
  );

  it.each(['/run', '/process', '/srv/proc', '/sys', 'proc'])('a tmpfs over %s unmasks nothing', (path) => {
    expect(askHost({ Tmpfs: { [path]: '' } }).security).toEqual({ others: [] });
    expect(askMount({ Type: 'tmpfs', Target: path }).security).toEqual({ others: [] });
  });

  it('options of a tmpfs by Mounts count like those by Tmpfs', () => {
    const path = (...Options: string[][]) => askMount({ Type: 'tmpfs', TmpfsOptions: { Options } }).hostPaths;
    expect(path(['noexec'], ['uid', '7'])).toEqual([]);
    expect(path(['noexec'], ['bind'])).toMatchObject([{ field, path: null, via: 'bind' }]);
    expect(path(['noexec', '1,bind'])).toMatchObject([{ field, path: null, via: 'bind' }]);
  });

  it.each(['bobc', 'bobc:ro', 'bobc:'])('E017: VolumesFrom %s takes over the mounts of bobc', (text) => {
    expect(askHost({ VolumesFrom: [text] }).volumesFrom).toEqual([
      { field: 'HostConfig.VolumesFrom[0]', container: 'bobc' },
    ]);
  });
});
