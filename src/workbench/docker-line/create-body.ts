import { ConfigError } from '../../errors.ts';
import { mapOf, pairOf, sorted } from './steps.ts';

/** The flags of `docker run` and `docker create`, as commander names them. */
export interface CreateOptions {
  readonly [flag: string]: unknown;
}

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1_024,
  m: 1_048_576,
  g: 1_073_741_824,
  t: 1_099_511_627_776,
};

/** The body of ContainerCreate that the docker CLI makes of its flags. @throws ConfigError for what it would refuse */
export function createBody(image: string, command: readonly string[], options: CreateOptions): object {
  const text = (flag: string): string => (typeof options[flag] === 'string' ? (options[flag] as string) : '');
  const list = (flag: string): readonly string[] => (options[flag] as readonly string[] | undefined) ?? [];
  const is = (flag: string): boolean => options[flag] === true;
  const { exposed, bindings } = portsOf(list('publish'), list('expose'));
  const volumes = list('volume');
  const isInteractive = is('interactive');
  const isDetached = is('detach');
  const network = text('network');
  return {
    Hostname: text('hostname'),
    User: text('user'),
    AttachStdin: isInteractive && !isDetached,
    AttachStdout: !isDetached,
    AttachStderr: !isDetached,
    Tty: is('tty'),
    OpenStdin: isInteractive,
    StdinOnce: isInteractive && !isDetached,
    Env: list('env'),
    ...(command.length === 0 ? {} : { Cmd: command }),
    Image: image,
    ExposedPorts: exposed,
    Volumes: Object.fromEntries(volumes.filter((each) => !each.includes(':')).map((each) => [each, {}])),
    WorkingDir: text('workdir'),
    ...(options['entrypoint'] === undefined ? {} : { Entrypoint: [text('entrypoint')] }),
    Labels: mapOf(list('label')),
    HostConfig: {
      Binds: volumes.filter((each) => each.includes(':')).map(bindOf),
      Mounts: list('mount').map(mountOf),
      NetworkMode: network === '' ? 'default' : network,
      PortBindings: bindings,
      PublishAllPorts: is('publishAll'),
      Privileged: is('privileged'),
      AutoRemove: is('rm'),
      ReadonlyRootfs: is('readOnly'),
      ...(is('init') ? { Init: true } : {}),
      ...(is('oomKillDisable') ? { OomKillDisable: true } : {}),
      VolumesFrom: list('volumesFrom'),
      CapAdd: list('capAdd'),
      CapDrop: list('capDrop'),
      Devices: list('device').map(deviceOf),
      SecurityOpt: list('securityOpt'),
      ExtraHosts: list('addHost'),
      Dns: list('dns'),
      GroupAdd: list('groupAdd'),
      Links: list('link'),
      Sysctls: mapOf(list('sysctl')),
      Tmpfs: Object.fromEntries(
        list('tmpfs').map((each) => [each.split(':')[0], each.split(':').slice(1).join(':')]),
      ),
      PidMode: text('pid'),
      IpcMode: text('ipc'),
      UTSMode: text('uts'),
      UsernsMode: text('userns'),
      CgroupnsMode: text('cgroupns'),
      CgroupParent: text('cgroupParent'),
      Runtime: text('runtime'),
      LogConfig: { Type: text('logDriver'), Config: mapOf(list('logOpt')) },
      RestartPolicy: restartOf(text('restart')),
      Memory: text('memory') === '' ? 0 : bytesOf(text('memory')),
      NanoCpus: text('cpus') === '' ? 0 : Math.round(numberOf(text('cpus'), '--cpus') * 1e9),
      ...(text('pidsLimit') === '' ? {} : { PidsLimit: numberOf(text('pidsLimit'), '--pids-limit') }),
    },
    // A network that is named stands in NetworkMode alone.
    ...(network === '' ? { NetworkingConfig: { EndpointsConfig: { default: {} } } } : {}),
  };
}

/** A bind as the Engine gets it. The CLI makes a relative path whole, and here is no folder to begin from. */
function bindOf(volume: string): string {
  if (volume.startsWith('.')) throw new ConfigError([`-v ${volume}: write the whole path of the host`]);
  return volume;
}

function mountOf(text: string): object {
  const fields = Object.fromEntries(text.split(',').map(pairOf)) as Record<string, string>;
  const known = ['type', 'source', 'src', 'target', 'dst', 'destination', 'readonly', 'ro'];
  const strange = Object.keys(fields).find((name) => !known.includes(name));
  if (strange !== undefined)
    throw new ConfigError([`--mount ${text}: ${strange} is not translated; write raw HTTP`]);
  const isReadOnly = [fields['readonly'], fields['ro']].some(
    (value) => value === '' || value === 'true' || value === '1',
  );
  return {
    Type: fields['type'] ?? 'volume',
    Source: fields['source'] ?? fields['src'] ?? '',
    Target: fields['target'] ?? fields['dst'] ?? fields['destination'] ?? '',
    ...(isReadOnly ? { ReadOnly: true } : {}),
  };
}

function deviceOf(text: string): object {
  const [host = '', inside = host, permissions = 'rwm'] = text.split(':');
  return /^[rwm]{1,3}$/.test(inside)
    ? { PathOnHost: host, PathInContainer: host, CgroupPermissions: inside }
    : { PathOnHost: host, PathInContainer: inside, CgroupPermissions: permissions };
}

type Bindings = Record<string, { readonly HostIp: string; readonly HostPort: string }[]>;

function portsOf(
  publish: readonly string[],
  expose: readonly string[],
): { readonly exposed: object; readonly bindings: object } {
  const exposed: Record<string, object> = {};
  const bindings: Bindings = {};
  for (const each of expose) exposed[each.includes('/') ? each : `${each}/tcp`] = {};
  for (const each of publish) {
    const [, ip = '', host = '', inside = '', protocol = 'tcp'] =
      /^(?:(?:(\[[^\]]+\]|[^:[]*):)?(\d*):)?(\d+)(?:\/(tcp|udp|sctp))?$/.exec(each) ?? [];
    if (inside === '')
      throw new ConfigError([
        `-p ${each}: write [IP:][HOST:]CONTAINER[/PROTOCOL]; ranges are not translated`,
      ]);
    const key = `${inside}/${protocol}`;
    exposed[key] = {};
    bindings[key] = [...(bindings[key] ?? []), { HostIp: ip.replace(/^\[|\]$/g, ''), HostPort: host }];
  }
  return { exposed: sorted(exposed), bindings: sorted(bindings) };
}

function restartOf(text: string): object {
  const [name = '', count] = text.split(':');
  return { Name: name === '' ? 'no' : name, MaximumRetryCount: count === undefined ? 0 : Number(count) };
}

function bytesOf(text: string): number {
  const [, digits = '', unit = 'b'] = /^(\d+(?:\.\d+)?)([bkmgt])?b?$/i.exec(text) ?? [];
  if (digits === '') throw new ConfigError([`${text} is no size; write 512m or 2g`]);
  return Math.floor(Number(digits) * (UNITS[unit.toLowerCase()] ?? 1));
}

function numberOf(text: string, name: string): number {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new ConfigError([`${name} ${text} is no number`]);
  return number;
}
