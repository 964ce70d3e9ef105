import { expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import type { HostPathFact } from '../../../src/docker/facts/types.ts';
import { hostPathsWithin } from '../../../src/policy/functions/host-paths-within.ts';
import { questionOf, VOCABULARY } from '../support.ts';
import { describeFunction, judge } from './support.ts';

const path = (at: string | null, mode: 'ro' | 'rw' = 'rw'): HostPathFact => ({
  field: 'Binds',
  path: at,
  mode,
  via: 'bind',
});

describeFunction(hostPathsWithin, {
  cases: {
    'takes a path itself and what is below': [
      ['/srv/ci'],
      { hostPaths: [path('/srv/ci'), path('/srv/ci/a/b')] },
    ],
    'takes whole components only': [
      ['/srv/ci'],
      { hostPaths: [path('/srv/ci2'), path('/srv'), path('/')] },
      'Binds reaches "/srv/ci2" of the host',
      'Binds reaches "/srv" of the host',
      'Binds reaches "/" of the host',
    ],
    'takes what one of several holds': [['/a', '/b'], { hostPaths: [path('/b/c'), path('/a')] }],
    'takes everything below the root': [['/'], { hostPaths: [path('/'), path('/etc')] }],
    'takes read-only paths read-only': [
      ['/etc:ro', '/srv'],
      { hostPaths: [path('/etc/ssl', 'ro'), path('/srv', 'ro')] },
    ],
    'takes read-only paths no other way': [
      ['/etc:ro', '/opt'],
      { hostPaths: [path('/etc/ssl'), path('/srv'), path('/root', 'ro')] },
      'Binds reaches "/etc/ssl" of the host, and may write it',
      'Binds reaches "/srv" of the host',
      'Binds reaches "/root" of the host, read-only',
    ],
    'takes no path that can not be told': [
      ['/'],
      { hostPaths: [path(null)] },
      '? Binds reaches a path of the host that can not be told',
    ],
    'takes no mounts of others': [
      ['/'],
      { volumesFrom: [{ field: 'HostConfig.VolumesFrom[0]', container: 'db' }] },
      '? HostConfig.VolumesFrom[0] takes over whatever "db" has mounted',
    ],
    'looks at every way to a path': [
      ['/srv'],
      { hostPaths: [{ ...path('/dev/sda'), via: 'device' }] },
      'Binds reaches "/dev/sda" of the host',
    ],
    'is met without any': [['/srv'], {}],
  },
  faults: [
    [['srv'], '"srv" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
    [['/srv/'], '"/srv/" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
    [['/srv/../etc'], '"/srv/../etc" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
    [['/srv/*'], '"/srv/*" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
    [['/srv:rw'], '"/srv:rw" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
    [['/srv', ''], '"" is no clean absolute path, such as /srv/ci or /srv/ci:ro'],
  ],
});

it('hostPathsWithin takes a root for where it leads too, where that can be seen', () => {
  const realPath = (at: string): string | null => (at === '/srv/ci' ? '/mnt/data' : null);
  const prepared = hostPathsWithin.prepare(['/srv/ci:ro', '/etc'], { ...VOCABULARY, realPath });
  if (typeof prepared === 'string') throw new Error(prepared);
  const met = (...hostPaths: HostPathFact[]) =>
    prepared.judge(
      { ...questionOf({}, 'ContainerCreate', 'x'), facts: { ...NO_FACTS, hostPaths } },
      undefined,
      'allow',
    ).met;
  expect(met(path('/srv/ci/a', 'ro'), path('/mnt/data/a', 'ro'), path('/etc/x'))).toBe(true);
  expect(met(path('/mnt/data/a'))).toBe(false);
  expect(met(path('/mnt', 'ro'))).toBe(false);
});

it('hostPathsWithin tells which paths are taken, and which of them read-only', () => {
  const { against } = judge(
    hostPathsWithin,
    ['/srv/ci', '/etc:ro'],
    { hostPaths: [path('/')] },
    'ContainerCreate',
  );
  expect(against.map(({ remedy }) => remedy)).toEqual([
    'mount what is below /srv/ci or /etc (read-only), or a named volume',
  ]);
});
