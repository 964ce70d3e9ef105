import type { Facts } from '../types.ts';

/** The network that a container gets when it names none. */
const DEFAULT_NETWORK = 'bridge';

const CONTAINER = 'container:';

/**
 * What a network mode means (moby, api/types/container/hostconfig_unix.go): `host`, `none`, `container:<ref>`, and
 * everything else, in whatever case, is the name of a network. Empty and `default` are the network `bridge`.
 */
export function networkMode(
  field: string,
  mode: string,
): Pick<Facts, 'networks' | 'hostNamespaces' | 'joinedContainers'> {
  if (mode === 'host') return { ...NOTHING, hostNamespaces: [{ field, namespace: 'network' }] };
  if (mode === 'none') return NOTHING;
  const container = joinedContainer(mode);
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
