import fc from 'fast-check';

/** One generated body of a ContainerCreate. */
export interface Sample {
  readonly bytes: Buffer;
  /** What was done to its text, if anything: what a refusal of its form has to be explained by. */
  readonly damage: Damage;
}

export type Damage =
  | 'none'
  | 'duplicate-key'
  | 'folded-key'
  | 'unknown-field'
  | 'wrong-type'
  | 'not-json'
  | 'top-level'
  | 'escaped';

const images = fc.constantFrom('busybox', 'busybox:latest', 'docker.io/library/busybox');
const names = fc.constantFrom('data', 'cache', 'fuzz-v1', 'fuzz-v2');
const paths = fc.constantFrom(
  '/',
  '/etc',
  '//etc',
  '/./etc/.',
  '/var/../etc',
  '/var/run/docker.sock',
  '/tmp/x',
);
const inside = fc.constantFrom('/h', '/data', '/mnt/a', '/srv');
const modes = fc.constantFrom('', ':ro', ':rw', ':z', ':Z', ':rw,z', ':nocopy', ':ro,rslave', ':bogus');
const capabilities = fc.constantFrom(
  ...['CHOWN', 'cap_chown', 'NET_BIND_SERVICE', 'CAP_KILL', 'setuid', 'MKNOD', 'SYS_CHROOT', 'AUDIT_WRITE'],
  ...[
    'SYS_ADMIN',
    'sys_admin',
    'CAP_SYS_ADMIN',
    'cap_Sys_Admin',
    'NET_ADMIN',
    'NET_RAW',
    'ALL',
    'all',
    'BPF',
  ],
  ...['\u017fys_admin', 'BOGUS', ''],
);

const bind = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(names, inside, modes).map(([a, b, mode]) => `${a}:${b}${mode}`) },
  { weight: 2, arbitrary: fc.tuple(paths, inside, modes).map(([a, b, mode]) => `${a}:${b}${mode}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('/anonymous', 'a:b:c:d', ':/x', '..:/h', './x:/h', '~:/h', 'x/y:/h', ''),
  },
);
const driverOptions = fc.constantFrom(
  { type: 'none', o: 'bind', device: '/' },
  { o: 'rbind,ro', device: 'etc' },
  { type: 'tmpfs', device: 'tmpfs' },
  {},
);
const mount = fc.oneof(
  fc.record({ Type: fc.constant('volume'), Source: names, Target: inside }),
  fc.record({ Type: fc.constant('tmpfs'), Target: inside }),
  fc.record({ Type: fc.constant('bind'), Source: paths, Target: inside, ReadOnly: fc.boolean() }),
  fc.record({ Source: paths, Target: inside }),
  fc.record({
    Type: fc.constant('volume'),
    Source: fc.constantFrom('', 'fuzz-opt'),
    Target: inside,
    VolumeOptions: fc.record({
      DriverConfig: fc.record(
        { Name: fc.constantFrom('', 'local'), Options: driverOptions },
        { requiredKeys: [] },
      ),
    }),
  }),
  fc.constantFrom(
    { Type: 'npipe', Source: 'a', Target: '/b' },
    { Type: 'image', Source: 'busybox', Target: '/i' },
  ),
);
const modeOf = (...own: string[]) =>
  fc.constantFrom('', 'host', 'Host', 'host ', 'container:fuzz-other', 'Container:x', ...own);
const security = fc.constantFrom(
  ...['no-new-privileges', 'no-new-privileges:true', 'no-new-privileges=F', 'no-new-privileges:0'],
  ...[
    'seccomp=unconfined',
    'seccomp:unconfined',
    'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
    'seccomp=builtin',
  ],
  ...['apparmor=unconfined', 'apparmor:unconfined', 'apparmor=docker-default', 'systempaths=unconfined'],
  ...[
    'label=disable',
    'label:disable',
    'label=type:spc_t',
    'label=user:root',
    'label=level:s0:c1',
    'bogus=1',
  ],
);
const sysctls = fc.dictionary(
  fc.constantFrom(
    'net.ipv4.tcp_syncookies',
    'kernel.shm_rmid_forced',
    'kernel.core_pattern',
    'net.ipv4.ip_forward',
  ),
  fc.constantFrom('0', '1'),
  { maxKeys: 2 },
);
const logging = fc.constantFrom(
  { Type: 'json-file', Config: {} },
  { Type: 'json-file', Config: { 'max-size': '1m' } },
  { Type: 'none', Config: {} },
  { Type: '', Config: {} },
  { Type: 'syslog', Config: { 'syslog-address': 'unix:///var/run/docker.sock' } },
  { Type: 'fluentd', Config: { 'fluentd-address': '10.0.0.1:24224', 'fluentd-async-connect': 'true' } },
  { Type: 'gelf', Config: { 'gelf-address': 'udp://10.0.0.1:12201' } },
);
const ports = fc.dictionary(
  fc.constantFrom('80/tcp', '53/udp', '8080'),
  fc.array(
    fc.record(
      {
        HostIp: fc.constantFrom('', '127.0.0.1'),
        HostPort: fc.constantFrom('', '8080', '80', '30000-30010', '443'),
      },
      { requiredKeys: [] },
    ),
    { maxLength: 2 },
  ),
  { maxKeys: 2 },
);

/** One in twelve is of the second kind, else few bodies would reach what the others are about. */
function rarely<A, B>(usual: fc.Arbitrary<A>, rare: fc.Arbitrary<B>): fc.Arbitrary<A | B> {
  return fc.oneof<fc.MaybeWeightedArbitrary<A | B>[]>(
    { weight: 11, arbitrary: usual },
    { weight: 1, arbitrary: rare },
  );
}

const hostConfig = fc.record(
  {
    Privileged: fc.boolean(),
    Binds: fc.array(bind, { maxLength: 3 }),
    Mounts: fc.array(mount, { maxLength: 2 }),
    VolumesFrom: fc.constantFrom(null, [], ['fuzz-other'], ['fuzz-other:ro']),
    VolumeDriver: fc.constantFrom('', 'local', 'bogus'),
    NetworkMode: modeOf('none', 'bridge', 'default'),
    PidMode: modeOf(),
    IpcMode: modeOf('private', 'shareable', 'none'),
    UTSMode: fc.constantFrom('', 'host'),
    UsernsMode: fc.constantFrom('', 'host'),
    CgroupnsMode: fc.constantFrom('', 'private', 'host'),
    CapAdd: fc.oneof(fc.array(capabilities, { maxLength: 3 }), capabilities),
    CapDrop: fc.oneof(fc.array(capabilities, { maxLength: 2 }), capabilities),
    SecurityOpt: fc.array(security, { maxLength: 2 }),
    MaskedPaths: fc.constantFrom(null, [], ['/proc/kcore']),
    ReadonlyPaths: fc.constantFrom(null, [], ['/proc/sys']),
    Devices: fc.constantFrom(
      null,
      [],
      [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x', CgroupPermissions: 'rwm' }],
    ),
    DeviceCgroupRules: fc.constantFrom(null, [], ['a *:* rwm'], ['c 1:3 r']),
    DeviceRequests: fc.constantFrom(null, [], [{ Driver: '', Count: -1, Capabilities: [['gpu']] }]),
    Sysctls: sysctls,
    LogConfig: logging,
    PortBindings: ports,
    PublishAllPorts: fc.boolean(),
    Runtime: fc.constantFrom('', 'runc', 'io.containerd.runc.v2', 'bogus'),
    CgroupParent: fc.constantFrom('', '/', 'fuzz'),
    OomScoreAdj: fc.constantFrom(0, -1000, 500),
    Memory: fc.constantFrom(0, 6_291_456, 1_073_741_824),
    PidsLimit: fc.constantFrom(null, 0, -1, 100),
    RestartPolicy: fc.constantFrom(
      { Name: 'no' },
      { Name: 'always' },
      { Name: 'on-failure', MaximumRetryCount: 3 },
    ),
    ExtraHosts: fc.constantFrom(null, ['x:10.0.0.1'], ['x:host-gateway']),
    Dns: fc.constantFrom(null, [], ['10.0.0.1']),
    Links: fc.constantFrom(null, [], ['fuzz-other:db']),
    GroupAdd: fc.constantFrom(null, ['audio'], ['0']),
    StorageOpt: fc.constantFrom(null, {}, { size: '1G' }),
    Tmpfs: fc.constantFrom({}, { '/run': 'rw,noexec' }),
    ReadonlyRootfs: fc.boolean(),
    Init: fc.constantFrom(null, true),
    AutoRemove: fc.constant(false),
    Ulimits: fc.constantFrom(null, [{ Name: 'nofile', Soft: 10, Hard: 20 }]),
    ShmSize: fc.constantFrom(0, 67_108_864),
  },
  { requiredKeys: [] },
);

/** Most fields stay out of most bodies: else nearly all would be refused for several reasons at once. */
const sparse = hostConfig.chain((full) =>
  fc.subarray(Object.entries(full), { maxLength: 4 }).map((some) => Object.fromEntries(some)),
);

const body = fc.record(
  {
    Image: images,
    Cmd: fc.constantFrom(['true'], 'true', null, []),
    Entrypoint: fc.constantFrom(null, [], 'sh', ['sh', '-c']),
    User: fc.constantFrom('', '0', 'root', '1000', 'nobody'),
    Env: rarely(fc.constantFrom([], ['A=b']), fc.constant(['NVIDIA_VISIBLE_DEVICES=all'])),
    Labels: fc.constantFrom({}, { a: 'b', A: 'c' }, { constructor: 'x', __proto__: 'y' }),
    Volumes: fc.constantFrom(null, {}, { '/vol': {} }),
    ExposedPorts: fc.constantFrom({}, { '80/tcp': {} }),
    WorkingDir: rarely(fc.constantFrom('', '/tmp'), fc.constant('/proc/self/fd/8')),
    Tty: fc.boolean(),
    HostConfig: sparse,
    NetworkingConfig: rarely(
      fc.constantFrom({}, { EndpointsConfig: {} }, { EndpointsConfig: { fuzznet: { Aliases: ['db'] } } }),
      fc.constantFrom(
        { EndpointsConfig: { bridge: { DriverOpts: { 'com.docker.network.endpoint.sysctls': 'x' } } } },
        { EndpointsConfig: { fuzznet: { IPAMConfig: { IPv4Address: '10.77.0.9' } } } },
      ),
    ),
  },
  { requiredKeys: ['Image'] },
);

const damages = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Damage>('none') },
  ...(
    [
      'duplicate-key',
      'folded-key',
      'unknown-field',
      'wrong-type',
      'not-json',
      'top-level',
      'escaped',
    ] as const
  ).map((damage) => ({ weight: 1, arbitrary: fc.constant<Damage>(damage) })),
);

/** Bodies that a client might send, and such bodies with something done to them. */
export const samples: fc.Arbitrary<Sample> = fc
  .tuple(body, damages, fc.nat(1_000))
  .map(([value, damage, choice]) => damaged(value, damage, choice));

function damaged(value: object, damage: Damage, choice: number): Sample {
  const text = JSON.stringify(value);
  const pick = <T>(all: readonly [T, ...T[]]): T => all[choice % all.length] as T;
  const into = (member: string) => `${text.slice(0, -1)},${member}}`;
  const as = (made: string | Buffer): Sample => ({
    bytes: Buffer.isBuffer(made) ? made : Buffer.from(made),
    damage,
  });
  switch (damage) {
    case 'none':
      return as(pick([text, ` ${text}\n`, JSON.stringify(value, null, 1)]));
    case 'duplicate-key':
      return as(
        pick([
          into('"Image":"busybox"'),
          into('"HostConfig":{},"HostConfig":{"Privileged":true}'),
          into(
            '"HostConfig":{"Mounts":[{"Type":"bind","Source":"/etc","Target":"/h"}],"Mounts":[{"Target":"/data"}]}',
          ).replace(/"HostConfig":.*(?="HostConfig")/, ''),
        ]),
      );
    case 'folded-key':
      return as(
        pick([
          into('"hostconfig":{"privileged":true}'),
          into('"Ho\u017ftConfig":{"Privileged":true}'),
          into('"networ\u212aingconfig":{}'),
          into('"image":"busybox"'),
        ]),
      );
    case 'unknown-field':
      return as(
        pick([into('"Future":{"HostPath":"/"}'), into('"constructor":{"prototype":{"a":1}}'), into('"X":1')]),
      );
    case 'wrong-type':
      return as(
        pick([
          into('"Tty2":0,"Hostname":1'),
          into('"Domainname":{}'),
          into('"StopTimeout":1e1'),
          into('"StopTimeout":"1"'),
          into('"OpenStdin":"true"'),
          into('"OnBuild":"x"'),
        ]),
      );
    case 'not-json':
      return as(
        pick([
          `${text}{"HostConfig":{"Privileged":true}}`,
          Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
          Buffer.from(text, 'utf16le'),
          Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from(',"Hostname":"a\xff"}', 'latin1')]),
          into('"Hostname":"\\ud800"'),
          text.slice(0, -1),
          into('"Hostname":"a",'),
        ]),
      );
    case 'top-level':
      return as(
        pick([
          into('"Privileged":true'),
          into('"Binds":["/:/h"]'),
          into('"PidMode":"host"'),
          into('"CapAdd":["ALL"]'),
          into('"Memory":1048576'),
        ]),
      );
    case 'escaped':
      return as(
        pick([
          into('"HostConfi\\u0067":{"Privi\\u006ceged":true}').replace(
            /"HostConfig":\{.*?\}(?=,"(NetworkingConfig|HostConfi))/,
            '"Domainname":""',
          ),
          text.replace('"Image"', '"\\u0049mage"'),
        ]),
      );
  }
}
