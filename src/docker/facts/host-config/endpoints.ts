import type { EndpointSettings } from '../../body/models/networking-config.ts';
import { keyed } from '../field.ts';
import { mergeAll, mergeFacts } from '../merge.ts';
import type { Facts, NetworkFact } from '../types.ts';
import { links } from './links.ts';
import { networkMode } from './network-mode.ts';

/** Networks by name with the way of attaching, as in `NetworkingConfig.EndpointsConfig`. @param at its field */
export function endpoints(
  at: string,
  config: Readonly<Record<string, EndpointSettings>> = {},
): Partial<Facts> {
  return mergeAll(
    Object.entries(config).flatMap(([name, endpoint]) => {
      const field = keyed(at, name);
      return [endpointFacts(field, name, endpoint), links(`${field}.Links`, endpoint.Links)];
    }),
  );
}

/** One attachment. A network's name is read like a NetworkMode: `default` is `bridge`, `host` the host's. */
export function endpointFacts(field: string, name: string, endpoint: EndpointSettings): Partial<Facts> {
  const { NetworkID: id = '' } = endpoint;
  const mode = networkMode(field, name);
  // The Engine prefers this id to the name (moby, daemon/container_operations.go, getNetworkID).
  const byId = id === '' || id === name ? {} : networkMode(`${field}.NetworkID`, id);
  const { networks = [], ...shared } = mergeFacts(mode, byId);
  const details = endpointDetails(endpoint);
  return { ...shared, networks: networks.map((network) => ({ ...network, ...details })) };
}

function endpointDetails(endpoint: EndpointSettings): Pick<NetworkFact, 'aliases' | 'addresses' | 'options'> {
  const { Aliases = [], MacAddress = '', DriverOpts = {} } = endpoint;
  const { IPv4Address = '', IPv6Address = '', LinkLocalIPs = [] } = endpoint.IPAMConfig ?? {};
  return {
    aliases: Aliases,
    addresses: [IPv4Address, IPv6Address, ...LinkLocalIPs, MacAddress].filter((address) => address !== ''),
    options: Object.keys(DriverOpts),
  };
}
