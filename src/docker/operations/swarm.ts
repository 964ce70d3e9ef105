import type { Operation } from '../types.ts';
import { FILTERS, ignored, table, VERSION } from './row.ts';

const LOGS = {
  details: 'bool',
  follow: 'bool',
  stdout: 'bool',
  stderr: 'bool',
  since: 'text',
  timestamps: 'bool',
  tail: 'text',
} as const;

/** Fields of the bodies that dockerode repeats in the query. */
const SERVICE_SPEC = ignored(
  'Name Labels TaskTemplate Mode UpdateConfig RollbackConfig Networks EndpointSpec',
);
const NODE_SPEC = ignored('Name Labels Role Availability');
const SECRET_SPEC = ignored('Name Labels Data Driver Templating');
const SWARM_SPEC = ignored(
  'Name Labels Orchestration Raft Dispatcher CAConfig EncryptionConfig TaskDefaults',
);

const SERVICE_UPDATE = { ...VERSION, registryAuthFrom: 'text', rollback: 'text', ...SERVICE_SPEC } as const;
const SWARM_UPDATE = {
  ...VERSION,
  rotateWorkerToken: 'strict-bool',
  rotateManagerToken: 'strict-bool',
  rotateManagerUnlockKey: 'strict-bool',
  ...SWARM_SPEC,
} as const;

/** What a service's tasks may use. */
const TASKS: Pick<Operation, 'names'> = {
  names: ['image', 'network', 'volume', 'secret', 'config', 'container'],
};

/** Swarm, nodes, services, tasks, secrets and configs. `GET /swarm` returns the join tokens. */
// biome-ignore format: a table
export const SWARM: readonly Operation[] = [
  ...table('swarm', [
    // operationId      method and path                 since  class     connection  body    query
    ['SwarmInspect',    'GET /swarm',                      24, 'secret', 'plain',  'none'],
    ['SwarmUnlockkey',  'GET /swarm/unlockkey',            25, 'secret', 'plain',  'none'],
    ['SwarmInit',       'POST /swarm/init',                24, 'swarm',  'stream', 'json'],
    ['SwarmJoin',       'POST /swarm/join',                24, 'swarm',  'stream', 'json'],
    ['SwarmLeave',      'POST /swarm/leave',               24, 'swarm',  'stream', 'none', { force: 'bool' }],
    ['SwarmUnlock',     'POST /swarm/unlock',              25, 'swarm',  'plain',  'json'],
    ['SwarmUpdate',     'POST /swarm/update',              24, 'swarm',  'plain',  'json', SWARM_UPDATE],
  ]),
  ...table('node', [
    ['NodeList',        'GET /nodes',                      24, 'read',   'plain',  'none', FILTERS],
    ['NodeInspect',     'GET /nodes/{id}',                 24, 'read',   'plain',  'none'],
    ['NodeUpdate',      'POST /nodes/{id}/update',         24, 'swarm',  'plain',  'json', { ...VERSION, ...NODE_SPEC }],
    ['NodeDelete',      'DELETE /nodes/{id}',              24, 'swarm',  'plain',  'none', { force: 'bool' }],
  ]),
  ...table('service', [
    ['ServiceList',     'GET /services',                   24, 'read',   'plain',  'none', { filters: 'filters', status: 'strict-bool' }],
    ['ServiceInspect',  'GET /services/{id}',              24, 'read',   'plain',  'none', { insertDefaults: 'strict-bool' }],
    ['ServiceCreate',   'POST /services/create',           24, 'swarm',  'plain',  'json', {}, TASKS],
    ['ServiceUpdate',   'POST /services/{id}/update',      24, 'swarm',  'plain',  'json', SERVICE_UPDATE, TASKS],
    ['ServiceDelete',   'DELETE /services/{id}',           24, 'swarm',  'plain',  'none'],
    ['ServiceLogs',     'GET /services/{id}/logs',         25, 'exec',   'stream', 'none', LOGS],
  ]),
  ...table('task', [
    ['TaskList',        'GET /tasks',                      24, 'read',   'plain',  'none', FILTERS],
    ['TaskInspect',     'GET /tasks/{id}',                 24, 'read',   'plain',  'none'],
    ['TaskLogs',        'GET /tasks/{id}/logs',            29, 'exec',   'stream', 'none', LOGS],
  ]),
  ...table('secret', [
    ['SecretList',      'GET /secrets',                    25, 'secret', 'plain',  'none', FILTERS],
    ['SecretInspect',   'GET /secrets/{id}',               25, 'secret', 'plain',  'none'],
    ['SecretCreate',    'POST /secrets/create',            25, 'secret', 'plain',  'json', SECRET_SPEC],
    ['SecretUpdate',    'POST /secrets/{id}/update',       26, 'secret', 'plain',  'json', { ...VERSION, ...SECRET_SPEC }],
    ['SecretDelete',    'DELETE /secrets/{id}',            25, 'secret', 'plain',  'none'],
  ]),
  ...table('config', [
    ['ConfigList',      'GET /configs',                    30, 'secret', 'plain',  'none', FILTERS],
    ['ConfigInspect',   'GET /configs/{id}',               30, 'secret', 'plain',  'none'],
    ['ConfigCreate',    'POST /configs/create',            30, 'secret', 'plain',  'json', SECRET_SPEC],
    ['ConfigUpdate',    'POST /configs/{id}/update',       30, 'secret', 'plain',  'json', { ...VERSION, ...SECRET_SPEC }],
    ['ConfigDelete',    'DELETE /configs/{id}',            30, 'secret', 'plain',  'none'],
  ]),
];
