import { array, bool, field, type Made, map, string, struct } from '../types.ts';

const IPAM_CONFIG = struct('IPAMConfig', {
  Subnet: field(string, 'the subnet, in CIDR form'),
  IPRange: field(string, 'the part of the subnet that containers get addresses from'),
  Gateway: field(string, 'the address of the gateway'),
  AuxiliaryAddresses: field(map(string), 'addresses kept for others, by name'),
});

const IPAM = struct('IPAM', {
  Driver: field(string, 'the driver that gives out addresses'),
  Options: field(map(string), 'options of that driver'),
  Config: field(array(IPAM_CONFIG), 'the subnets'),
});

const CONFIG_REFERENCE = struct('ConfigReference', {
  Network: field(string, 'the network of configuration only'),
});

/** Body of NetworkCreate (Engine API: `NetworkCreateRequest`). */
export const NETWORK_CREATE_REQUEST = struct('NetworkCreateRequest', {
  Name: field(string, 'its name, which need not be unique'),
  CheckDuplicate: field(bool, 'refuse a name that is taken; since API 1.44 the Engine always does'),
  Driver: field(string, 'the network driver; bridge when there is none'),
  Scope: field(string, 'how far it reaches: local or swarm'),
  // Gated by the Engine: below 1.48 it does not read it.
  EnableIPv4: field(bool, 'whether it has IPv4 addresses', { since: 48 }),
  EnableIPv6: field(bool, 'whether it has IPv6 addresses'),
  IPAM: field(IPAM, 'how addresses are given out'),
  Internal: field(bool, 'no way out of it'),
  Attachable: field(bool, 'containers that no service runs may join it'),
  Ingress: field(bool, 'the routing mesh of the swarm'),
  ConfigOnly: field(bool, 'a mere configuration for other networks'),
  ConfigFrom: field(CONFIG_REFERENCE, 'where its configuration comes from'),
  Options: field(map(string), 'options of the network driver'),
  Labels: field(map(string), 'its labels'),
});
export type NetworkCreateRequest = Made<typeof NETWORK_CREATE_REQUEST>;
