/** A command that the profile baseline refuses, the reason, and what is said of it after "this OPERATION on ...: ". */
export interface Refused {
  readonly command: string;
  readonly operation: string;
  readonly reason: string;
  readonly said: string;
}

const run = (options: string, reason: string, said: string): Refused => ({
  command: `run --rm ${options} busybox true`,
  operation: 'ContainerCreate on container/-',
  reason,
  said: `HostConfig.${said}`,
});

const FORBIDDEN = 'which the profile baseline forbids:';
const NAMED = 'use a named volume (docker run -v NAME:/path)';
const CAPABILITIES =
  'AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, ' +
  'SETUID, SYS_CHROOT';
const DEVICE = 'leave it out (docker run without --device, --device-cgroup-rule and --gpus)';

function hostNamespace(flag: string, field: string, namespace: string): Refused {
  const said = `${field} joins the ${namespace} namespace of the host, ${FORBIDDEN}`;
  return run(`${flag} host`, 'host-namespace', `${said} leave it out (docker run without ${flag}=host)`);
}

/** What a developer must not do, in the words in which the CLI prints it. */
export const REFUSED: readonly Refused[] = [
  run(
    '--privileged',
    'privileged',
    `Privileged gives the container full access to the host, ${FORBIDDEN} leave Privileged out (docker run without --privileged)`,
  ),
  run('-v /etc:/h', 'host-path', `Binds[0] mounts "/etc" of the host, ${FORBIDDEN} ${NAMED}`),
  run(
    '-v /srv/../etc/:/h:ro',
    'host-path',
    `Binds[0] mounts "/etc" of the host, read-only, ${FORBIDDEN} ${NAMED}`,
  ),
  run(
    '--mount type=bind,source=/etc,target=/h',
    'host-path',
    `Mounts[0] mounts "/etc" of the host, ${FORBIDDEN} ${NAMED}`,
  ),
  run(
    '--mount type=volume,source=vol,target=/h,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/',
    'volume-driver-options',
    `Mounts[0] gives the volume driver options ("device", "o", "type") that can mount any path of the host, ${FORBIDDEN} ` +
      'leave the options out (docker volume create without --opt)',
  ),
  run(
    '--volumes-from other',
    'volumes-from',
    `VolumesFrom[0] takes over all mounts of the container "other", ${FORBIDDEN} mount the volumes by name ` +
      '(docker run -v NAME:/path, without --volumes-from)',
  ),
  run(
    '--volume-driver sshfs -v data:/data',
    'volume-driver',
    `Binds[0] uses the volume driver "sshfs", a plugin, ${FORBIDDEN} use the driver local (docker run without --volume-driver)`,
  ),
  run(
    '--cap-add SYS_ADMIN',
    'capability',
    `CapAdd[0] adds the capability "SYS_ADMIN", ${FORBIDDEN} leave it out (docker run without --cap-add), or add one of ${CAPABILITIES}`,
  ),
  hostNamespace('--pid', 'PidMode', 'pid'),
  hostNamespace('--network', 'NetworkMode', 'network'),
  hostNamespace('--ipc', 'IpcMode', 'ipc'),
  hostNamespace('--uts', 'UTSMode', 'uts'),
  hostNamespace('--userns', 'UsernsMode', 'user'),
  hostNamespace('--cgroupns', 'CgroupnsMode', 'cgroup'),
  run(
    '--pid container:other',
    'container-namespace',
    `PidMode joins the pid namespace of the container "other", ${FORBIDDEN} leave it out (docker run without --pid=container:...)`,
  ),
  run('--device /dev/fuse', 'device', `Devices[0] hands over the device "/dev/fuse", ${FORBIDDEN} ${DEVICE}`),
  run('--gpus all', 'device', `DeviceRequests[0] asks for devices through "gpu", ${FORBIDDEN} ${DEVICE}`),
  run(
    '--device-read-bps /dev/sda:1mb',
    'device',
    `BlkioDeviceReadBps[0] names the device "/dev/sda" of the host, ${FORBIDDEN} leave it out (docker run without ` +
      '--device-read-bps, --blkio-weight-device and the like)',
  ),
  run(
    '--security-opt seccomp=unconfined',
    'seccomp',
    `SecurityOpt[0] turns the seccomp filter off, ${FORBIDDEN} leave it out, the Engine's own profile holds then ` +
      '(docker run without --security-opt seccomp=...)',
  ),
  run(
    '--security-opt apparmor=unconfined',
    'apparmor',
    `SecurityOpt[0] sets the AppArmor profile "unconfined", ${FORBIDDEN} leave it out, docker-default holds then ` +
      '(docker run without --security-opt apparmor=...)',
  ),
  run(
    '--runtime runc',
    'runtime',
    `Runtime chooses the runtime "runc", ${FORBIDDEN} leave it out, the Engine's default runs then (docker run without --runtime)`,
  ),
  run(
    '--cgroup-parent /free',
    'cgroup-parent',
    `CgroupParent chooses the parent cgroup "/free", ${FORBIDDEN} leave it out (docker run without --cgroup-parent)`,
  ),
  run(
    '--sysctl net.ipv4.ip_forward=1',
    'sysctl',
    `Sysctls["net.ipv4.ip_forward"] sets the kernel parameter "net.ipv4.ip_forward", ${FORBIDDEN} leave it out (docker ` +
      'run without --sysctl); kernel.shm_rmid_forced, port ranges and TCP timers of net.ipv4 are accepted',
  ),
  run(
    '--log-driver syslog --log-opt syslog-address=tcp://192.0.2.1:514',
    'log-driver',
    `LogConfig sends the logs by the driver "syslog", ${FORBIDDEN} use json-file, local or journald (docker run without --log-driver)`,
  ),
  run(
    '--oom-score-adj -900',
    'oom-score',
    `OomScoreAdj has the kernel kill others before it (-900), ${FORBIDDEN} leave it out, or raise it (docker run --oom-score-adj 500)`,
  ),
  run(
    '-p 80:80',
    'privileged-port',
    `PortBindings["80/tcp"][0] publishes "80/tcp" on port 80 of the host, ${FORBIDDEN} publish on a port from 1024 up ` +
      '(docker run -p 8080:80)',
  ),
  run(
    '--link other',
    'container-link',
    `Links[0] links to the container "other", ${FORBIDDEN} put both on one network (docker run --network NAME, without --link)`,
  ),
  run(
    '--storage-opt size=1G',
    'storage-option',
    `StorageOpt["size"] gives the storage driver the option "size", ${FORBIDDEN} leave it out (docker run without --storage-opt)`,
  ),
  {
    command: 'volume create -o type=none -o o=bind -o device=/ rootvol',
    operation: 'VolumeCreate on volume/-',
    reason: 'volume-driver-options',
    said:
      `DriverOpts gives the volume driver options ("device", "o", "type") that can mount any path of the host, ${FORBIDDEN} ` +
      'leave the options out (docker volume create without --opt)',
  },
  {
    command: 'network create -d macvlan outside',
    operation: 'NetworkCreate on network/-',
    reason: 'network-driver',
    said:
      `Driver makes a network with the driver "macvlan", ${FORBIDDEN} make a bridge or overlay network (docker network ` +
      'create --driver bridge NAME)',
  },
  {
    command: 'import http://files.example/root.tar',
    operation: 'ImageCreate on image',
    reason: 'remote-import',
    said:
      `query fromSrc has the Engine fetch a file system from "files.example", ${FORBIDDEN} send the file (docker import FILE ` +
      'instead of docker import URL)',
  },
];

/** What no grant of a developer is about, whatever it asks for. */
export const NOT_GRANTED: readonly (readonly [command: string, deed: string])[] = [
  ['plugin install vieux/sshfs', 'GetPluginPrivileges on plugin/docker.io/vieux/sshfs'],
  ['service create busybox', 'ServiceCreate on service/-'],
  ['swarm init', 'SwarmInit on swarm'],
  ['secret ls', 'SecretList on secret/-'],
  ['config ls', 'ConfigList on config/-'],
];
