import { CONTAINERS } from './operations/containers.ts';
import { ENGINE } from './operations/engine.ts';
import { IMAGES } from './operations/images.ts';
import { STORAGE_AND_NETWORK } from './operations/storage-and-network.ts';
import { SWARM } from './operations/swarm.ts';
import type { Operation } from './types.ts';

/**
 * The catalogue: every endpoint of the Engine API, 1.24 to 1.56, that the gateway understands. What is not in it
 * is refused. The tables are in `operations/`, one file a kind of object.
 */
export const OPERATIONS: readonly Operation[] = [
  ...ENGINE,
  ...CONTAINERS,
  ...IMAGES,
  ...STORAGE_AND_NETWORK,
  ...SWARM,
];

/**
 * What an Engine of some age answers and this gateway never forwards, with the reason. Together with
 * `OPERATIONS` it covers every line of test/data/operations.tsv.
 */
export const NEVER_FORWARDED: readonly {
  readonly method: string;
  readonly path: string;
  readonly why: string;
}[] = [
  { method: 'GET', path: '/auth', why: 'gone since API 1.2, below the oldest version accepted' },
  {
    method: 'GET',
    path: '/containers/{id}/resize',
    why: 'gone since API 1.16, below the oldest version accepted',
  },
  { method: 'POST', path: '/containers/{id}/copy', why: 'gone since API 1.24, the oldest version accepted' },
  { method: 'GET', path: '/images/(viz)', why: 'gone since API 1.7, below the oldest version accepted' },
  {
    method: 'POST',
    path: '/images/{name}/insert',
    why: 'gone since API 1.12, below the oldest version accepted',
  },
  { method: 'GET', path: '/networks/', why: 'a second spelling of /networks' },
  { method: 'GET', path: '/debug/pprof/', why: 'a path that ends in a slash has a second spelling' },
  { method: 'ANY', path: '/metrics', why: 'not served on the API socket' },
  { method: 'OPTIONS', path: '/{anyroute}', why: 'answers 200 for every path and would mark any as allowed' },
  {
    method: 'ANY-HTTP2',
    path: 'any path with content-type application/grpc*',
    why: 'goes to BuildKit before the router; HTTP/2 is never spoken to the Engine',
  },
];

const BY_ID = new Map(OPERATIONS.map((operation) => [operation.id, operation]));

/** The operation with this operationId, or undefined. */
export function findOperation(id: string): Operation | undefined {
  return BY_ID.get(id);
}
