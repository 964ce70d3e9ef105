import { IDS } from '../../support/fake-inventory.ts';
import { http, json } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import { get, gone, goneWords, labels, NOT_HERS, on, post } from '../corpus/tenants.ts';
import { attack, each, forbidden, forwarded, refused } from '../corpus/write.ts';

/** Section G: the swarm, plugins, and the Engine itself. */

const NO_SWARM = { as: 'sam', fakeOnly: 'there is no swarm' } as const;
const service = (TaskTemplate: object, more: object = {}): string =>
  json('POST /v1.41/services/create', JSON.stringify({ Name: 's', TaskTemplate, ...more }));
const task = (ContainerSpec: object): string =>
  service({ ContainerSpec: { Image: 'busybox', ...ContainerSpec } });
const denied = (operation: string, resource?: string) =>
  refused(403, 'not-granted', { operation, ...(resource === undefined ? {} : { resource }) });
const words = (
  kind: 'service' | 'secret' | 'config' | 'task',
  names: readonly string[],
  make: (name: string) => string,
) => names.map((name) => ({ name, bytes: make(name), message: goneWords(kind, name) }));
const file = { Name: 'x', UID: '0', GID: '0', Mode: 292 };
const madeService = (spec: object, more: object = {}) => ({
  ...forwarded(
    'POST /v1.41/services/create',
    'ServiceCreate',
    JSON.stringify({
      Name: 's',
      Labels: labels('sam'),
      TaskTemplate: { ContainerSpec: { Image: 'busybox', Labels: labels('sam'), ...spec } },
      ...more,
    }),
  ),
  resource: 'service/team-a/',
  status: 201,
});

const SERVICES = ['bobs', IDS.bobs, IDS.bobs.slice(0, 12), 'nobodys'] as const;
const SECRETS = ['bobsecret', IDS.bobsecret, IDS.bobsecret.slice(0, 12), 'nobodys'] as const;
const CONFIGS = ['bobconfig', IDS.bobconfig, IDS.bobconfig.slice(0, 12), 'nobodys'] as const;
const TASKS = [IDS.bobt, IDS.bobt.slice(0, 12), 'nobodys'] as const;

export const G_CLUSTER: readonly Case[] = [
  ...(
    [
      ['SwarmInit', json('POST /v1.41/swarm/init', '{"ListenAddr":"0.0.0.0:2377","ForceNewCluster":true}')],
      [
        'SwarmJoin',
        json(
          'POST /v1.41/swarm/join',
          '{"ListenAddr":"0.0.0.0:2377","RemoteAddrs":["10.0.0.1"],"JoinToken":"x"}',
        ),
      ],
      ['SwarmLeave', post('/v1.41/swarm/leave?force=1')],
      ['SwarmUpdate', json('POST /v1.41/swarm/update?version=1&rotateManagerToken=1', '{}')],
      ['SwarmUnlock', json('POST /v1.41/swarm/unlock', '{"UnlockKey":"x"}')],
      ['SwarmUnlockkey', get('/v1.41/swarm/unlockkey')],
      ['SwarmInspect', get('/v1.41/swarm')],
      [
        'NodeUpdate',
        json('POST /v1.41/nodes/n/update?version=1', '{"Role":"manager","Availability":"active"}'),
      ],
      ['NodeDelete', http('DELETE /v1.41/nodes/n?force=1')],
      ['NodeInspect', get('/v1.41/nodes/n')],
      ['NodeList', get('/v1.41/nodes')],
    ] as const
  ).flatMap(([operation, bytes]) =>
    (['alice', 'sam', 'viewer'] as const).map((as) =>
      attack(
        'G001',
        `${operation} by ${as}`,
        bytes,
        operation === 'NodeInspect' ? gone(operation) : denied(operation),
        { as },
      ),
    ),
  ),
  attack('G003', 'a service of a developer', task({}), denied('ServiceCreate')),
  attack(
    'G003',
    'a service that binds a path of the host',
    each(['/', '/var/run/docker.sock', '/etc/..'], (Source) =>
      task({ Mounts: [{ Type: 'bind', Source, Target: '/h' }] }),
    ),
    forbidden('ServiceCreate', 'host-path'),
    NO_SWARM,
  ),
  attack(
    'G003',
    'a service with a volume that is bob\u2019s or nobody\u2019s',
    each(['bobv', 'oldvolume'], (Source) => task({ Mounts: [{ Type: 'volume', Source, Target: '/h' }] })),
    refused(409, 'name-taken', { operation: 'ServiceCreate' }),
    NO_SWARM,
  ),
  attack(
    'G003',
    'a service on a network that is not hers',
    ['bobn', IDS.bobn, 'Host', 'nobodyn'].flatMap((Target) => [
      {
        name: Target,
        bytes: service({ ContainerSpec: { Image: 'busybox' }, Networks: [{ Target }] }),
        message: goneWords('network', Target),
      },
      {
        name: `old ${Target}`,
        bytes: service({ ContainerSpec: { Image: 'busybox' } }, { Networks: [{ Target }] }),
        message: goneWords('network', Target),
      },
    ]),
    gone('ServiceCreate'),
    NO_SWARM,
  ),
  attack(
    'G003',
    'a service attached to a container that is not hers',
    NOT_HERS.map((ContainerID) => ({
      name: ContainerID,
      bytes: service({ NetworkAttachmentSpec: { ContainerID } }),
      message: goneWords('container', ContainerID),
    })),
    gone('ServiceCreate'),
    NO_SWARM,
  ),
  attack(
    'G003',
    'a service of an image that is not hers',
    each(['team-b/app', 'bob/app', IDS.bobapp], (Image) => task({ Image })),
    gone('ServiceCreate', 'TaskTemplate.ContainerSpec.Image'),
    NO_SWARM,
  ),
  attack(
    'G003',
    'a service of her own gets her tenant\u2019s labels, and so do its containers',
    task({}),
    madeService({}),
    NO_SWARM,
  ),
  attack(
    'G005',
    'a plugin by a service',
    service({
      Runtime: 'plugin',
      PluginSpec: { name: 'p', remote: 'evil/p', privileges: [{ name: 'mount', value: ['/'] }] },
    }),
    forbidden('ServiceCreate', 'host-path', 'plugin'),
    NO_SWARM,
  ),
  ...(
    [
      ['Secrets', 'Secret', 'secret', SECRETS],
      ['Configs', 'Config', 'config', CONFIGS],
    ] as const
  ).flatMap(([list, prefix, kind, names]) => [
    attack(
      'G007',
      `${list} that are not hers, by a service`,
      [
        ...words(kind, names, (name) =>
          task({ [list]: [{ [`${prefix}ID`]: name, [`${prefix}Name`]: 'x', File: file }] }),
        ),
        ...names.map((name) => ({
          name: `name ${name}`,
          bytes: task({ [list]: [{ [`${prefix}Name`]: name, File: file }] }),
          message: goneWords(kind, name),
        })),
      ],
      gone('ServiceCreate'),
      { ...NO_SWARM, note: '404 and not 403' },
    ),
  ]),
  attack(
    'G007',
    'a credential spec in a config that is not hers',
    words('config', CONFIGS, (Config) => task({ Privileges: { CredentialSpec: { Config } } })),
    gone('ServiceCreate', 'TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Config'),
    NO_SWARM,
  ),
  attack(
    'G007',
    'a secret of her own, by name and by id',
    [IDS.alicesecret, 'alicesecret', IDS.alicesecret.slice(0, 12)].map((SecretID) => ({
      name: SecretID,
      bytes: task({ Secrets: [{ SecretID, SecretName: 'alicesecret', File: file }] }),
    })),
    {
      ...madeService({ Secrets: [{ File: file, SecretID: IDS.alicesecret, SecretName: 'alicesecret' }] }),
    },
    NO_SWARM,
  ),
  ...(
    [
      ['service', 'ServiceInspect', on('GET /v1.41/services/{}'), SERVICES],
      ['service', 'ServiceDelete', on('DELETE /v1.41/services/{}'), SERVICES],
      ['service', 'ServiceLogs', on('GET /v1.41/services/{}/logs?stdout=1'), SERVICES],
      ['service', 'ServiceUpdate', on('POST /v1.41/services/{}/update?version=1', { Name: 's' }), SERVICES],
      ['task', 'TaskInspect', on('GET /v1.41/tasks/{}'), TASKS],
      ['task', 'TaskLogs', on('GET /v1.41/tasks/{}/logs?stdout=1'), TASKS],
      ['secret', 'SecretInspect', on('GET /v1.41/secrets/{}'), SECRETS],
      ['secret', 'SecretDelete', on('DELETE /v1.41/secrets/{}'), SECRETS],
      [
        'secret',
        'SecretUpdate',
        on('POST /v1.41/secrets/{}/update?version=1', { Name: 'bobsecret' }),
        SECRETS,
      ],
      ['config', 'ConfigInspect', on('GET /v1.41/configs/{}'), CONFIGS],
      ['config', 'ConfigDelete', on('DELETE /v1.41/configs/{}'), CONFIGS],
      [
        'config',
        'ConfigUpdate',
        on('POST /v1.41/configs/{}/update?version=1', { Name: 'bobconfig' }),
        CONFIGS,
      ],
    ] as const
  ).map(([kind, operation, make, names]) =>
    attack(
      'G009',
      `${operation} of a ${kind} that is not hers`,
      words(kind, names, make),
      { ...gone(operation, 'id'), resource: null },
      NO_SWARM,
    ),
  ),
  ...(
    [
      ['ServiceList', 'services', 'alices'],
      ['TaskList', 'tasks', IDS.alicet],
      ['SecretList', 'secrets', 'alicesecret'],
      ['ConfigList', 'configs', 'aliceconfig'],
    ] as const
  ).map(([operation, path, own]) =>
    attack(
      'G009',
      `${operation}: her own only`,
      get(`/v1.41/${path}`),
      forwarded(`GET /v1.41/${path}`, operation),
      { ...NO_SWARM, answer: { has: [own], lacks: ['bobs', 'Ym9icy1wYXNzd29yZA'] } },
    ),
  ),
  attack(
    'G009',
    'tasks of a service that is not hers',
    words('service', SERVICES, (name) =>
      get(`/v1.41/tasks?filters=${encodeURIComponent(JSON.stringify({ service: [name] }))}`),
    ),
    { ...gone('TaskList', 'filters.service'), resource: null },
    NO_SWARM,
  ),
  attack('G009', 'a config of a developer', get('/v1.41/configs/bobconfig'), denied('ConfigInspect')),
  attack('G009', 'secrets of a developer', get('/v1.41/secrets'), denied('SecretList')),
  attack(
    'G009',
    'logs of a service of a developer',
    words('service', SERVICES, on('GET /v1.41/services/{}/logs?stdout=1')),
    { ...gone('ServiceLogs', 'id'), resource: null },
    { fakeOnly: 'there is no swarm' },
  ),
  ...(
    [
      ['PluginPull', json('POST /v1.41/plugins/pull?remote=evil/p', '[]')],
      ['PluginSet', json('POST /v1.41/plugins/p/set', '["mount.source=/"]')],
      ['PluginEnable', post('/v1.41/plugins/p/enable')],
      ['PluginDisable', post('/v1.41/plugins/p/disable?force=1')],
      ['PluginUpgrade', json('POST /v1.41/plugins/p/upgrade?remote=evil/p', '[]')],
      [
        'PluginCreate',
        http(
          'POST /v1.41/plugins/create?name=p',
          'Content-Type: application/x-tar',
          'Content-Length: 3',
          '',
          'tar',
        ),
      ],
      ['PluginDelete', http('DELETE /v1.41/plugins/p?force=1')],
      ['PluginPush', post('/v1.41/plugins/p/push')],
      ['PluginInspect', get('/v1.41/plugins/p/json')],
      ['PluginList', get('/v1.41/plugins')],
      ['GetPluginPrivileges', get('/v1.41/plugins/privileges?remote=evil/p')],
    ] as const
  ).flatMap(([operation, bytes]) =>
    (['alice', 'una'] as const).map((as) =>
      attack(
        'G011',
        `${operation} by ${as}`,
        bytes,
        operation === 'PluginInspect' ? gone(operation) : denied(operation),
        { as },
      ),
    ),
  ),
  attack(
    'G013',
    'files put into her own container',
    http(
      'PUT /v1.41/containers/alicec/archive?path=/vol',
      'Content-Type: application/x-tar',
      'Content-Length: 1024',
      '',
      '\0'.repeat(1_024),
    ),
    {
      received: `${http(`PUT /v1.41/containers/${IDS.alicec}/archive?path=%2Fvol`, 'Content-Type: application/x-tar', 'Content-Length: 1024', 'Connection: close', '', '\0'.repeat(1_024))}`,
      operation: 'PutContainerArchive',
      resource: 'container/team-a/alicec',
    },
    {
      note: 'not 403: what an unpatched Engine does with symlinks is a matter of its version',
      fakeOnly: 'there is no /vol',
    },
  ),
  attack(
    'G015',
    'checkpoints of a container that is not hers',
    [
      ...NOT_HERS.map((name) => ({
        name,
        bytes: get(`/v1.41/containers/${name}/checkpoints`),
        message: goneWords('container', name),
      })),
    ],
    { ...gone('ContainerCheckpointList', 'id'), resource: null },
    { as: 'sam' },
  ),
  attack(
    'G015',
    'a checkpoint in a directory of the host',
    json('POST /v1.41/containers/alicec/checkpoints', '{"CheckpointID":"c","CheckpointDir":"/etc/cron.d"}'),
    forbidden('ContainerCheckpointCreate', 'checkpoint-path'),
    { as: 'sam' },
  ),
  attack(
    'G015',
    'a list of a directory of the host',
    get('/v1.41/containers/alicec/checkpoints?dir=/root'),
    forbidden('ContainerCheckpointList', 'checkpoint-path'),
    { as: 'sam' },
  ),
  attack(
    'G015',
    'checkpoints of a developer',
    get('/v1.41/containers/alicec/checkpoints'),
    denied('ContainerCheckpointList'),
  ),
  attack(
    'G015',
    'a start out of a directory of the host',
    post('/v1.41/containers/alicec/start?checkpoint=c&checkpoint-dir=/root'),
    forbidden('ContainerStart', 'checkpoint-path'),
  ),
  attack('G017', 'a target that ends as the log-in does', get('/v1.41/containers/auth/json'), {
    ...gone('ContainerInspect', 'id'),
    message: 'No such container: auth',
    resource: null,
  }),
  attack(
    'G017',
    'a query that ends as the log-in does',
    post('/v1.41/containers/bobc/kill?x=/auth'),
    refused(400, 'query-unknown'),
  ),
  attack(
    'G019',
    'a body whose length is said to be none',
    http('POST /v1.41/networks/bobn/connect', 'Content-Type: application/json', 'Content-Length: 0'),
    refused(400, 'body-missing', { operation: 'NetworkConnect' }),
  ),
];
