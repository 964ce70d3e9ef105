/** Requests that say everything that is told as a fact: operation, method and target, body. */

const RESOURCES = {
  Memory: 1,
  MemorySwap: 2,
  NanoCpus: 3,
  PidsLimit: 4,
  OomKillDisable: true,
  Ulimits: [{ Name: 'nofile' }],
  Devices: [{ PathOnHost: '/dev/a' }],
  DeviceCgroupRules: ['a'],
  DeviceRequests: [{ Driver: 'cdi' }],
  BlkioWeightDevice: [{ Path: '/dev/a' }],
  BlkioDeviceReadBps: [{ Path: '/dev/a' }],
  BlkioDeviceWriteBps: [{ Path: '/dev/a' }],
  BlkioDeviceReadIOps: [{ Path: '/dev/a' }],
  BlkioDeviceWriteIOps: [{ Path: '/dev/a' }],
  CgroupParent: '/a',
};

const MOUNTS = [
  { Type: 'bind', Source: '/a', Target: '/a', BindOptions: { Propagation: 'shared' } },
  { Type: 'volume', Source: 'ab', Target: '/b', VolumeOptions: { DriverConfig: { Options: { o: 'bind' } } } },
  { Type: 'image', Source: 'a', Target: '/c' },
  { Type: 'tmpfs', Target: '/d' },
];

const ENDPOINT = { Links: ['a:b'], NetworkID: 'cafe', Aliases: ['a'] };

const MODES = ['NetworkMode', 'PidMode', 'IpcMode', 'UTSMode', 'UsernsMode', 'CgroupnsMode', 'Cgroup'];
const modes = (mode: string) => Object.fromEntries(MODES.map((name) => [name, mode]));

const SECURITY = [
  ...[
    'seccomp=unconfined',
    'apparmor=unconfined',
    'label=disable',
    'no-new-privileges',
    'writable-cgroups',
    'x',
  ],
];

const HOST_CONFIG = {
  ...RESOURCES,
  ...modes('host'),
  Binds: ['/a:/a', 'ab:/b', '/c', ':', '/a:/a:shared'],
  Mounts: MOUNTS,
  Tmpfs: { '/a': '' },
  VolumesFrom: ['a'],
  Links: ['a'],
  CapAdd: ['a'],
  CapDrop: ['a'],
  SecurityOpt: SECURITY,
  MaskedPaths: [],
  ReadonlyPaths: [],
  PortBindings: { '80/tcp': [{}] },
  PublishAllPorts: true,
  ShmSize: 1,
  Sysctls: { a: 'b' },
  Runtime: 'a',
  Annotations: { a: 'b' },
  StorageOpt: { a: 'b' },
  GroupAdd: ['a'],
  OomScoreAdj: 1,
  Privileged: true,
  LogConfig: { Type: 'a', Config: { 'a-address': 'unix:///a' } },
  ExtraHosts: ['a:b'],
  Dns: ['a'],
  RestartPolicy: { Name: 'always' },
};

const CONFIG = {
  User: 'a',
  Env: ['NVIDIA_VISIBLE_DEVICES=all'],
  Labels: { a: 'b' },
  Entrypoint: ['a'],
  Cmd: ['a'],
  Volumes: { '/a': {} },
  WorkingDir: '/proc/self/fd/8',
};

const CHANGES = encodeURIComponent('USER a\nVOLUME /a\nWORKDIR /proc/1/root\nLABEL a=b');

const LOG_DRIVER = { Name: 'a', Options: { 'a-key': '/a' } };

const PRIVILEGES = [
  ...['network', 'mount', 'device', 'capabilities', 'host pid namespace', 'allow-all-devices', 'new'].map(
    (name) => ({
      name,
      description: '',
      value: [name === 'network' ? 'host' : '/a'],
    }),
  ),
];

const SERVICE = {
  Name: 'a',
  Labels: { a: 'b' },
  Networks: [{ Target: 'a' }],
  EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80 }] },
  TaskTemplate: {
    ContainerSpec: {
      Image: 'a',
      User: 'a',
      Dir: '/proc/self',
      Env: ['NVIDIA_VISIBLE_DEVICES=all'],
      Groups: ['a'],
      Mounts: MOUNTS,
      Privileges: {
        CredentialSpec: { Config: 'a', File: 'a', Registry: 'a' },
        SELinuxContext: { Disable: true },
        Seccomp: { Mode: 'unconfined' },
        AppArmor: { Mode: 'disabled' },
        NoNewPrivileges: true,
      },
      CapabilityAdd: ['a'],
      CapabilityDrop: ['a'],
      Sysctls: { a: 'b' },
      Hosts: ['10.0.0.1 a'],
      DNSConfig: { Nameservers: ['a'] },
      Secrets: [{ SecretID: 'a' }, { SecretName: 'a' }],
      Configs: [{ ConfigID: 'a' }, { ConfigName: 'a' }],
      OomScoreAdj: 1,
      Ulimits: [{ Name: 'a' }],
    },
    Resources: {
      Limits: { NanoCPUs: 1, MemoryBytes: 1, Pids: 1 },
      Reservations: { GenericResources: [{ DiscreteResourceSpec: { Kind: 'gpu', Value: 1 } }] },
      SwapBytes: 1,
    },
    RestartPolicy: { Condition: 'any' },
    LogDriver: LOG_DRIVER,
    Networks: [{ Target: 'a' }, { Target: 'host' }],
    PluginSpec: { remote: 'a', privileges: PRIVILEGES, env: ['NVIDIA_VISIBLE_DEVICES=all'] },
  },
};

export const EVERYTHING: readonly (readonly [operation: string, line: string, body?: object])[] = [
  [
    'ContainerCreate',
    'POST /v1.48/containers/create',
    {
      ...CONFIG,
      Image: 'a',
      HostConfig: HOST_CONFIG,
      NetworkingConfig: { EndpointsConfig: { a: ENDPOINT, host: {}, 'container:a': {} } },
    },
  ],
  [
    'ContainerCreate',
    'POST /v1.40/containers/create',
    {
      Image: 'a',
      MacAddress: 'a',
      HostConfig: { ...modes('container:a'), NetworkMode: 'a', CpuQuota: 1, Capabilities: ['a'] },
    },
  ],
  ['ContainerUpdate', 'POST /v1.41/containers/a/update', { ...RESOURCES, RestartPolicy: { Name: 'always' } }],
  ['ContainerUpdate', 'POST /v1.41/containers/a/update', { CpuQuota: 1, PidsLimit: 0 }],
  ['ContainerUpdate', 'POST /v1.41/containers/a/update', { CpuPeriod: 1 }],
  [
    'ContainerExec',
    'POST /v1.41/containers/a/exec',
    { User: '0', Privileged: true, Cmd: ['a'], Env: ['a'], WorkingDir: '/proc/self/fd/8' },
  ],
  ['ContainerStart', 'POST /v1.41/containers/a/start?checkpoint=..%2Fa&checkpoint-dir=/a'],
  [
    'ContainerCheckpointCreate',
    'POST /v1.41/containers/a/checkpoints',
    { CheckpointID: '../a', CheckpointDir: '/a' },
  ],
  ['ContainerCheckpointList', 'GET /v1.41/containers/a/checkpoints?dir=/a'],
  ['ContainerCheckpointDelete', 'DELETE /v1.41/containers/a/checkpoints/.a?dir=/a'],
  ['ImageCommit', `POST /v1.41/commit?repo=a&tag=b&changes=${CHANGES}`, CONFIG],
  ['ImageCommit', 'POST /v1.41/commit?repo=a', CONFIG],
  [
    'ImageBuild',
    `POST /v1.41/build?${[
      't=a',
      'remote=https://a/b',
      'version=2',
      'networkmode=host',
      'extrahosts=a:b',
      'cgroupparent=a',
      ...SECURITY.map((option) => `securityopt=${option}`),
      'memory=1&memswap=1&cpuquota=1&cpuperiod=1&shmsize=1',
      `ulimits=${encodeURIComponent('[{"Name":"a"}]')}`,
      `cachefrom=${encodeURIComponent('["a"]')}`,
      `outputs=${encodeURIComponent('[{"Type":"image","Attrs":{"name":"a"}}]')}`,
      `labels=${encodeURIComponent('{"a":"b"}')}`,
      `buildargs=${encodeURIComponent('{"a":"b"}')}`,
    ].join('&')}`,
  ],
  ['ImageBuild', 'POST /v1.41/build?networkmode=container:a'],
  ['ImageBuild', 'POST /v1.41/build?networkmode=a'],
  ['ImageCreate', 'POST /v1.41/images/create?fromImage=a&tag=b'],
  ['ImageCreate', `POST /v1.41/images/create?fromSrc=http%3A%2F%2Fa&repo=a&changes=${CHANGES}`],
  ['ImagePush', 'POST /v1.41/images/a/push'],
  ['ImageTag', 'POST /v1.41/images/a/tag?repo=b'],
  ['ImageInspect', 'GET /v1.41/images/a/json'],
  ['ImageHistory', 'GET /v1.41/images/a/history'],
  ['ImageAttestations', 'GET /v1.55/images/a/attestations'],
  ['ImageGet', 'GET /v1.41/images/a/get'],
  ['ImageGetAll', 'GET /v1.41/images/get?names=a'],
  ['ImageDelete', 'DELETE /v1.41/images/a'],
  ['ImageSearch', 'GET /v1.41/images/search?term=a'],
  ['DistributionInspect', 'GET /v1.41/distribution/a/json'],
  ['SystemAuth', 'POST /v1.41/auth', { serveraddress: 'a' }],
  [
    'NetworkCreate',
    'POST /v1.41/networks/create',
    { Name: 'a', ConfigFrom: { Network: 'a' }, IPAM: { Driver: 'a' } },
  ],
  ['NetworkConnect', 'POST /v1.41/networks/a/connect', { Container: 'a', EndpointConfig: ENDPOINT }],
  ['NetworkConnect', 'POST /v1.41/networks/host/connect', { Container: 'a' }],
  [
    'VolumeCreate',
    'POST /v1.41/volumes/create',
    { Name: 'a', DriverOpts: { o: 'bind' }, Labels: { a: 'b' } },
  ],
  ['ServiceCreate', 'POST /v1.55/services/create', SERVICE],
  ['ServiceUpdate', 'POST /v1.55/services/a/update?version=1&rollback=previous', SERVICE],
  ['SwarmInit', 'POST /v1.41/swarm/init', { Spec: { TaskDefaults: { LogDriver: LOG_DRIVER } } }],
  ['SwarmUpdate', 'POST /v1.41/swarm/update?version=1', { TaskDefaults: { LogDriver: LOG_DRIVER } }],
  ['SecretCreate', 'POST /v1.41/secrets/create', { Name: 'a', Labels: { a: 'b' }, Driver: { Name: 'a' } }],
  [
    'PluginPull',
    'POST /v1.41/plugins/pull?remote=a',
    PRIVILEGES.map(({ name, description, value }) => ({
      Name: name,
      Description: description,
      Value: value,
    })),
  ],
  ['PluginCreate', 'POST /v1.41/plugins/create?name=a'],
  ['PluginEnable', 'POST /v1.41/plugins/a/enable?timeout=0'],
  ['PluginSet', 'POST /v1.41/plugins/a/set', ['a.source=/b', 'NVIDIA_VISIBLE_DEVICES=all']],
  ['PluginPush', 'POST /v1.41/plugins/a/push'],
  ['GetPluginPrivileges', 'GET /v1.41/plugins/privileges?remote=a'],
];
