import type { HostPathFact } from '../../../src/docker/facts/types.ts';
import { hostPath } from '../../../src/policy/checks/host-path.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Binds[0]';
const remedy = 'use a named volume (docker run -v NAME:/path)';
const path = (said: Partial<HostPathFact>): { hostPaths: readonly HostPathFact[] } => ({
  hostPaths: [{ field, path: '/etc', mode: 'rw', via: 'bind', ...said }],
});

describeCheck(hostPath, 'host-path', {
  refuses: [
    ['a bind', path({}), [{ field, asks: 'mounts "/etc" of the host', remedy }]],
    [
      'a bind that is read-only',
      path({ mode: 'ro' }),
      [{ field, asks: 'mounts "/etc" of the host, read-only', remedy }],
    ],
    [
      'a bind that relabels the files',
      path({ mode: 'ro', relabel: 'private' }),
      [{ field, asks: 'mounts "/etc" of the host, read-only, and changes its SELinux labels', remedy }],
    ],
    [
      'a path that cannot be told',
      path({ path: null }),
      [{ field, asks: 'mounts a path of the host that cannot be told', remedy }],
    ],
    [
      'mounts that spread to the host',
      path({ via: 'propagation', path: '/srv' }),
      [{ field, asks: 'passes mounts on to "/srv" of the host', remedy }],
    ],
    [
      'a way to the host that is new',
      path({ via: 'wormhole' as HostPathFact['via'] }),
      [{ field, asks: 'mounts "/etc" of the host', remedy }],
    ],
    [
      'each of several, by its field',
      {
        hostPaths: [
          { field: 'HostConfig.Binds[0]', path: '/a', mode: 'rw', via: 'bind' },
          { field: 'HostConfig.Devices[0]', path: '/dev/sda', mode: 'rw', via: 'device' },
          { field: 'HostConfig.Mounts[0]', path: '/b\n', mode: 'rw', via: 'bind' },
        ],
      },
      [
        { field: 'HostConfig.Binds[0]', asks: 'mounts "/a" of the host', remedy },
        { field: 'HostConfig.Mounts[0]', asks: 'mounts "/b\\n" of the host', remedy },
      ],
    ],
  ],
  accepts: (
    ['driver-option', 'device', 'log-option', 'checkpoint', 'credential-spec', 'working-dir'] as const
  ).map((via) => [`a path by way of ${via}, which is another check's`, path({ via })] as const),
});
