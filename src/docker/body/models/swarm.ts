import { array, bool, field, type Made, string, struct, uint32 } from '../types.ts';
import { SWARM_SPEC } from './swarm-spec.ts';

const NODE = {
  ListenAddr: field(string, 'the address and port that managers listen on'),
  AdvertiseAddr: field(string, 'the address that other nodes are told'),
  DataPathAddr: field(string, 'the address for the traffic of containers'),
  Availability: field(string, 'whether this node gets tasks: active, pause, drain'),
};

/** Body of SwarmInit (Engine API: `SwarmInitRequest`). */
export const SWARM_INIT_REQUEST = struct('SwarmInitRequest', {
  ...NODE,
  DataPathPort: field(uint32, 'the port for the traffic of containers', { since: 40 }),
  DefaultAddrPool: field(array(string), 'subnets from which networks are cut', { since: 39 }),
  // The docker CLI sends it in every version, and an Engine drops it below 1.39.
  SubnetSize: field(uint32, 'how many bits of such a subnet are its prefix'),
  ForceNewCluster: field(bool, 'make a new swarm of what is left of one'),
  AutoLockManagers: field(bool, 'lock this manager: it must be unlocked by a key when it starts'),
  Spec: field(SWARM_SPEC, 'the settings of the swarm'),
});
export type SwarmInitRequest = Made<typeof SWARM_INIT_REQUEST>;

/** Body of SwarmJoin (Engine API: `SwarmJoinRequest`). */
export const SWARM_JOIN_REQUEST = struct('SwarmJoinRequest', {
  ...NODE,
  RemoteAddrs: field(array(string), 'managers of the swarm to join'),
  JoinToken: field(string, 'the right to join', { secret: true }),
});
export type SwarmJoinRequest = Made<typeof SWARM_JOIN_REQUEST>;

/** Body of SwarmUnlock (Engine API: `SwarmUnlockRequest`). */
export const SWARM_UNLOCK_REQUEST = struct('SwarmUnlockRequest', {
  UnlockKey: field(string, 'the key that opens what the manager has on disk', { secret: true }),
});
