import type { Facts, HostPathFact, Namespace, PortFact } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';

type Runs = NonNullable<Facts['runs']>;

const RUNNERS: Readonly<Record<Runs, string>> = {
  container: 'the container',
  exec: 'the command',
  service: 'the service',
  build: 'the build',
};

const COMMANDS: Readonly<Record<Runs, string>> = {
  container: 'docker run',
  exec: 'docker exec',
  service: 'docker service create',
  build: 'docker build',
};

/** The flag of `docker run` that speaks about a namespace. */
export const NAMESPACE_FLAGS: Readonly<Record<Namespace, string>> = {
  network: '--network',
  pid: '--pid',
  ipc: '--ipc',
  uts: '--uts',
  user: '--userns',
  cgroup: '--cgroupns',
};

/** What a request sets going, as the object of a sentence. */
export function runner(runs: Facts['runs']): string {
  return RUNNERS[runs ?? 'container'];
}

/** The docker command that sets it going. */
export function command(runs: Facts['runs']): string {
  return COMMANDS[runs ?? 'container'];
}

const SHOWN = 5;

/** Names out of a request for a message: the first few, quoted. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).map(quoted).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}

/** A path of the host: `"/etc" of the host`. */
export function hostPath({ path }: Pick<HostPathFact, 'path'>): string {
  return path === null ? 'a path of the host that cannot be told' : `${quoted(path)} of the host`;
}

/** What is published where: `"80/tcp" on ports 80 to 90 of the host`. */
export function published({ container, host }: Pick<PortFact, 'container' | 'host'>): string {
  const what = container === '*' ? 'all its ports' : quoted(container);
  if (host === null) return `${what} on a port of the host that the Engine picks`;
  const ports = host.first === host.last ? `port ${host.first}` : `ports ${host.first} to ${host.last}`;
  return `${what} on ${ports} of the host`;
}

/** The field of a volume: where one is made, and not mounted, the fact has its name, and `field` says more. */
export function volumeField(runs: Facts['runs'], field: string, mounted: string): string {
  return runs === null ? field : mounted;
}

/** Whether an option of SecurityOpt is a Windows credential spec, in either spelling of the separator. */
export function isCredentialSpec({ option }: { readonly option: string }): boolean {
  return /^credentialspec(?:[=:]|$)/i.test(option);
}
