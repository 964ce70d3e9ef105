import { bool, field, type Made, string, struct } from '../types.ts';
import { ENDPOINT_SETTINGS } from './networking-config.ts';

const CONTAINER = field(string, 'the container, by id or name');

/** Body of NetworkConnect (Engine API: `NetworkConnectRequest`). */
export const NETWORK_CONNECT_REQUEST = struct('NetworkConnectRequest', {
  Container: CONTAINER,
  EndpointConfig: field(ENDPOINT_SETTINGS, 'how it is attached'),
});
export type NetworkConnectRequest = Made<typeof NETWORK_CONNECT_REQUEST>;

/** Body of NetworkDisconnect (Engine API: `NetworkDisconnectRequest`). */
export const NETWORK_DISCONNECT_REQUEST = struct('NetworkDisconnectRequest', {
  Container: CONTAINER,
  Force: field(bool, 'even when it does not run'),
});
