import { array, field, int64, type Made, map, string, struct } from '../types.ts';

/** Fixed addresses of a container on a network. */
const ENDPOINT_IPAM_CONFIG = struct('EndpointIPAMConfig', {
  IPv4Address: field(string, 'the IPv4 address'),
  IPv6Address: field(string, 'the IPv6 address'),
  LinkLocalIPs: field(array(string), 'further link-local addresses'),
});

const REPORTED = 'as the Engine reports it; not taken from a request';

/** A container on one network: `NetworkingConfig.EndpointsConfig[...]`, and `EndpointConfig` of NetworkConnect. */
export const ENDPOINT_SETTINGS = struct('EndpointSettings', {
  IPAMConfig: field(ENDPOINT_IPAM_CONFIG, 'fixed IP addresses'),
  Links: field(array(string), 'containers that get another name here, as container:alias'),
  Aliases: field(array(string), 'further names of the container on the network'),
  DriverOpts: field(map(string), 'options of the network driver for this endpoint'),
  GwPriority: field(int64, 'the network with the highest one is the default route'),
  MacAddress: field(string, 'a fixed MAC address'),
  NetworkID: field(string, "the network's id, which the Engine prefers to its name"),
  EndpointID: field(string, `the endpoint's id, ${REPORTED}`),
  Gateway: field(string, `the IPv4 gateway, ${REPORTED}`),
  IPAddress: field(string, `the IPv4 address, ${REPORTED}`),
  IPPrefixLen: field(int64, `the length of the IPv4 prefix, ${REPORTED}`),
  IPv6Gateway: field(string, `the IPv6 gateway, ${REPORTED}`),
  GlobalIPv6Address: field(string, `the IPv6 address, ${REPORTED}`),
  GlobalIPv6PrefixLen: field(int64, `the length of the IPv6 prefix, ${REPORTED}`),
  DNSNames: field(
    array(string),
    'all its names on the network; the Engine makes them itself where it has a resolver',
  ),
});
export type EndpointSettings = Made<typeof ENDPOINT_SETTINGS>;

/** The networks a new container joins: `NetworkingConfig` of ContainerCreate. */
export const NETWORKING_CONFIG = struct('NetworkingConfig', {
  EndpointsConfig: field(map(ENDPOINT_SETTINGS), 'by network, how the container joins it'),
});
export type NetworkingConfig = Made<typeof NETWORKING_CONFIG>;
