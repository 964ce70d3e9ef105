import type { BodyType } from '../types.ts';
import { NETWORK_CREATE_REQUEST } from './network.ts';
import { NETWORK_CONNECT_REQUEST, NETWORK_DISCONNECT_REQUEST } from './network-connect.ts';
import { PLUGIN_PRIVILEGES, PLUGIN_SETTINGS } from './plugin.ts';
import { CONFIG_SPEC, SECRET_SPEC } from './secret-spec.ts';
import { SERVICE_SPEC } from './service-spec.ts';
import { SWARM_INIT_REQUEST, SWARM_JOIN_REQUEST, SWARM_UNLOCK_REQUEST } from './swarm.ts';
import { CONFIG_UPDATE, NODE_UPDATE, SECRET_UPDATE, SERVICE_UPDATE, SWARM_UPDATE } from './updates.ts';
import { VOLUME_CREATE_REQUEST, VOLUME_UPDATE_REQUEST } from './volume.ts';

/** The bodies of the operations on networks, volumes, plugins and what a swarm has, by operationId. */
export const CLUSTER_BODIES: Readonly<Record<string, BodyType>> = {
  NetworkCreate: NETWORK_CREATE_REQUEST,
  NetworkConnect: NETWORK_CONNECT_REQUEST,
  NetworkDisconnect: NETWORK_DISCONNECT_REQUEST,
  VolumeCreate: VOLUME_CREATE_REQUEST,
  VolumeUpdate: VOLUME_UPDATE_REQUEST,
  PluginPull: PLUGIN_PRIVILEGES,
  PluginUpgrade: PLUGIN_PRIVILEGES,
  PluginSet: PLUGIN_SETTINGS,
  SwarmInit: SWARM_INIT_REQUEST,
  SwarmJoin: SWARM_JOIN_REQUEST,
  SwarmUpdate: SWARM_UPDATE,
  SwarmUnlock: SWARM_UNLOCK_REQUEST,
  NodeUpdate: NODE_UPDATE,
  ServiceCreate: SERVICE_SPEC,
  ServiceUpdate: SERVICE_UPDATE,
  SecretCreate: SECRET_SPEC,
  SecretUpdate: SECRET_UPDATE,
  ConfigCreate: CONFIG_SPEC,
  ConfigUpdate: CONFIG_UPDATE,
};
