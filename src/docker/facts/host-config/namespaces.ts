import type { HostConfig } from '../../body/models/host-config.ts';
import type { Facts, Namespace } from '../types.ts';
import { joinedContainer, networkMode } from './network-mode.ts';

/** Fields of HostConfig that say whose namespaces a container is in. */
const MODES = [
  ['PidMode', 'pid'],
  ['IpcMode', 'ipc'],
  ['UTSMode', 'uts'],
  ['UsernsMode', 'user'],
  ['CgroupnsMode', 'cgroup'],
  ['Cgroup', 'cgroup'],
] as const satisfies readonly (readonly [string, Namespace])[];

interface Given {
  readonly field: string;
  readonly mode: string;
  readonly namespace: Namespace;
}

/**
 * Namespaces of the host and of other containers. `host` and `container:` are words in exactly this spelling: the
 * Engine takes `Host` for the name of a network, and elsewhere for nothing or for a fault.
 *
 * What a request leaves open is not asked for: that the Engine then takes the host's cgroup namespace (cgroup v1) is
 * the operator's setting.
 */
export function namespaces(
  hostConfig: Pick<HostConfig, (typeof MODES)[number][0] | 'NetworkMode'>,
): Partial<Facts> {
  const given: Given[] = [];
  for (const [name, namespace] of MODES) {
    const mode = hostConfig[name] ?? '';
    if (mode !== '') given.push({ field: `HostConfig.${name}`, mode, namespace });
  }
  const network = networkMode('HostConfig.NetworkMode', hostConfig.NetworkMode ?? '');
  if (given.length === 0) return network;
  return {
    networks: network.networks,
    hostNamespaces: [
      ...network.hostNamespaces,
      ...given.filter(isOfHost).map(({ field, namespace }) => ({ field, namespace })),
    ],
    joinedContainers: [
      ...network.joinedContainers,
      ...given.flatMap(({ field, mode, namespace }) => {
        const container = namespace === 'pid' ? afterColon(mode) : joinedContainer(mode);
        return container === null ? [] : [{ field, container, namespace }];
      }),
    ],
  };
}

/** `host`, and the path of a namespace, which may be the host's: Podman's `ns:/proc/1/ns/net`. */
function isOfHost({ mode }: Given): boolean {
  return mode === 'host' || mode.startsWith('ns:');
}

/** The Engine takes the SELinux label of the container that PidMode names after any word: `x:web`, `Container:web`. */
function afterColon(mode: string): string | null {
  return mode.includes(':') ? mode.slice(mode.indexOf(':') + 1) : null;
}
