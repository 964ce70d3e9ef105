import type { NetworkCreateRequest } from '../body/models/network.ts';
import type { NetworkConnectRequest } from '../body/models/network-connect.ts';
import type { ApiRequest } from '../types.ts';
import { endpointFacts } from './host-config/endpoints.ts';
import { links } from './host-config/links.ts';
import { mergeFacts } from './merge.ts';
import type { Facts, NetworkFact } from './types.ts';

/** The driver of a network that names none. */
const DEFAULT_DRIVER = 'bridge';

/** Drivers for addresses that are part of the Engine on Linux; any other is a plugin's. */
const IPAM_DRIVERS: ReadonlySet<string> = new Set(['', 'default', 'null']);

/** NetworkCreate: a network, and the one that its configuration comes from. */
export function networkCreateFacts(_: ApiRequest, body: NetworkCreateRequest): Partial<Facts> {
  const { Name: name = '', Driver = '', Options = {}, Labels: labels = {}, IPAM = {}, ConfigFrom } = body;
  const made: NetworkFact = {
    field: 'Name',
    name,
    driver: Driver === '' ? DEFAULT_DRIVER : Driver,
    aliases: [],
    addresses: addresses(IPAM.Config),
    options: [...Object.keys(Options), ...Object.keys(IPAM.Options ?? {})],
  };
  const { Network: source = '' } = ConfigFrom ?? {};
  const { Driver: ipam = '' } = IPAM;
  return {
    labels,
    networks: source === '' ? [made] : [made, configuration(source)],
    plugins: IPAM_DRIVERS.has(ipam) ? [] : [{ field: 'IPAM.Driver', reference: ipam }],
  };
}

function addresses(subnets: NonNullable<NetworkCreateRequest['IPAM']>['Config'] = []): readonly string[] {
  return subnets
    .flatMap(({ Subnet = '', IPRange = '', Gateway = '', AuxiliaryAddresses = {} }) => [
      Subnet,
      IPRange,
      Gateway,
      ...Object.values(AuxiliaryAddresses),
    ])
    .filter((address) => address !== '');
}

function configuration(name: string): NetworkFact {
  return { field: 'ConfigFrom.Network', name, driver: null, aliases: [], addresses: [], options: [] };
}

/** NetworkConnect: the network of the path, and how the container of the body joins it. */
export function networkConnectFacts(
  { params }: ApiRequest,
  { EndpointConfig = {} }: NetworkConnectRequest,
): Partial<Facts> {
  return mergeFacts(
    endpointFacts('EndpointConfig', params['id'] ?? '', EndpointConfig),
    links('EndpointConfig.Links', EndpointConfig.Links),
  );
}
