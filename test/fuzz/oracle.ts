/**
 * What a container that the Engine has made has too much for the profile `baseline`, told from the Engine's own
 * inspection and by nothing that the gateway uses: the second opinion of the fuzz run.
 */
export interface Inspected {
  readonly Config: { readonly Env?: readonly string[] | null; readonly WorkingDir?: string };
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Source: string }[];
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Endpoint>> };
}

interface Endpoint {
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly IPAMConfig?: Readonly<Record<string, unknown>> | null;
}

const CAPABILITIES = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);
const SYSCTLS =
  /^(kernel\.shm_rmid_forced|net\.ipv4\.(ip_local_port_range|ip_unprivileged_port_start|tcp_syncookies|ping_group_range|ip_local_reserved_ports|tcp_keepalive_time|tcp_fin_timeout|tcp_keepalive_intvl|tcp_keepalive_probes|tcp_rmem|tcp_wmem|tcp_slow_start_after_idle|tcp_notsent_lowat))$/;
const HARMLESS_OPTION =
  /^(no-new-privileges([:=](true|1|t|T|TRUE|True))?|apparmor[:=]docker-default|seccomp=builtin|label[:=]level:.*)$/;

/** @param usual an inspection of a container that asked for nothing: what it has is the Engine's default */
export function excesses(container: Inspected, usual: Inspected): string[] {
  const host = container.HostConfig;
  const found: string[] = [];
  const flag = (name: string, offends: boolean): void => {
    if (offends) found.push(name);
  };
  const list = (name: string): readonly unknown[] =>
    (host[name] as readonly unknown[] | null | undefined) ?? [];
  const texts = (name: string): readonly string[] => list(name).map(String);
  const keys = (name: string): readonly string[] =>
    Object.keys((host[name] as object | null | undefined) ?? {});
  const same = (name: string): boolean =>
    JSON.stringify(host[name]) === JSON.stringify(usual.HostConfig[name]);

  flag('Privileged', host['Privileged'] === true);
  for (const name of ['NetworkMode', 'PidMode', 'IpcMode', 'UTSMode', 'UsernsMode', 'CgroupnsMode']) {
    flag(name, /^(host$|container:)/.test(String(host[name] ?? '')) && !same(name));
  }
  flag(
    'Mounts',
    container.Mounts.some(({ Type }) => Type !== 'volume' && Type !== 'tmpfs'),
  );
  flag(
    'Binds',
    texts('Binds').some((bind) => bind.startsWith('/') && bind.includes(':')),
  );
  const mounts = list('Mounts') as readonly {
    Type?: string;
    VolumeOptions?: { DriverConfig?: { Options?: object } };
  }[];
  flag(
    'Mounts',
    mounts.some(({ Type }) => Type !== 'volume' && Type !== 'tmpfs'),
  );
  flag(
    'DriverConfig',
    mounts.some((m) => Object.keys(m.VolumeOptions?.DriverConfig?.Options ?? {}).length > 0),
  );
  // Without a volume too: the image may declare one.
  flag('VolumeDriver', !['', 'local'].includes(String(host['VolumeDriver'] ?? '')));
  flag('VolumesFrom', list('VolumesFrom').length > 0);
  flag('Links', list('Links').length > 0);
  const capability = (text: string): string => text.toUpperCase().replace(/^CAP_/, '');
  flag(
    'CapAdd',
    texts('CapAdd').some((name) => !CAPABILITIES.has(capability(name))),
  );
  // Of several AppArmor or seccomp profiles the Engine takes the last.
  const options = texts('SecurityOpt');
  const kindOf = (option: string): string => /^(apparmor|seccomp)/.exec(option)?.[0] ?? option;
  const decisive = options.filter(
    (option, at) => !options.slice(at + 1).some((later) => kindOf(later) === kindOf(option)),
  );
  flag(
    'SecurityOpt',
    decisive.some((option) => !HARMLESS_OPTION.test(option)),
  );
  flag('MaskedPaths', !same('MaskedPaths'));
  flag('ReadonlyPaths', !same('ReadonlyPaths'));
  for (const name of ['Devices', 'DeviceCgroupRules', 'DeviceRequests']) flag(name, list(name).length > 0);
  flag(
    'Env',
    (container.Config.Env ?? []).some((line) => /^NVIDIA_VISIBLE_DEVICES=(?!$|none$|void$)/.test(line)),
  );
  flag('WorkingDir', /^\/proc(\/|$)/.test(container.Config.WorkingDir ?? ''));
  flag(
    'Sysctls',
    keys('Sysctls').some((name) => !SYSCTLS.test(name)),
  );
  flag('Runtime', !['', 'runc'].includes(String(host['Runtime'] ?? '')));
  flag('CgroupParent', String(host['CgroupParent'] ?? '') !== '');
  const { Type } = (host['LogConfig'] ?? {}) as { readonly Type?: string };
  flag('LogConfig', !['json-file', 'local', ''].includes(Type ?? ''));
  flag('OomScoreAdj', Number(host['OomScoreAdj'] ?? 0) < 0);
  flag('StorageOpt', keys('StorageOpt').length > 0);
  const bindings = Object.values(
    (host['PortBindings'] ?? {}) as Record<string, { HostPort?: string }[] | null>,
  );
  const low = bindings.flat().some((each) => Number(each?.HostPort?.split('-')[0] || 65_535) < 1_024);
  flag('PortBindings', low);
  for (const { DriverOpts, IPAMConfig } of Object.values(container.NetworkSettings.Networks)) {
    flag('DriverOpts', Object.keys(DriverOpts ?? {}).length > 0);
    flag('IPAMConfig', Object.keys(IPAMConfig ?? {}).length > 0);
  }
  return [...new Set(found)];
}
