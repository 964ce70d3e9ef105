import type { Facts } from '../types.ts';

/** The network that a container gets when it names none. */
const DEFAULT_NETWORK = 'bridge';

const CONTAINER = 'container:';

/** Words of Podman that can lead to the host's: `ns:/proc/1/ns/net`, `slirp4netns:allow_host_loopback=true`. */
const PODMAN = /^(ns|slirp4netns|pasta):/;

/**
 * What a network mode means (moby, api/types/container/hostconfig_unix.go): `host`, `none`, `container:<ref>`, and
 * everything else, in whatever case, is the name of a network. Empty and `default` are the network `bridge`.
 */
export function networkMode(
  field: string,
  mode: string,
): Pick<Facts, 'networks' | 'hostNamespaces' | 'joinedContainers'> {
  const container = joinedContainer(mode);
  if (mode === 'host' || PODMAN.test(mode))
    return { ...NOTHING, hostNamespaces: [{ field, namespace: 'network' }] };
  if (mode === 'none') return NOTHING;
  if (container !== null) {
    return { ...NOTHING, joinedContainers: [{ field, container, namespace: 'network' }] };
  }
  const name = mode === '' || mode === 'default' ? DEFAULT_NETWORK : mode;
  return { ...NOTHING, networks: [{ field, name, driver: null, aliases: [], addresses: [], options: [] }] };
}

/** The container of `container:<ref>`, null for any other mode. */
export function joinedContainer(mode: string): string | null {
  return mode.startsWith(CONTAINER) ? mode.slice(CONTAINER.length) : null;
}

const NOTHING = { networks: [], hostNamespaces: [], joinedContainers: [] };
