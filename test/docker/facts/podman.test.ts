import { describe, expect, it } from 'vitest';
import { CREATE, found } from '../../policy/checks/found.ts';

const mount = (said: object) => ({ Image: 'busybox', HostConfig: { Mounts: [said] } });
const host = (HostConfig: object) => ({ Image: 'busybox', HostConfig });

/** Podman 4.3.1 takes each for what the title says (docs/podman.md has what was tried); dockerd for a name, or refuses it. */
describe('what Podman reads in another way', () => {
  it.each([
    [
      'another source of a bind, within its target',
      mount({ Type: 'bind', Source: '/srv/allowed', Target: '/x,src=/etc' }),
      ['host-path: HostConfig.Mounts[0]', 'host-path: HostConfig.Mounts[0]'],
    ],
    [
      'a source, within the target of a volume',
      mount({ Type: 'volume', Source: 'data', Target: '/x,src=/etc' }),
      ['host-path: HostConfig.Mounts[0]'],
    ],
    [
      'another kind of mount, within its consistency',
      mount({ Type: 'tmpfs', Target: '/x', Consistency: 'cached,type=bind,src=/etc' }),
      ['host-path: HostConfig.Mounts[0]'],
    ],
    [
      'a quoted field of a line of options',
      mount({ Type: 'volume', Source: 'data', Target: '/x"' }),
      ['host-path: HostConfig.Mounts[0]'],
    ],
    [
      'a bind, where an anonymous volume should be',
      { Image: 'busybox', Volumes: { '/etc:/x': {} } },
      ['host-path: Volumes["/etc:/x"]'],
    ],
    [
      'options of a tmpfs, within its path',
      host({ Tmpfs: { '/x:bind': '' } }),
      ['host-path: HostConfig.Tmpfs["/x:bind"]'],
    ],
    [
      'the network of a process',
      host({ NetworkMode: 'ns:/proc/1/ns/net' }),
      ['host-namespace: HostConfig.NetworkMode'],
    ],
    [
      'the loopback of the host',
      host({ NetworkMode: 'slirp4netns:allow_host_loopback=true' }),
      ['host-namespace: HostConfig.NetworkMode'],
    ],
    ['the IPC of a process', host({ IpcMode: 'ns:/proc/1/ns/ipc' }), ['host-namespace: HostConfig.IpcMode']],
    [
      'the host name of a process',
      host({ UTSMode: 'ns:/proc/1/ns/uts' }),
      ['host-namespace: HostConfig.UTSMode'],
    ],
    [
      'the users of a process',
      host({ UsernsMode: 'ns:/proc/1/ns/user' }),
      ['host-namespace: HostConfig.UsernsMode'],
    ],
    [
      'the cgroups of a process',
      host({ CgroupnsMode: 'ns:/proc/1/ns/cgroup' }),
      ['host-namespace: HostConfig.CgroupnsMode'],
    ],
    [
      'the processes of a process',
      host({ PidMode: 'ns:/proc/1/ns/pid' }),
      ['host-namespace: HostConfig.PidMode', 'container-namespace: HostConfig.PidMode'],
    ],
    [
      'an upper directory of an overlay',
      host({ Binds: ['data:/x:O,upperdir=/etc,workdir=/tmp/w'] }),
      ['host-path: HostConfig.Binds[0]'],
    ],
    ['a folder relative to its own', host({ Binds: ['./etc:/x'] }), ['host-path: HostConfig.Binds[0]']],
    [
      'a file of the host to write the log to',
      host({ LogConfig: { Type: 'json-file', Config: { path: '/etc/cron.d/x' } } }),
      ['log-driver: HostConfig.LogConfig'],
    ],
    [
      'what it masks, shown',
      host({ SecurityOpt: ['unmask=ALL'] }),
      ['security-option: HostConfig.SecurityOpt[0]'],
    ],
  ] as const)('%s', (_, body, faults) => {
    expect([...new Set(found('baseline', CREATE, body))].sort()).toEqual([...new Set(faults)].sort());
  });

  it('another kind of mount, within the folder of a volume (Podman 6)', () => {
    const Subpath = 'a,type=image,src=other/private';
    const body = mount({ Type: 'volume', Source: 'data', Target: '/x', VolumeOptions: { Subpath } });
    expect(found('baseline', CREATE.replace('1.41', '1.45'), body)).toEqual([
      'host-path: HostConfig.Mounts[0]',
    ]);
  });

  it('a tar file of the host, where an import names an address', () => {
    const line = `POST /v1.41/images/create?repo=mine&fromSrc=${encodeURIComponent('/var/backups/host.tar')}`;
    expect(found('baseline', line)).toEqual(['remote-import: query fromSrc']);
  });

  it('leaves alone what both read alike', () => {
    const body = {
      Image: 'busybox',
      Volumes: { '/data': {} },
      HostConfig: {
        Tmpfs: { '/mem': 'size=1m' },
        NetworkMode: 'net',
        IpcMode: 'private',
        CgroupnsMode: 'private',
        Mounts: [{ Type: 'volume', Source: 'data', Target: '/x y' }],
      },
    };
    expect(found('baseline', CREATE, body)).toEqual([]);
  });
});
