/** A case of the corpus, the part of a request that makes it, and all that baseline finds in it: `check: field`. */
export type Row = readonly [id: string, what: string, request: object, found: readonly string[]];

/** HostConfigs of a create. */
export const HOST_CONFIGS: readonly Row[] = [
  ['E001', 'Privileged', { Privileged: true }, ['privileged: HostConfig.Privileged']],
  ...['/allowed/../etc:/h', '//etc:/h', '/./etc/.:/h'].map(
    (bind): Row => ['E003', bind, { Binds: [bind] }, ['host-path: HostConfig.Binds[0]']],
  ),
  ['E005', 'a link on the host', { Binds: ['/allowed/link:/h'] }, ['host-path: HostConfig.Binds[0]']],
  ...['/etc:/h:ro', '/etc:/h:rw,z', '/etc:/h:Z', '/etc:/h:'].map(
    (bind): Row => ['E007', bind, { Binds: [bind] }, ['host-path: HostConfig.Binds[0]']],
  ),
  [
    'E011',
    'a bind in Mounts',
    { Mounts: [{ Type: 'bind', Source: '/', Target: '/h' }] },
    ['host-path: HostConfig.Mounts[0]'],
  ],
  ...[
    { type: 'none', o: 'bind', device: '/' },
    { type: 'none', o: 'rbind,ro', device: '/' },
    { type: '', o: ' bind', device: 'etc' },
    { type: 'ext4', device: '/dev/sda1' },
    { type: 'overlay', o: 'lowerdir=/' },
    { type: 'nfs', o: 'addr=10.0.0.1', device: ':/' },
  ].map(
    (Options): Row => [
      'E013',
      JSON.stringify(Options),
      { Mounts: [{ Type: 'volume', Target: '/h', VolumeOptions: { DriverConfig: { Options } } }] },
      ['volume-driver-options: HostConfig.Mounts[0]'],
    ],
  ),
  [
    'E015',
    'a cluster volume',
    { Mounts: [{ Type: 'cluster', Source: 'x', Target: '/h' }] },
    ['mount-type: HostConfig.Mounts[0]'],
  ],
  [
    'E015',
    'a named pipe',
    { Mounts: [{ Type: 'npipe', Source: 'x', Target: '/h' }] },
    ['host-path: HostConfig.Mounts[0]', 'mount-type: HostConfig.Mounts[0]'],
  ],
  ['E017', 'VolumesFrom', { VolumesFrom: ['bobc:ro'] }, ['volumes-from: HostConfig.VolumesFrom[0]']],
  ['E019', 'the network of the host', { NetworkMode: 'host' }, ['host-namespace: HostConfig.NetworkMode']],
  ...['container:bobc', 'container:0a1'].map(
    (NetworkMode): Row => [
      'E019',
      NetworkMode,
      { NetworkMode },
      ['container-namespace: HostConfig.NetworkMode'],
    ],
  ),
  ['E023', "the host's IPC", { IpcMode: 'host' }, ['host-namespace: HostConfig.IpcMode']],
  ['E023', "bob's IPC", { IpcMode: 'container:bobc' }, ['container-namespace: HostConfig.IpcMode']],
  ...['sys_admin', 'CAP_SYS_ADMIN', 'cap_Sys_Admin', 'all', '\u017fys_admin'].map(
    (name): Row => ['E025', name, { CapAdd: [name] }, ['capability: HostConfig.CapAdd[0]']],
  ),
  ...['NET_ADMIN', 'SYS_PTRACE', 'DAC_READ_SEARCH', 'BPF', 'SYS_MODULE', 'NET_RAW'].map(
    (name): Row => ['E027', name, { CapAdd: [name] }, ['capability: HostConfig.CapAdd[0]']],
  ),
  ...['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'seccomp=unconfined', 'seccomp:unconfined'].map(
    (option): Row => ['E029', option, { SecurityOpt: [option] }, ['seccomp: HostConfig.SecurityOpt[0]']],
  ),
  ...['no-new-privileges=F', 'no-new-privileges:0', 'no-new-privileges=false'].map(
    (option): Row => [
      'E031',
      option,
      { SecurityOpt: [option] },
      ['new-privileges: HostConfig.SecurityOpt[0]'],
    ],
  ),
  [
    'E033',
    'no masked and no read-only paths',
    { MaskedPaths: [], ReadonlyPaths: [] },
    ['proc-mount: HostConfig.MaskedPaths', 'proc-mount: HostConfig.ReadonlyPaths'],
  ],
  [
    'E033',
    'systempaths=unconfined as an option',
    { SecurityOpt: ['systempaths=unconfined'] },
    ['security-option: HostConfig.SecurityOpt[0]'],
  ],
  [
    'E035',
    'a rule for all devices',
    { DeviceCgroupRules: ['a *:* rwm'] },
    ['device: HostConfig.DeviceCgroupRules[0]'],
  ],
  ...['io.containerd.kata.v2', 'x.y'].map(
    (Runtime): Row => ['E037', Runtime, { Runtime }, ['runtime: HostConfig.Runtime']],
  ),
  [
    'E039',
    'kernel.core_pattern',
    { Sysctls: { 'kernel.core_pattern': '|/x' } },
    ['sysctl: HostConfig.Sysctls["kernel.core_pattern"]'],
  ],
  ...['syslog', 'fluentd', 'gelf', 'awslogs', 'splunk', 'none'].map(
    (Type): Row => ['E041', Type, { LogConfig: { Type } }, ['log-driver: HostConfig.LogConfig']],
  ),
  [
    'E041',
    'a socket of the host',
    { LogConfig: { Type: 'syslog', Config: { 'syslog-address': 'unix:///var/run/docker.sock' } } },
    ['log-driver: HostConfig.LogConfig', 'log-driver: HostConfig.LogConfig.Config["syslog-address"]'],
  ],
];
