import { json } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import { attack, create, created, each, forbidden, host, refused, untold } from '../corpus/write.ts';

/** Section E: what of the host, and of others, gets into a container. */

const operation = 'ContainerCreate';
const hostPath = forbidden(operation, 'host-path');
const options = forbidden(operation, 'volume-driver-options');
const binds = (...list: string[]): string => host({ Binds: list }) as string;
const mount = (...list: object[]): string => host({ Mounts: list }) as string;
const volume = (VolumeOptions: object, Source = 'myvol'): string =>
  mount({ Type: 'volume', Source, Target: '/data', VolumeOptions });
const driver = (Options: object, Name?: string): string =>
  volume({ DriverConfig: Name === undefined ? { Options } : { Name, Options } });

const kept = (HostConfig: object) => created({ Image: 'busybox', HostConfig });

export const E_MOUNTS: readonly Case[] = [
  attack(
    'E003',
    'a path of the host that is cleaned only by the Engine',
    binds('/allowed/../etc:/h'),
    hostPath,
    {
      danger: { container: { 'HostConfig.Binds': ['/allowed/../etc:/h'] } },
    },
  ),
  attack(
    'E003',
    'paths of the host in every form',
    each(
      [
        '//etc:/h',
        '/./etc/.:/h',
        '/:/h',
        '/etc:/h',
        '/etc/:/h',
        '/../etc:/h',
        '///:/h',
        '/.:/h',
        '/etc/../:/h',
        '/proc/self/root:/h',
        '/proc/1/root/etc:/h',
        '/sys:/s',
        '/dev:/d',
        '/var/run/docker.sock:/var/run/docker.sock',
        '/run/docker.sock:/s',
        '/var/lib/docker:/d',
        '/home:/h',
        '/etc/passwd:/etc/passwd',
        '/e t c:/h',
        '/%65tc:/h',
        '/etc\u0000:/h',
        '/\u00e9:/h',
        '/$HOME:/h',
        '/~:/h',
        '/*:/h',
      ],
      (text) => binds(text),
    ),
    hostPath,
  ),
  attack(
    'E003',
    'texts that may be a path of the host to somebody',
    each(
      [
        './etc:/h',
        '../etc:/h',
        '.:/h',
        '..:/h',
        'etc/passwd:/h',
        '~/x:/h',
        '$HOME:/h',
        'C:\\:/h',
        '\\etc:/h',
        'x/../../etc:/h',
        'file:///etc:/h',
        ' /etc:/h',
        '\t/etc:/h',
        '\n/etc:/h',
        '',
        ':',
        ':/h',
        '::',
        '/etc:',
        '/etc:/',
        '/etc:/..',
        '/etc:h',
        '/etc:/h:/i:ro',
        'vol:/h:evil',
        'vol:/h:rw,ro',
        '/etc:/h:bind',
        '/etc:/h:ro:rw',
        'vol:',
        'x:/h',
      ],
      (text) => binds(text),
    ),
    hostPath,
  ),
  attack(
    'E003',
    'one bad one among good ones',
    {
      'the last': binds('myvol:/a', 'other:/b', '/etc:/h'),
      'the first': binds('/etc:/h', 'myvol:/a'),
    },
    hostPath,
  ),
  attack(
    'E005',
    'a path under a root that might be allowed, and may be a symlink',
    binds('/allowed/link:/h'),
    hostPath,
  ),
  attack('E007', 'modes of a bind', binds('/etc:/h:ro'), hostPath, {
    danger: { container: { 'HostConfig.Binds': ['/etc:/h:ro'] } },
  }),
  attack(
    'E007',
    'modes of a bind in every form',
    each(
      [
        '/etc:/h:',
        '/etc:/h:rw',
        '/etc:/h:z',
        '/etc:/h:Z',
        '/etc:/h:rw,z',
        '/etc:/h:ro,Z',
        '/etc:/h:rslave',
        '/etc:/h:ro,private',
        '/etc:/h:cached',
        '/etc:/h:RO',
        '/etc:/h:readonly',
        '/etc:/h:nocopy',
        '/etc:/h:ro,ro',
        '/etc:/h:,',
      ],
      (text) => binds(text),
    ),
    hostPath,
  ),
  attack(
    'E007',
    'binds that pass later mounts on to the host',
    each(['/etc:/h:shared', '/etc:/h:rshared', '/:/h:ro,rshared'], (text) => binds(text)),
    forbidden(operation, 'host-path', 'host-path'),
  ),
  attack(
    'E009',
    'a named volume, which may be another\u2019s',
    binds('bobv:/h'),
    kept({ Binds: ['bobv:/h'] }),
    untold('403: bob\u2019s volume is not hers'),
  ),
  attack(
    'E009',
    'another\u2019s volume by a mount',
    mount({ Type: 'volume', Source: 'bobv', Target: '/h' }),
    kept({ Mounts: [{ Type: 'volume', Source: 'bobv', Target: '/h' }] }),
    untold('403: bob\u2019s volume is not hers'),
  ),
  attack(
    'E009',
    'an anonymous volume of another by its name',
    binds(`${'0123456789abcdef'.repeat(4)}:/h`),
    kept({ Binds: [`${'0123456789abcdef'.repeat(4)}:/h`] }),
    untold('403: the volume is not hers'),
  ),
  attack('E011', 'a bind by Mounts', mount({ Type: 'bind', Source: '/', Target: '/h' }), hostPath, {
    danger: { container: { 'HostConfig.Mounts': [{ Type: 'bind', Source: '/', Target: '/h' }] } },
  }),
  attack(
    'E011',
    'binds by Mounts in every form',
    each(
      [
        { Type: 'bind', Source: '/etc', Target: '/h', ReadOnly: true },
        { Type: 'bind', Source: '/allowed/../etc', Target: '/h' },
        { Type: 'bind', Source: 'etc', Target: '/h' },
        { Type: 'bind', Source: '', Target: '/h' },
        { Type: 'bind', Target: '/h' },
        { Type: 'bind', Source: '/x', Target: '/h', BindOptions: { CreateMountpoint: true } },
        {
          Type: 'bind',
          Source: '/x',
          Target: '/h',
          BindOptions: { NonRecursive: true, Propagation: 'rprivate' },
        },
        { Type: 'bind', Source: 'myvol', Target: '/h', VolumeOptions: {} },
        { Source: '/var/run/docker.sock', Target: '/s', Type: 'bind', Consistency: 'cached' },
      ],
      (value) => mount(value),
    ),
    hostPath,
  ),
  attack(
    'E011',
    'a bind by Mounts that passes mounts on',
    mount({ Type: 'bind', Source: '/', Target: '/h', BindOptions: { Propagation: 'rshared' } }),
    forbidden(operation, 'host-path', 'host-path'),
  ),
  attack(
    'E011',
    'a bind by Mounts in small letters',
    create('{"Image":"busybox","HostConfig":{"Mounts":[{"type":"bind","source":"/","target":"/h"}]}}'),
    refused(400, 'body-field-case', { operation, field: 'HostConfig.Mounts[0].type' }),
    {
      note: '400: keys are written as the API writes them',
      danger: { container: { 'HostConfig.Mounts': [{ Type: 'bind', Source: '/', Target: '/h' }] } },
    },
  ),
  attack(
    'E013',
    'a volume whose driver binds a path of the host',
    driver({ type: 'none', o: 'bind', device: '/etc' }),
    options,
    {
      danger: {
        container: {
          'HostConfig.Mounts': [
            {
              Type: 'volume',
              Source: 'myvol',
              Target: '/data',
              VolumeOptions: { DriverConfig: { Options: { device: '/etc', o: 'bind', type: 'none' } } },
            },
          ],
        },
      },
    },
  ),
  attack(
    'E013',
    'options of a driver in every form',
    each(
      [
        { type: 'none', o: 'rbind,ro', device: '/etc' },
        { type: 'none', o: ' bind', device: '/etc' },
        { type: 'none', o: 'BIND', device: '/' },
        { type: '', o: 'bind', device: '/etc' },
        { o: 'bind', device: 'etc' },
        { type: 'none', o: 'ro\u002cbind', device: '/etc' },
        { type: 'ext4', device: '/dev/sda1' },
        { type: 'overlay', o: 'lowerdir=/,upperdir=/tmp/u,workdir=/tmp/w', device: 'overlay' },
        { type: 'nfs', o: 'addr=10.0.0.1,rw', device: ':/' },
        { type: 'cifs', o: 'username=x,password=y', device: '//10.0.0.1/c$' },
        { type: 'tmpfs', device: 'tmpfs' },
        { size: '10G' },
        { mountpoint: '/etc' },
        { '': '' },
        { O: 'bind', DEVICE: '/' },
      ],
      (value) => driver(value),
    ),
    options,
  ),
  attack(
    'E013',
    'options of a driver that is named, or of a mount that is no volume',
    {
      'local by its name': driver({ o: 'bind', device: '/' }, 'local'),
      'an anonymous volume': volume({ DriverConfig: { Options: { o: 'bind', device: '/' } } }, ''),
      'behind a tmpfs': mount({
        Type: 'tmpfs',
        Target: '/t',
        VolumeOptions: { DriverConfig: { Options: { o: 'bind', device: '/' } } },
      }),
    },
    options,
  ),
  attack(
    'E013',
    'options of a driver behind a bind',
    mount({
      Type: 'bind',
      Source: '/',
      Target: '/h',
      VolumeOptions: { DriverConfig: { Options: { o: 'bind' } } },
    }),
    forbidden(operation, 'host-path', 'volume-driver-options'),
  ),
  attack(
    'E013',
    'drivers that are plugins',
    {
      'of a mount': volume({ DriverConfig: { Name: 'evil' } }),
      'of a mount, in capitals': volume({ DriverConfig: { Name: 'LOCAL' } }),
      'of a mount, with a space': volume({ DriverConfig: { Name: 'local ' } }),
      'of the binds': host({ Binds: ['myvol:/v'], VolumeDriver: 'evil' }) as string,
      'of anonymous volumes': create({
        Image: 'busybox',
        Volumes: { '/v': {} },
        HostConfig: { VolumeDriver: 'evil' },
      }) as string,
      'of the volumes of the image': host({ VolumeDriver: 'evil' }) as string,
    },
    forbidden(operation, 'volume-driver'),
  ),
  attack(
    'E013',
    'a volume of one\u2019s own, without options',
    {
      plain: volume({}),
    },
    kept({ Mounts: [{ Type: 'volume', Source: 'myvol', Target: '/data', VolumeOptions: {} }] }),
  ),
  attack(
    'E013',
    'mounts that nobody needs to fear',
    {
      'a volume and a tmpfs': mount(
        {
          Type: 'volume',
          Source: 'myvol',
          Target: '/data',
          VolumeOptions: { NoCopy: true, DriverConfig: { Name: 'local', Options: {} } },
        },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576 } },
      ),
    },
    kept({
      Mounts: [
        {
          Type: 'volume',
          Source: 'myvol',
          Target: '/data',
          VolumeOptions: { NoCopy: true, DriverConfig: { Name: 'local', Options: {} } },
        },
        { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576 } },
      ],
    }),
  ),
  attack(
    'E015',
    'an image as a mount',
    [
      {
        name: 'at 1.48',
        bytes: create(
          { Image: 'busybox', HostConfig: { Mounts: [{ Type: 'image', Source: 'bob/app', Target: '/i' }] } },
          'POST /v1.48/containers/create',
        ),
      },
    ],
    forbidden(operation, 'mount-type'),
  ),
  attack(
    'E015',
    'an image as a mount, with a path in it',
    mount({ Type: 'image', Source: 'bob/app', Target: '/i', ImageOptions: { Subpath: '../..' } }),
    forbidden(operation, 'mount-type'),
  ),
  attack(
    'E015',
    'a volume of the cluster',
    mount({ Type: 'cluster', Source: 'bobv', Target: '/c', ClusterOptions: {} }),
    forbidden(operation, 'mount-type'),
  ),
  attack(
    'E015',
    'types that may be any path',
    each(
      [
        'npipe',
        'api',
        'apisocket',
        'api-socket',
        '',
        'Bind',
        'BIND',
        ' bind',
        'bind ',
        'b\u0131nd',
        'binD',
        'volume\u0000',
        'rbind',
        'host',
        'nfs',
        '\\\\.\\pipe\\docker_engine',
      ],
      (Type) => mount({ Type, Source: '/', Target: '/h' }),
    ),
    forbidden(operation, 'host-path', 'mount-type'),
  ),
  attack(
    'E015',
    'no type at all',
    mount({ Source: '/', Target: '/h' }),
    forbidden(operation, 'host-path', 'mount-type'),
  ),
  attack(
    'E013',
    'a tmpfs that is none: options of other mounts',
    each(['bind', 'rbind,ro', 'rw,remount', 'shared', 'noexec,bind,size=1m', 'BIND', 'source=/etc'], (text) =>
      host({ Tmpfs: { '/t': text } }),
    ),
    hostPath,
    { danger: { container: { 'HostConfig.Tmpfs': { '/t': 'bind' } } } },
  ),
  attack(
    'E013',
    'a tmpfs by Mounts with options of other mounts',
    each([[['bind']], [['noexec'], ['rbind']], [['noexec', '1,bind']]], (Options) =>
      mount({ Type: 'tmpfs', Target: '/t', TmpfsOptions: { Options } }),
    ),
    hostPath,
  ),
  attack(
    'E033',
    'a tmpfs over what the Engine masks',
    {
      Tmpfs: host({ Tmpfs: { '/proc': '' } }),
      'in another spelling': host({ Tmpfs: { '//proc/./sys': 'rw' } }),
      Mounts: mount({ Type: 'tmpfs', Target: '/proc' }),
    },
    forbidden(operation, 'proc-mount'),
  ),
  attack(
    'E017',
    'all mounts of another container',
    host({ VolumesFrom: ['bobc:ro'] }),
    forbidden(operation, 'volumes-from'),
    {
      danger: { container: { 'HostConfig.VolumesFrom': ['bobc:ro'] } },
    },
  ),
  attack(
    'E017',
    'mounts of other containers in every form',
    each(['bobc', 'bobc:rw', 'bobc:z', '/bobc', 'bob', '0123456789ab', '', ':', 'bobc:ro:x'], (from) =>
      host({ VolumesFrom: [from] }),
    ),
    forbidden(operation, 'volumes-from'),
  ),
  attack(
    'E003',
    'volumes, options and targets that are none of the host\u2019s',
    each(
      [
        { Binds: ['myvol:/data', 'other:/b:ro', 'my.vol_1-2:/c:nocopy', '/anonymous'] },
        { Tmpfs: { '/run': 'rw,noexec,nosuid,size=65536k' } },
        { Binds: ['myvol:/etc'] },
      ],
      (value) => host(value),
    ).map((attempt, index) => ({
      ...attempt,
      received: kept(
        [
          { Binds: ['myvol:/data', 'other:/b:ro', 'my.vol_1-2:/c:nocopy', '/anonymous'] },
          { Tmpfs: { '/run': 'rw,noexec,nosuid,size=65536k' } },
          { Binds: ['myvol:/etc'] },
        ][index] ?? {},
      ).received,
    })),
    kept({}),
  ),
  attack(
    'E013',
    'a volume that is made with options',
    each(
      [
        { Name: 'myvol', DriverOpts: { type: 'none', o: 'bind', device: '/etc' } },
        { Name: 'myvol', Driver: 'local', DriverOpts: { o: 'rbind', device: '/' } },
        { DriverOpts: { type: 'nfs', o: 'addr=10.0.0.1', device: ':/' } },
        { Name: 'myvol', DriverOpts: { size: '1G' } },
      ],
      (value) => json('POST /v1.41/volumes/create', JSON.stringify(value)),
    ),
    forbidden('VolumeCreate', 'volume-driver-options'),
  ),
  attack(
    'E013',
    'a volume that is made by a plugin',
    json('POST /v1.41/volumes/create', '{"Name":"myvol","Driver":"evil"}'),
    forbidden('VolumeCreate', 'volume-driver'),
  ),
];
