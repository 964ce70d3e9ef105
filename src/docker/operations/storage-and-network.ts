import type { Operation } from '../types.ts';
import { FILTERS, ignored, table, VERSION } from './row.ts';

/** Fields of the body that dockerode repeats in the query. */
const NETWORK_SPEC = {
  ...ignored('Name CheckDuplicate Driver Internal Attachable Ingress Scope ConfigOnly ConfigFrom IPAM'),
  ...ignored('EnableIPv4 EnableIPv6 Options Labels'),
};
const VOLUME_SPEC = ignored('Name Driver DriverOpts Labels ClusterVolumeSpec');

/** Networks and volumes. */
// biome-ignore format: a table
export const STORAGE_AND_NETWORK: readonly Operation[] = [
  ...table('network', [
    // operationId        method and path                   since  class      connection  body    query
    ['NetworkList',       'GET /networks',                     21, 'read',    'plain',  'none', FILTERS],
    ['NetworkInspect',    'GET /networks/{id}',                21, 'read',    'plain',  'none', { verbose: 'strict-bool', scope: 'text' }],
    ['NetworkCreate',     'POST /networks/create',             21, 'network', 'plain',  'json', NETWORK_SPEC],
    ['NetworkConnect',    'POST /networks/{id}/connect',       21, 'network', 'plain',  'json', {}, { names: ['container'] }],
    ['NetworkDisconnect', 'POST /networks/{id}/disconnect',    21, 'network', 'plain',  'json', {}, { names: ['container'] }],
    ['NetworkDelete',     'DELETE /networks/{id}',             21, 'network', 'plain',  'none'],
    ['NetworkPrune',      'POST /networks/prune',              25, 'network', 'stream', 'none', FILTERS],
  ]),
  ...table('volume', [
    ['VolumeList',        'GET /volumes',                      21, 'read',    'plain',  'none', FILTERS],
    ['VolumeInspect',     'GET /volumes/{name}',               21, 'read',    'plain',  'none'],
    ['VolumeCreate',      'POST /volumes/create',              21, 'volume',  'plain',  'json', VOLUME_SPEC],
    ['VolumeUpdate',      'PUT /volumes/{name}',               42, 'volume',  'plain',  'json', VERSION],
    ['VolumeDelete',      'DELETE /volumes/{name}',            21, 'volume',  'plain',  'none', { force: 'bool' }],
    ['VolumePrune',       'POST /volumes/prune',               25, 'volume',  'stream', 'none', FILTERS],
  ]),
];
