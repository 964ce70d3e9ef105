import type { Facts } from '../../docker/facts/types.ts';
import { BASELINE_CAPABILITIES } from '../../policy/checks/capability.ts';
import type { Profile } from '../../policy/profiles.ts';

/**
 * What a suggestion says aloud and does not grant: an operator has to want it. What is asked for beyond the profile
 * baseline is granted only where a function can name exactly that, and it is no way to the host.
 */

/** Operations that amount to root on the host, or in which nobody sees what goes on; with the reason, in words. */
const OPERATIONS: ReadonlyMap<string, string> = new Map([
  ['Session', 'BuildKit: what goes on in it is not judged'],
  ['Grpc', 'BuildKit: what goes on in it is not judged'],
  ...['PluginPull', 'PluginCreate', 'PluginEnable', 'PluginSet', 'PluginUpgrade'].map(
    (id) => [id, 'a plugin is root on the host'] as const,
  ),
  ['SwarmInspect', 'its answer holds the tokens with which a manager joins the swarm'],
  ...[
    'SwarmInit',
    'SwarmJoin',
    'SwarmLeave',
    'SwarmUpdate',
    'SwarmUnlock',
    'SwarmUnlockkey',
    'NodeUpdate',
    'NodeDelete',
  ].map((id) => [id, "the swarm is everybody's"] as const),
  ...[
    'DebugVars',
    'DebugPprofCmdline',
    'DebugPprofNamed',
    'DebugPprofProfile',
    'DebugPprofSymbol',
    'DebugPprofTrace',
  ].map((id) => [id, 'it shows what the Engine holds in memory'] as const),
]);

/** Paths whose writer, or reader, has the host; and all that is below them. */
export const SENSITIVE = [
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/lib',
    '/lib32',
    '/lib64',
    '/proc',
    '/root',
    '/run',
    '/sbin',
    '/sys',
    '/usr',
  ],
  ...['/var/lib/docker', '/var/lib/containerd', '/var/run', '/var/spool/cron', '/nix', '/snap'],
  // What others keep that run containers, and what is run as root when packages, units and machines change.
  ...['containers', 'rancher', 'kubelet', 'lxc', 'lxd', 'incus', 'libvirt', 'snapd', 'dpkg', 'rpm', 'cloud']
    .concat('systemd')
    .map((name) => `/var/lib/${name}`),
];
/** Whole homes, keys in them, and the socket of whatever listens there, which needs no right to write. */
const SENSITIVE_ANYWHERE = /^\/home(?:\/[^/]+)?$|\/\.(?:ssh|docker|local|config|kube)(?:\/|$)|\.sock$/;
/** Of these, what may be read. */
const HARMLESS = [
  '/etc/localtime',
  '/etc/timezone',
  '/etc/hostname',
  '/etc/ssl/certs',
  '/usr/share/zoneinfo',
];

const HARMLESS_CAPABILITIES: ReadonlySet<string> = new Set([
  ...[
    'NET_ADMIN',
    'NET_RAW',
    'NET_BROADCAST',
    'SYS_NICE',
    'IPC_LOCK',
    'LEASE',
    'WAKE_ALARM',
    'SYS_TTY_CONFIG',
  ],
]);

const HARMLESS_DEVICE = /^\/dev\/(?:fuse|net\/tun|kvm|dri(?:\/[A-Za-z0-9_-]+)?|snd(?:\/[A-Za-z0-9_-]+)?)$/;

/** By check: whether what it minds can be granted by name, and is no way to the host. */
const EXPRESSIBLE: Readonly<Record<string, (facts: Facts) => boolean>> = {
  'host-path': ({ hostPaths }) =>
    hostPaths.every(({ via, path, mode }) => via === 'device' || (via === 'bind' && isHarmless(path, mode))),
  capability: ({ capabilities }) =>
    capabilities.added.every(
      ({ name }) => HARMLESS_CAPABILITIES.has(name) || BASELINE_CAPABILITIES.includes(name),
    ),
  'privileged-port': () => true,
  // Those whose I/O is limited are paths alone: no function names them and nothing else.
  device: ({ devices, hostPaths }) =>
    devices.every(({ kind, value }) => kind === 'device' && HARMLESS_DEVICE.test(value)) &&
    hostPaths.every(({ via, path }) => via !== 'device' || HARMLESS_DEVICE.test(path ?? '')),
  'network-subnet': () => true,
  'fixed-address': () => true,
};

/** The checks of baseline that a request does not meet and that a grant can name exactly. */
export interface Excess {
  /** Ids of checks, sorted. */
  readonly exceptions: readonly string[];
  /** What makes it dangerous, in words; undefined where nothing does. */
  readonly danger: string | undefined;
}

/** @param facts undefined where the record does not tell them */
export function excessOf(operation: string, facts: Facts | undefined, baseline: Profile): Excess {
  const known = OPERATIONS.get(operation);
  if (known !== undefined) return { exceptions: [], danger: known };
  if (facts === undefined) return { exceptions: [], danger: 'the record does not tell what it asks for' };
  const offended = baseline.checks.filter((check) => check.violations(facts).length > 0);
  const worst = offended.find(({ id }) => EXPRESSIBLE[id]?.(facts) !== true);
  if (worst !== undefined) return { exceptions: [], danger: `${worst.id}: ${worst.forbids}` };
  return { exceptions: offended.map(({ id }) => id).sort(), danger: undefined };
}

function isHarmless(path: string | null, mode: 'ro' | 'rw'): boolean {
  if (path === null || path === '/' || !/^\/[A-Za-z0-9._/+@-]+$/.test(path)) return false;
  if (mode === 'ro' && HARMLESS.some((each) => isWithin(path, each))) return true;
  if (SENSITIVE_ANYWHERE.test(path)) return false;
  return !SENSITIVE.some((each) => isWithin(path, each) || isWithin(each, path));
}

function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
