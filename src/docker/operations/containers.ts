import type { Operation } from '../types.ts';
import { FILTERS, ignored, SIZE, table } from './row.ts';

const ATTACH = {
  detachKeys: 'text',
  logs: 'bool',
  stream: 'bool',
  stdin: 'bool',
  stdout: 'bool',
  stderr: 'bool',
  // dockerode
  ...ignored('hijack tty'),
} as const;

const LIST = {
  all: 'bool',
  limit: 'int',
  size: 'bool',
  filters: 'filters',
  // still read by the Engine, no longer documented
  since: 'text',
  before: 'text',
  // docker-py
  ...ignored('trunc_cmd'),
} as const;

const LOGS = {
  follow: 'bool',
  stdout: 'bool',
  stderr: 'bool',
  since: 'text',
  until: 'text',
  timestamps: 'bool',
  tail: 'text',
  details: 'bool',
} as const;

/** Fields of the body that dockerode repeats in the query of create and commit. */
const CONFIG = {
  ...ignored(
    'Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce',
  ),
  ...ignored(
    'Env Cmd Healthcheck ArgsEscaped Image Volumes VolumesFrom WorkingDir Entrypoint NetworkDisabled',
  ),
  ...ignored('MacAddress OnBuild Labels StopSignal StopTimeout Shell HostConfig NetworkingConfig'),
};

const COMMIT = {
  container: 'text',
  repo: 'text',
  tag: 'text',
  comment: 'text',
  author: 'text',
  pause: 'bool-on',
  changes: 'list',
  ...CONFIG,
} as const;

const PUT = { path: 'text', noOverwriteDirNonDir: 'bool', copyUIDGID: 'bool' } as const;
const START = { detachKeys: 'text', checkpoint: 'text', 'checkpoint-dir': 'text' } as const;
const CHECKPOINT = { documented: false } as const;

/** Containers, and the exec instances in them. */
// biome-ignore format: a table
export const CONTAINERS: readonly Operation[] = [
  ...table('container', [
    // operationId              method and path                          since  class       connection    body            query
    ['ContainerList',           'GET /containers/json',                      0, 'read',      'plain',     'none', LIST],
    ['ContainerCreate',         'POST /containers/create',                   0, 'lifecycle', 'plain',     'json', { name: 'text', platform: 'text', ...CONFIG }, { names: ['image', 'network', 'volume', 'container'] }],
    ['ContainerPrune',          'POST /containers/prune',                   25, 'lifecycle', 'stream',    'none', FILTERS],

    ['ContainerCheckpointList', 'GET /containers/{id}/checkpoints',         25, 'admin',     'plain',     'none', { dir: 'text' }, CHECKPOINT],
    ['ContainerCheckpointCreate', 'POST /containers/{id}/checkpoints',      25, 'admin',     'stream',    'json', {}, CHECKPOINT],
    ['ContainerCheckpointDelete', 'DELETE /containers/{id}/checkpoints/{checkpoint}', 25, 'admin', 'plain', 'none', { dir: 'text' }, CHECKPOINT],

    ['ContainerInspect',        'GET /containers/{id}/json',                 0, 'read',      'plain',     'none', { size: 'bool' }],
    ['ContainerStats',          'GET /containers/{id}/stats',               17, 'read',      'stream',    'none', { stream: 'bool-on', 'one-shot': 'bool' }],

    ['ContainerStart',          'POST /containers/{id}/start',               0, 'lifecycle', 'plain',     'none', START],
    ['ContainerStop',           'POST /containers/{id}/stop',                0, 'lifecycle', 'stream',    'none', { signal: 'text', t: 'int' }],
    ['ContainerRestart',        'POST /containers/{id}/restart',             0, 'lifecycle', 'stream',    'none', { signal: 'text', t: 'int' }],
    ['ContainerKill',           'POST /containers/{id}/kill',                0, 'lifecycle', 'plain',     'none', { signal: 'text' }],
    ['ContainerPause',          'POST /containers/{id}/pause',              12, 'lifecycle', 'plain',     'none'],
    ['ContainerUnpause',        'POST /containers/{id}/unpause',            12, 'lifecycle', 'plain',     'none'],
    ['ContainerRename',         'POST /containers/{id}/rename',             17, 'lifecycle', 'plain',     'none', { name: 'text' }],
    ['ContainerUpdate',         'POST /containers/{id}/update',             22, 'lifecycle', 'plain',     'json'],
    ['ContainerWait',           'POST /containers/{id}/wait',                0, 'lifecycle', 'stream',    'none', { condition: 'text' }],
    ['ContainerDelete',         'DELETE /containers/{id}',                   0, 'lifecycle', 'stream',    'none', { v: 'bool', force: 'bool', link: 'bool' }],

    ['ContainerLogs',           'GET /containers/{id}/logs',                11, 'exec',      'stream',    'none', LOGS],
    ['ContainerTop',            'GET /containers/{id}/top',                  3, 'exec',      'stream',    'none', { ps_args: 'text' }],
    ['ContainerChanges',        'GET /containers/{id}/changes',              0, 'exec',      'stream',    'none'],
    ['ContainerExport',         'GET /containers/{id}/export',               0, 'exec',      'stream',    'none'],
    ['ContainerArchive',        'GET /containers/{id}/archive',             20, 'exec',      'stream',    'none', { path: 'text' }],
    ['ContainerArchiveInfo',    'HEAD /containers/{id}/archive',            20, 'exec',      'stream',    'none', { path: 'text' }],
    ['PutContainerArchive',     'PUT /containers/{id}/archive',             20, 'exec',      'stream',    'tar',  PUT],
    ['ContainerAttach',         'POST /containers/{id}/attach',              0, 'exec',      'hijack',    'none', ATTACH],
    ['ContainerAttachWebsocket', 'GET /containers/{id}/attach/ws',           0, 'exec',      'websocket', 'none', ATTACH],
    ['ContainerResize',         'POST /containers/{id}/resize',             16, 'exec',      'plain',     'none', SIZE],
    ['ContainerExec',           'POST /containers/{id}/exec',               15, 'exec',      'plain',     'json'],
  ]),
  ...table('exec', [
    ['ExecInspect',             'GET /exec/{id}/json',                      16, 'exec',      'plain',     'none'],
    ['ExecStart',               'POST /exec/{id}/start',                    15, 'exec',      'hijack',    'json'],
    ['ExecResize',              'POST /exec/{id}/resize',                   15, 'exec',      'plain',     'none', SIZE],
  ]),
  ...table('image', [
    ['ImageCommit',             'POST /commit',                              0, 'supply',    'stream',    'json-optional', COMMIT, { involves: ['container'] }],
  ]),
];
