import {
  array,
  bool,
  field,
  int64,
  type Made,
  map,
  string,
  strings,
  struct,
  uint32,
  uint64,
} from '../types.ts';
import { MOUNT } from './mounts.ts';
import { RESOURCES_FIELDS, RESTART_POLICY } from './resources.ts';

const LOG_CONFIG = struct('LogConfig', {
  Type: field(string, 'the log driver'),
  // splunk-token and its like.
  Config: field(map(string), 'options of the log driver', { secret: true }),
});

const PORT_BINDING = struct('PortBinding', {
  HostIp: field(string, 'the address of the host; every one when absent'),
  HostPort: field(string, 'the port of the host, or a range; the Engine picks one when absent'),
});

/**
 * What a container gets of the host. `InitPath`, a program of the host that Docker 1.13 and 17.x run as init and no
 * API documents, is missing on purpose.
 */
export const HOST_CONFIG = struct('HostConfig', {
  Binds: field(array(string), 'mounts, as source:target:options'),
  ContainerIDFile: field(
    string,
    "a file of the client's for the container's id; the Engine only keeps the name",
  ),
  LogConfig: field(LOG_CONFIG, 'where its output is logged'),
  NetworkMode: field(string, 'the network: a name, none, host, or container:<container>'),
  PortBindings: field(map(array(PORT_BINDING)), 'ports of the host that lead to ports of the container'),
  RestartPolicy: field(RESTART_POLICY, 'what happens when it has ended'),
  AutoRemove: field(bool, 'whether it is removed when it has ended'),
  VolumeDriver: field(string, 'the driver of volumes that are made for it'),
  VolumesFrom: field(array(string), 'containers whose mounts it shares'),
  ConsoleSize: field(array(uint64), 'height and width of its terminal'),
  Annotations: field(map(string), 'annotations for the runtime'),
  Mounts: field(array(MOUNT), 'mounts'),

  CapAdd: field(strings, 'capabilities it gets besides the default ones'),
  CapDrop: field(strings, 'default capabilities it does not get'),
  // Docker 19.03 alone reads it.
  Capabilities: field(array(string), 'capabilities it gets in place of the default ones', {
    since: 40,
    removed: 41,
  }),
  CgroupnsMode: field(string, 'the cgroup namespace: private or host'),
  Dns: field(array(string), 'DNS servers'),
  DnsOptions: field(array(string), 'options for resolv.conf'),
  DnsSearch: field(array(string), 'DNS search domains'),
  ExtraHosts: field(array(string), 'further lines of /etc/hosts, as name:address'),
  GroupAdd: field(array(string), 'further groups of its processes'),
  IpcMode: field(string, 'the IPC namespace: none, private, shareable, host, or container:<container>'),
  Cgroup: field(string, 'the cgroup: container:<container>'),
  Links: field(array(string), 'containers it reaches by name, as container:alias'),
  OomScoreAdj: field(int64, 'how readily the kernel kills it when memory runs out, -1000 to 1000'),
  PidMode: field(string, 'the PID namespace: host, or container:<container>'),
  Privileged: field(bool, 'whether it has full access to the host'),
  PublishAllPorts: field(bool, 'whether every exposed port gets a port of the host'),
  ReadonlyRootfs: field(bool, 'whether its root file system is read-only'),
  SecurityOpt: field(array(string), 'seccomp, AppArmor, SELinux and no-new-privileges'),
  StorageOpt: field(map(string), 'options of the storage driver'),
  Tmpfs: field(map(string), 'by path in the container, the options of a tmpfs there'),
  UTSMode: field(string, 'the UTS namespace: host'),
  UsernsMode: field(string, 'the user namespace: host'),
  ShmSize: field(int64, 'bytes of /dev/shm'),
  Sysctls: field(map(string), 'kernel parameters of its namespaces'),
  Runtime: field(string, 'the OCI runtime'),
  Umask: field(uint32, 'the umask of its processes, as a number'),
  Init: field(bool, 'whether an init process runs before the command'),
  // An empty array masks nothing, an absent one the default paths.
  MaskedPaths: field(array(string), 'paths that are hidden, in place of the default ones'),
  ReadonlyPaths: field(array(string), 'paths that are read-only, in place of the default ones'),
  Isolation: field(string, 'how it is isolated: default, process or hyperv; Windows only'),

  ...RESOURCES_FIELDS,
});
export type HostConfig = Made<typeof HOST_CONFIG>;
