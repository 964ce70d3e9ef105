/** By field: a value that an Engine takes without harm, and what must stand beside it. */
type Samples = Readonly<
  Record<string, readonly [value: unknown, besides?: Readonly<Record<string, unknown>>]>
>;

/** For the top level of ContainerCreate's body. */
export const CONFIG_SAMPLES: Samples = {
  Hostname: ['host1'],
  Domainname: ['example.com'],
  User: ['1000:1000'],
  AttachStdin: [true],
  AttachStdout: [true],
  AttachStderr: [true],
  ExposedPorts: [{ '80/tcp': {}, '53/udp': {} }],
  Tty: [true],
  OpenStdin: [true],
  StdinOnce: [true],
  Cmd: [['sleep', '1']],
  Healthcheck: [
    {
      Test: ['CMD', 'true'],
      Interval: 2_000_000_000,
      Timeout: 3_000_000_000,
      Retries: 4,
      StartPeriod: 5_000_000_000,
    },
  ],
  ArgsEscaped: [true],
  Image: ['busybox:latest'],
  Volumes: [{ '/data': {} }],
  WorkingDir: ['/work'],
  Entrypoint: [['sh', '-c']],
  NetworkDisabled: [true],
  MacAddress: ['02:42:ac:11:00:77'],
  OnBuild: [['RUN true']],
  Labels: [{ a: 'b' }],
  StopSignal: ['SIGINT'],
  StopTimeout: [7],
  Shell: [['/bin/ash', '-c']],
};

const RATE = [{ Path: '/dev/null', Rate: 1_000_000 }];

/**
 * For HostConfig.
 *
 * @param other a container that exists
 */
export const hostSamples = (other: string): Samples => ({
  Binds: [['/tmp:/b:ro']],
  ContainerIDFile: ['/tmp/cid'],
  LogConfig: [{ Type: 'json-file', Config: { 'max-size': '1m' } }],
  NetworkMode: ['none'],
  PortBindings: [{ '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] }],
  RestartPolicy: [{ Name: 'on-failure', MaximumRetryCount: 3 }],
  AutoRemove: [true],
  VolumeDriver: ['local'],
  VolumesFrom: [[`${other}:ro`]],
  ConsoleSize: [[24, 80]],
  Mounts: [
    [
      {
        Type: 'bind',
        Source: '/usr',
        Target: '/m',
        ReadOnly: true,
        Consistency: 'cached',
        BindOptions: { Propagation: 'rprivate', NonRecursive: true },
      },
      {
        Type: 'volume',
        Source: 'body-models-volume',
        Target: '/v',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          DriverConfig: { Name: 'local', Options: { type: 'tmpfs', device: 'tmpfs' } },
        },
      },
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576, Mode: 1016 } },
    ],
  ],
  CapAdd: [['NET_ADMIN']],
  CapDrop: [['MKNOD']],
  CgroupnsMode: ['private'],
  Dns: [['10.0.0.1']],
  DnsOptions: [['ndots:2']],
  DnsSearch: [['example.com']],
  ExtraHosts: [['a:10.0.0.2']],
  GroupAdd: [['10']],
  IpcMode: ['none'],
  Cgroup: ['x'],
  OomScoreAdj: [100],
  PidMode: ['host'],
  Privileged: [true],
  PublishAllPorts: [true],
  ReadonlyRootfs: [true],
  SecurityOpt: [['no-new-privileges']],
  Tmpfs: [{ '/tt': 'size=1m' }],
  UTSMode: ['host'],
  UsernsMode: ['host'],
  ShmSize: [1_048_576],
  Sysctls: [{ 'net.ipv4.ip_local_port_range': '1024 2000' }],
  Runtime: ['runc'],
  Init: [true],
  MaskedPaths: [[]],
  ReadonlyPaths: [['/proc/sys']],
  Isolation: ['default'],
  CpuShares: [512],
  Memory: [67_108_864],
  NanoCpus: [500_000_000],
  CgroupParent: ['/parent'],
  BlkioDeviceReadBps: [RATE],
  BlkioDeviceWriteBps: [RATE],
  BlkioDeviceReadIOps: [RATE],
  BlkioDeviceWriteIOps: [RATE],
  CpuPeriod: [100_000],
  CpuQuota: [50_000],
  CpuRealtimePeriod: [1_000_000],
  CpuRealtimeRuntime: [950_000],
  CpusetCpus: ['0'],
  CpusetMems: ['0'],
  Devices: [[{ PathOnHost: '/dev/null', PathInContainer: '/dev/n', CgroupPermissions: 'r' }]],
  DeviceCgroupRules: [['c 1:3 r']],
  DeviceRequests: [
    [{ Driver: 'x', Count: -1, DeviceIDs: null, Capabilities: [['gpu']], Options: { a: 'b' } }],
  ],
  KernelMemoryTCP: [8_388_608],
  MemoryReservation: [33_554_432],
  MemorySwap: [134_217_728, { Memory: 67_108_864 }],
  MemorySwappiness: [10],
  OomKillDisable: [true, { Memory: 67_108_864 }],
  PidsLimit: [100],
  Ulimits: [[{ Name: 'nofile', Soft: 100, Hard: 200 }]],
  CpuCount: [2],
});

/** Fields of HostConfig that Linux, or this kernel, can not do; what the Engine then says of them. */
export const DECLINED_SAMPLES: Readonly<Record<string, readonly [value: unknown, says: RegExp]>> = {
  BlkioWeight: [300, /Block I\/O weight/],
  BlkioWeightDevice: [[{ Path: '/dev/null', Weight: 300 }], /Block I\/O weight_device/],
  KernelMemory: [8_388_608, /kernel memory limit/],
  CpuPercent: [50, /CPU percent/],
  IOMaximumIOps: [18_446_744, /IOPS/i],
  IOMaximumBandwidth: [18_446_744, /IO/i],
  StorageOpt: [{ size: '1G' }, /storage-opt/],
  Links: [['no-such-container:alias'], /no-such-container/],
};

/** Fields of HostConfig that Engine 20.10 does not have. */
export const NEWER_FIELDS = ['Annotations', 'Capabilities', 'DiskQuota', 'Umask'];
