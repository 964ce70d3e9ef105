import type { Operation } from '../types.ts';
import { FILTERS, table } from './row.ts';

const UNDOCUMENTED = { documented: false } as const;

/** Served without a version prefix only, below Engine 29 on any method; here on GET. */
const DEBUG = { documented: false, versioned: false } as const;

/** The Engine itself, its plugins and its opaque channels. */
// biome-ignore format: a table
export const ENGINE: readonly Operation[] = [
  ...table('engine', [
    // operationId        method and path                since  class    connection  body    query
    ['SystemPing',        'GET /_ping',                     11, 'read',  'plain',  'none'],
    ['SystemPingHead',    'HEAD /_ping',                    40, 'read',  'plain',  'none'],
    ['SystemVersion',     'GET /version',                    0, 'read',  'plain',  'none'],
    ['SystemInfo',        'GET /info',                       0, 'read',  'plain',  'none'],
    ['SystemDataUsage',   'GET /system/df',                 25, 'read',  'stream', 'none', { type: 'list', verbose: 'bool' }],
    ['SystemEvents',      'GET /events',                     3, 'read',  'stream', 'none', { since: 'text', until: 'text', filters: 'filters' }],

    ['Session',           'POST /session',                  31, 'admin', 'h2c',    'none'],
    ['Grpc',              'POST /grpc',                     40, 'admin', 'h2c',    'none', {}, UNDOCUMENTED],

    ['DebugVars',         'GET /debug/vars',                 0, 'admin', 'stream', 'none', {}, DEBUG],
    ['DebugPprofCmdline', 'GET /debug/pprof/cmdline',        0, 'admin', 'stream', 'none', {}, DEBUG],
    ['DebugPprofProfile', 'GET /debug/pprof/profile',        0, 'admin', 'stream', 'none', { seconds: 'int' }, DEBUG],
    ['DebugPprofSymbol',  'GET /debug/pprof/symbol',         0, 'admin', 'stream', 'none', {}, DEBUG],
    ['DebugPprofTrace',   'GET /debug/pprof/trace',          0, 'admin', 'stream', 'none', { seconds: 'int' }, DEBUG],
    ['DebugPprofNamed',   'GET /debug/pprof/{name}',         0, 'admin', 'stream', 'none', { debug: 'int' }, DEBUG],
  ]),
  ...table('plugin', [
    ['PluginList',          'GET /plugins',                 24, 'read',  'plain',  'none', FILTERS],
    ['GetPluginPrivileges', 'GET /plugins/privileges',      25, 'admin', 'stream', 'none', { remote: 'text' }],
    ['PluginInspect',       'GET /plugins/{name}/json',     25, 'read',  'plain',  'none'],
    ['PluginInspectLegacy', 'GET /plugins/{name}',          24, 'read',  'plain',  'none', {}, { documented: false, removed: 25 }],
    ['PluginPull',          'POST /plugins/pull',           24, 'admin', 'stream', 'json', { remote: 'text', name: 'text' }],
    ['PluginCreate',        'POST /plugins/create',         25, 'admin', 'stream', 'tar',  { name: 'text' }],
    ['PluginEnable',        'POST /plugins/{name}/enable',  24, 'admin', 'stream', 'none', { timeout: 'int' }],
    ['PluginDisable',       'POST /plugins/{name}/disable', 24, 'admin', 'plain',  'none', { force: 'bool' }],
    ['PluginPush',          'POST /plugins/{name}/push',    25, 'admin', 'stream', 'none'],
    ['PluginSet',           'POST /plugins/{name}/set',     25, 'admin', 'plain',  'json'],
    ['PluginUpgrade',       'POST /plugins/{name}/upgrade', 26, 'admin', 'stream', 'json', { remote: 'text' }],
    ['PluginDelete',        'DELETE /plugins/{name}',       24, 'admin', 'plain',  'none', { force: 'bool' }],
  ]),
];
