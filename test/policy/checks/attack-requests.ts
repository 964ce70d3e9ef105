import type { Row } from './attack-host-configs.ts';

/** Bodies of a create. */
export const CREATES: readonly Row[] = [
  ...[{ IPAMConfig: { IPv4Address: '172.18.0.2' } }, { MacAddress: '02:42:ac:12:00:02' }].map(
    (endpoint): Row => [
      'E045',
      JSON.stringify(endpoint),
      { NetworkingConfig: { EndpointsConfig: { net: endpoint } } },
      ['fixed-address: NetworkingConfig.EndpointsConfig["net"]'],
    ],
  ),
  [
    'E045',
    'DriverOpts',
    {
      NetworkingConfig: {
        EndpointsConfig: { net: { DriverOpts: { 'com.docker.network.endpoint.sysctls': 'x' } } },
      },
    },
    ['endpoint-option: NetworkingConfig.EndpointsConfig["net"]'],
  ],
  [
    'E053',
    'the working directory of CVE-2024-21626',
    { WorkingDir: '/proc/self/fd/8' },
    ['working-directory: WorkingDir'],
  ],
  ['E055', 'GPUs by environment', { Env: ['NVIDIA_VISIBLE_DEVICES=all'] }, ['device: Env[0]']],
];

/** What is the business of tenancy (whose volume, network, image) or of a condition, so that no check finds it. */
export const NOT_A_HAZARD: readonly (readonly [id: string, what: string, body: object])[] = [
  ['E009', 'a volume in Binds', { HostConfig: { Binds: ['bobv:/h'] } }],
  [
    'E009',
    'a volume in Mounts',
    { HostConfig: { Mounts: [{ Type: 'volume', Source: 'bobv', Target: '/h' }] } },
  ],
  ...['Host', 'host ', 'Container:x', 'service:x'].map(
    (NetworkMode) => ['E021', `the network ${NetworkMode}`, { HostConfig: { NetworkMode } }] as const,
  ),
  ['E023', 'shareable IPC', { HostConfig: { IpcMode: 'shareable' } }],
  ['E043', 'hosts and name servers', { HostConfig: { ExtraHosts: ['x:host-gateway'], Dns: ['10.0.0.1'] } }],
  ['E045', 'an alias', { NetworkingConfig: { EndpointsConfig: { net: { Aliases: ['db'] } } } }],
  ['E047', 'a restart policy', { HostConfig: { RestartPolicy: { Name: 'always' } } }],
  ['E049', 'root, in baseline', { User: '0', HostConfig: { GroupAdd: ['docker'] } }],
  ['E057', "somebody's image", { Image: 'bob/app' }],
];

/** Other operations than a create. */
export const REQUESTS: readonly (readonly [
  id: string,
  line: string,
  body: object | undefined,
  found: readonly string[],
])[] = [
  [
    'E015',
    'POST /v1.48/containers/create',
    { Image: 'x', HostConfig: { Mounts: [{ Type: 'image', Source: 'bob/app', Target: '/h' }] } },
    ['mount-type: HostConfig.Mounts[0]'],
  ],
  [
    'E051',
    'POST /v1.41/containers/alicec/update',
    { DeviceCgroupRules: ['a *:* rwm'], Memory: 0, PidsLimit: 0, RestartPolicy: { Name: 'always' } },
    ['device: DeviceCgroupRules[0]', 'lifted-limit: PidsLimit'],
  ],
  [
    'E053',
    'POST /v1.41/containers/alicec/exec',
    { Cmd: ['sh'], Privileged: true, User: '0', WorkingDir: '/proc/self/fd/8' },
    ['privileged: Privileged', 'working-directory: WorkingDir'],
  ],
  ...['macvlan', 'ipvlan', 'host', 'some/plugin'].map(
    (Driver) =>
      [
        'F015',
        'POST /v1.41/networks/create',
        { Name: 'n', Driver, Options: { parent: 'eth0' } },
        ['network-driver: Driver', 'network-option: Options'],
      ] as const,
  ),
  [
    'F017',
    'POST /v1.41/networks/create',
    { Name: 'n', IPAM: { Config: [{ Subnet: '10.0.0.0/8' }] } },
    ['network-subnet: IPAM.Config'],
  ],
  ['F035', 'POST /v1.41/build?networkmode=host', undefined, ['host-namespace: query networkmode']],
  [
    'F035',
    'POST /v1.41/build?networkmode=container:bobc',
    undefined,
    ['container-namespace: query networkmode'],
  ],
  ['F035', 'POST /v1.41/build?cgroupparent=/', undefined, ['cgroup-parent: query cgroupparent']],
  [
    'F037',
    'POST /v1.41/build?session=x&version=2&remote=client-session',
    undefined,
    ['opaque-build: query session'],
  ],
  [
    'E013',
    'POST /v1.41/volumes/create',
    { Name: 'v', DriverOpts: { type: 'none', o: 'bind', device: '/' } },
    ['volume-driver-options: DriverOpts'],
  ],
  [
    'C027',
    'POST /v1.41/images/create?fromSrc=http://metadata.example.com/x&repo=x',
    undefined,
    ['remote-import: query fromSrc'],
  ],
  [
    'C027',
    'POST /v1.41/images/create?fromImage=10.0.0.1:5000/x',
    undefined,
    ['registry-address: query fromImage'],
  ],
  ['C027', 'POST /v1.41/build?remote=http://10.0.0.1/x', undefined, ['remote-build: query remote']],
  [
    'G003',
    'POST /v1.41/services/create',
    {
      TaskTemplate: { ContainerSpec: { Image: 'x', Mounts: [{ Type: 'bind', Source: '/', Target: '/h' }] } },
    },
    ['host-path: TaskTemplate.ContainerSpec.Mounts[0]'],
  ],
  [
    'G005',
    'POST /v1.41/services/create',
    { TaskTemplate: { Runtime: 'plugin', PluginSpec: { Remote: 'evil/p' } } },
    ['plugin: TaskTemplate.PluginSpec.remote'],
  ],
  [
    'G015',
    'POST /v1.41/containers/alicec/checkpoints',
    { CheckpointID: 'c', CheckpointDir: '/etc/cron.d' },
    ['checkpoint-path: CheckpointDir'],
  ],
  ['G015', 'GET /v1.41/containers/alicec/checkpoints?dir=/root', undefined, ['checkpoint-path: query dir']],
];
