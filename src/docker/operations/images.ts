import type { Operation } from '../types.ts';
import { FILTERS, ignored, table } from './row.ts';

const BUILD = {
  dockerfile: 'text',
  t: 'list',
  extrahosts: 'list',
  remote: 'text',
  q: 'bool',
  nocache: 'bool',
  cachefrom: 'json',
  pull: 'bool',
  rm: 'bool-on',
  forcerm: 'bool',
  memory: 'int',
  memswap: 'int',
  cpushares: 'int',
  cpusetcpus: 'text',
  cpuperiod: 'int',
  cpuquota: 'int',
  buildargs: 'json',
  shmsize: 'int',
  squash: 'bool',
  labels: 'json',
  networkmode: 'text',
  platform: 'text',
  target: 'text',
  outputs: 'struct',
  version: 'text',
  // read by the Engine, not documented
  session: 'text',
  buildid: 'text',
  cgroupparent: 'text',
  cpusetmems: 'text',
  securityopt: 'list',
  isolation: 'text',
  ulimits: 'struct',
} as const;

const BUILD_PRUNE = {
  'reserved-space': 'int',
  'max-used-space': 'int',
  'min-free-space': 'int',
  all: 'bool',
  filters: 'filters',
  // the name of reserved-space below API 1.48
  'keep-storage': 'int',
} as const;

const CREATE = {
  fromImage: 'text',
  fromSrc: 'text',
  repo: 'text',
  tag: 'text',
  message: 'text',
  changes: 'list',
  platform: 'text',
} as const;

const LIST = {
  all: 'bool',
  filters: 'filters',
  'shared-size': 'bool',
  digests: 'bool',
  manifests: 'bool',
  identity: 'bool',
  // read by the Engine below API 1.41
  filter: 'text',
  // docker-py
  ...ignored('only_ids'),
} as const;

const PUSH = { tag: 'text', platform: 'struct', ...ignored('stream') } as const;
const TAG = { repo: 'text', tag: 'text', ...ignored('force') } as const;

/** Images, builds and registries. */
// biome-ignore format: a table
export const IMAGES: readonly Operation[] = [
  ...table('image', [
    // operationId        method and path                     since  class     connection  body            query
    ['ImageList',         'GET /images/json',                     7, 'read',   'plain',  'none',         LIST],
    ['ImageInspect',      'GET /images/{name}/json',              0, 'read',   'plain',  'none',         { manifests: 'bool', platform: 'struct' }],
    ['ImageHistory',      'GET /images/{name}/history',           0, 'read',   'plain',  'none',         { platform: 'struct' }],
    ['ImageAttestations', 'GET /images/{name}/attestations',     55, 'supply', 'stream', 'none',         { platform: 'structs', type: 'list', statement: 'bool' }],

    ['ImageCreate',       'POST /images/create',                  0, 'supply', 'stream', 'tar-optional', CREATE],
    ['ImageLoad',         'POST /images/load',                    7, 'supply', 'stream', 'tar',          { quiet: 'bool-on', platform: 'structs' }],
    ['ImageGetAll',       'GET /images/get',                     15, 'supply', 'stream', 'none',         { names: 'list', platform: 'structs' }],
    ['ImageGet',          'GET /images/{name}/get',               7, 'supply', 'stream', 'none',         { platform: 'structs' }],
    ['ImagePush',         'POST /images/{name}/push',             0, 'supply', 'stream', 'none',         PUSH],
    ['ImageTag',          'POST /images/{name}/tag',              0, 'supply', 'plain',  'none',         TAG],
    ['ImageDelete',       'DELETE /images/{name}',                0, 'supply', 'stream', 'none',         { force: 'bool', noprune: 'bool', platforms: 'structs' }],
    ['ImagePrune',        'POST /images/prune',                  25, 'supply', 'stream', 'none',         FILTERS],
  ]),
  ...table('registry', [
    ['ImageSearch',         'GET /images/search',                 0, 'supply', 'stream', 'none',         { term: 'text', limit: 'int', filters: 'filters' }],
    ['DistributionInspect', 'GET /distribution/{name}/json',     30, 'supply', 'stream', 'none'],
    ['SystemAuth',          'POST /auth',                         0, 'supply', 'stream', 'json'],
  ]),
  ...table('build', [
    ['ImageBuild',        'POST /build',                          0, 'build',  'stream', 'tar-optional', BUILD, { involves: ['image'] }],
    ['BuildPrune',        'POST /build/prune',                   31, 'build',  'stream', 'none',         BUILD_PRUNE],
    // BuildKit's, like Session and Grpc: ends a build of anybody.
    ['BuildCancel',       'POST /build/cancel',                  38, 'admin',  'plain',  'none',         { id: 'text' }, { documented: false }],
  ]),
];
