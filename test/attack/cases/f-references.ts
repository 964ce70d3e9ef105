import { IDS } from '../../support/fake-inventory.ts';
import { http, json, plainly } from '../../support/front-door.ts';
import type { Attempt, Case, Persona } from '../corpus/case.ts';
import {
  byEach,
  DRIVES,
  get,
  gone,
  HERS,
  labels,
  NOT_HERS,
  type On,
  on,
  post,
  READS,
} from '../corpus/tenants.ts';
import { attack, create, each, forwarded, refused, streamed } from '../corpus/write.ts';

/** Section F: what a container is called, and who calls it so. */

const LIKE_ID = ['b0b0cc012345', IDS.bobc, 'deadbeefcafe', '0'.repeat(12), 'f'.repeat(63)] as const;
const ALICEC = 'container/team-a/alicec';

/** The request with a container's full id, as the Engine receives it. */
function canonical([operation, make, road]: On, id: string): string {
  const [line = ''] = make(id)
    .replace('=/etc', '=%2Fetc')
    .replace('%2Fetc/shadow', '%2Fetc%2Fshadow')
    .split(' HTTP/1.1', 1);
  return (road === 'plain' ? forwarded(line, operation) : streamed(line, operation)).received;
}

/** Whatever alice calls her container, the Engine receives its id. */
const byId = (as: Persona, references: readonly string[]): Case[] =>
  [...READS, ...DRIVES]
    .filter(([, , road]) => road !== undefined)
    .map((each) => {
      const [operation, make] = each;
      return attack(
        'F005',
        `${operation} by ${as}: her own container by its id, whatever it is called`,
        references.map((name) => ({ name, bytes: make(name) })),
        { received: canonical(each, IDS.alicec), operation, resource: ALICEC },
        { as },
      );
    });

const namedExec = (Cmd: string[]): string => JSON.stringify({ Cmd });

export const F_REFERENCES: readonly Case[] = [
  // Every operation on one container, by every name that is not hers.
  ...[...READS, ...DRIVES].map(([operation, make]) =>
    attack(
      READS.some(([id]) => id === operation) ? 'F001' : 'F009',
      `${operation} of a container that is not hers`,
      byEach('container', NOT_HERS, make),
      { ...gone(operation, 'id'), resource: null },
    ),
  ),
  attack(
    'F001',
    'by an old version and by none',
    each(['/containers/bobc/json', '/v1.24/containers/bobc/json', '/v1.40/containers/bobc/json?size=1'], get),
    { ...gone('ContainerInspect', 'id'), message: 'No such container: bobc' },
  ),
  attack(
    'F001',
    'letters that need no encoding',
    each(
      [
        '/v1.41/containers/bob%63/json',
        '/v1.41/containers/%62%6F%62%63/logs',
        '/v1.41/containers/%2fbobc/json',
      ],
      get,
    ),
    refused(400, 'path-encoding'),
  ),
  attack(
    'F001',
    'a slash before its name, as the Engine lists it',
    each(['/v1.41/containers/%2Fbobc/json', '/v1.41/containers//bobc/json'], get),
    refused(400, 'path-segments'),
    { note: 'a slash within a name has no reading here; the Engine would take it for the name' },
  ),
  attack(
    'F001',
    'HEAD of what is read by GET',
    each(['json', 'logs', 'export', 'changes', 'stats', 'top'], (what) =>
      http(`HEAD /v1.41/containers/bobc/${what}`),
    ),
    refused(403, 'unknown-operation'),
  ),
  attack(
    'F001',
    'by a viewer of another tenant',
    byEach('container', NOT_HERS, on('GET /v1.41/containers/{}/json')),
    { ...gone('ContainerInspect', 'id'), resource: null },
    { as: 'viewer' },
  ),
  attack(
    'F001',
    'hers by bob',
    byEach(
      'container',
      ['alicec', IDS.alicec, IDS.alicec.slice(0, 12), 'annc', 'oldc'],
      on('GET /v1.41/containers/{}/json'),
    ),
    { ...gone('ContainerInspect', 'id'), resource: null },
    { as: 'bob' },
  ),
  attack(
    'F001',
    'an operator reads everybody\u2019s',
    [
      ['bobc', 'container/team-b/bobc', IDS.bobc],
      ['alicec', ALICEC, IDS.alicec],
    ].map(([name = '', , id = '']) => ({
      name,
      bytes: get(`/v1.41/containers/${name}/json`),
      received: plainly(`GET /v1.41/containers/${id}/json`),
    })),
    forwarded('', 'ContainerInspect'),
    { as: 'admin' },
  ),
  attack(
    'F001',
    'what is nobody\u2019s, by an operator',
    [
      {
        name: 'oldc',
        bytes: get('/v1.41/containers/oldc/json'),
        received: plainly(`GET /v1.41/containers/${IDS.oldc}/json`),
      },
    ],
    { ...forwarded('', 'ContainerInspect'), resource: 'container/-/oldc' },
    { as: 'admin' },
  ),
  attack(
    'F001',
    'a container whose image brought the labels, by an operator: it is nobody\u2019s',
    get('/v1.41/containers/trojanc/json'),
    {
      ...forwarded(`GET /v1.41/containers/${IDS.trojanc}/json`, 'ContainerInspect'),
      resource: 'container/-/trojanc',
    },
    { as: 'admin' },
  ),
  // Names that look like ids.
  attack(
    'F003',
    'a container with a name that looks like an id',
    LIKE_ID.flatMap((name): Attempt[] => [
      { name, bytes: create({ Image: 'busybox' }, `POST /v1.41/containers/create?name=${name}`) as string },
      {
        name: `/${name}`,
        bytes: create({ Image: 'busybox' }, `POST /v1.41/containers/create?name=%2F${name}`) as string,
      },
    ]),
    refused(403, 'name-like-id', { operation: 'ContainerCreate', field: 'name' }),
  ),
  attack(
    'F003',
    'a container that gets such a name',
    LIKE_ID.flatMap((name): Attempt[] => [
      { name, bytes: post(`/v1.41/containers/alicec/rename?name=${name}`) },
      { name: `/${name}`, bytes: post(`/v1.41/containers/alicec/rename?name=/${name}`) },
    ]),
    refused(403, 'name-like-id', { operation: 'ContainerRename', field: 'name' }),
  ),
  attack(
    'F003',
    'a network with such a name',
    each(LIKE_ID, (Name) => json('POST /v1.41/networks/create', JSON.stringify({ Name }))),
    refused(403, 'name-like-id', { operation: 'NetworkCreate', field: 'Name' }),
  ),
  attack(
    'F003',
    'a volume with such a name',
    each(LIKE_ID, (Name) => json('POST /v1.41/volumes/create', JSON.stringify({ Name }))),
    refused(403, 'name-like-id', { operation: 'VolumeCreate', field: 'Name' }),
  ),
  attack(
    'F003',
    'a volume with such a name, by a container',
    each(LIKE_ID, (name) => create({ Image: 'busybox', HostConfig: { Binds: [`${name}:/x`] } })),
    refused(403, 'name-like-id', { operation: 'ContainerCreate' }),
    { note: 'bob\u2019s anonymous volumes have such names' },
  ),
  attack(
    'F003',
    'what a swarm has, with such a name',
    [
      ...each([...LIKE_ID, IDS.bobs], (Name) =>
        json('POST /v1.41/secrets/create', JSON.stringify({ Name, Data: 'eA==' })),
      ),
    ],
    refused(403, 'name-like-id', { operation: 'SecretCreate', field: 'Name' }),
    { as: 'sam', fakeOnly: 'there is no swarm' },
  ),
  attack(
    'F003',
    'a config with such a name',
    each([...LIKE_ID, IDS.bobs], (Name) =>
      json('POST /v1.41/configs/create', JSON.stringify({ Name, Data: 'eA==' })),
    ),
    refused(403, 'name-like-id', { operation: 'ConfigCreate', field: 'Name' }),
    { as: 'sam', fakeOnly: 'there is no swarm' },
  ),
  attack(
    'F003',
    'a service with such a name',
    each([...LIKE_ID, IDS.bobs], (Name) =>
      json(
        'POST /v1.41/services/create',
        JSON.stringify({ Name, TaskTemplate: { ContainerSpec: { Image: 'busybox' } } }),
      ),
    ),
    refused(403, 'name-like-id', { operation: 'ServiceCreate', field: 'Name' }),
    { as: 'sam', fakeOnly: 'there is no swarm' },
  ),
  attack(
    'F003',
    'bob by the short id, while another has a name that is longer or shorter than an id',
    each([IDS.bobc.slice(0, 12), IDS.bobc.slice(0, 20)], (id) =>
      json(`POST /v1.41/containers/${id}/exec`, namedExec(['id'])),
    ),
    {
      ...forwarded(`POST /v1.41/containers/${IDS.bobc}/exec`, 'ContainerExec', namedExec(['id'])),
      resource: 'container/team-b/bobc',
    },
    { as: 'bob' },
  ),
  // By id, whatever becomes of the name in between.
  ...byId('alice', HERS),
  ...byId('ann', ['alicec', IDS.alicec]),
  attack(
    'F005',
    'an exec in her own container',
    each(HERS, (name) => json(`POST /v1.41/containers/${name}/exec`, namedExec(['id']))),
    {
      ...forwarded(`POST /v1.41/containers/${IDS.alicec}/exec`, 'ContainerExec', namedExec(['id'])),
      resource: ALICEC,
    },
  ),
  attack(
    'F005',
    'limits of her own container',
    each(HERS, (name) => json(`POST /v1.41/containers/${name}/update`, '{"Memory":16777216}')),
    {
      ...forwarded(`POST /v1.41/containers/${IDS.alicec}/update`, 'ContainerUpdate', '{"Memory":16777216}'),
      resource: ALICEC,
    },
  ),
  attack(
    'F039',
    'her own container by the beginning of its id, which is the whole name of one of bob\u2019s',
    get(`/v1.41/containers/${IDS.alicec.slice(0, 6)}/json`),
    { ...forwarded(`GET /v1.41/containers/${IDS.alicec}/json`, 'ContainerInspect'), resource: ALICEC },
  ),
  attack(
    'F039',
    'the same for bob, whose the name is',
    get(`/v1.41/containers/${IDS.alicec.slice(0, 6)}/json`),
    {
      ...forwarded(`GET /v1.41/containers/${IDS.decoy}/json`, 'ContainerInspect'),
      resource: `container/team-b/${IDS.alicec.slice(0, 6)}`,
    },
    { as: 'bob' },
  ),
  attack(
    'F039',
    'a removal by that beginning',
    http(`DELETE /v1.41/containers/${IDS.alicec.slice(0, 6)}?force=1`),
    { ...streamed(`DELETE /v1.41/containers/${IDS.alicec}?force=1`, 'ContainerDelete'), resource: ALICEC },
  ),
  attack(
    'F039',
    'the beginning of ids of both',
    get('/v1.41/containers/a/json'),
    refused(400, 'ambiguous-reference', { operation: 'ContainerInspect', field: 'id' }),
    { note: 'of her own: alicec and annc', fakeOnly: 'ids there begin as they will' },
  ),
  // Exec instances.
  ...(
    [
      ['ExecInspect', on('GET /v1.41/exec/{}/json')],
      ['ExecResize', on('POST /v1.41/exec/{}/resize?h=1&w=1')],
      ['ExecStart', on('POST /v1.41/exec/{}/start', { Detach: true })],
      [
        'ExecStart',
        (id: string) =>
          http(
            `POST /v1.41/exec/${id}/start`,
            'Connection: Upgrade',
            'Upgrade: tcp',
            'Content-Type: application/json',
            'Content-Length: 2',
            '',
            '{}',
          ),
      ],
    ] as readonly On[]
  ).map(([operation, make]) =>
    attack(
      'F007',
      `${operation} of an exec instance that is not hers`,
      byEach(
        'exec',
        [IDS.bobx, IDS.bobx.slice(0, 12), IDS.alicex.slice(0, 12), 'e'.repeat(64), 'bobc', IDS.bobc],
        make,
      ),
      { ...gone(operation, 'id'), resource: null },
      { note: 'ids of exec instances have no beginning that stands for them' },
    ),
  ),
  attack('F007', 'an exec instance of her own', get(`/v1.41/exec/${IDS.alicex}/json`), {
    ...forwarded(`GET /v1.41/exec/${IDS.alicex}/json`, 'ExecInspect'),
    resource: `exec/team-a/${IDS.alicex}`,
  }),
  attack(
    'F007',
    'the same by ann, of her tenant',
    post(`/v1.41/exec/${IDS.alicex}/resize?h=1&w=1`),
    {
      ...forwarded(`POST /v1.41/exec/${IDS.alicex}/resize?h=1&w=1`, 'ExecResize'),
      resource: `exec/team-a/${IDS.alicex}`,
    },
    { as: 'ann', fakeOnly: 'what runs there has no terminal' },
  ),
  attack(
    'F007',
    'by a viewer, who may not exec',
    get(`/v1.41/exec/${IDS.alicex}/json`),
    refused(403, 'not-granted', { operation: 'ExecInspect' }),
    { as: 'viewer' },
  ),
  // Who she is.
  attack(
    'F041',
    'alice after she went over to the other tenant, at what was hers',
    byEach('container', ['alicec', IDS.alicec, 'annc'], on('GET /v1.41/containers/{}/json')),
    { ...gone('ContainerInspect', 'id'), resource: null },
    {
      as: 'moved',
      note: 'what is made belongs to the tenant; the owner label says who made it and gives no right',
    },
  ),
  attack(
    'F041',
    'at what is her new tenant\u2019s',
    get('/v1.41/containers/bobc/json'),
    {
      ...forwarded(`GET /v1.41/containers/${IDS.bobc}/json`, 'ContainerInspect'),
      resource: 'container/team-b/bobc',
    },
    { as: 'moved' },
  ),
  attack(
    'F041',
    'what she makes then is that tenant\u2019s',
    create({ Image: 'busybox', Labels: { a: 'b' } }),
    {
      ...forwarded(
        'POST /v1.41/containers/create',
        'ContainerCreate',
        JSON.stringify({ Image: 'busybox', Labels: { a: 'b', ...labels('moved') } }),
      ),
      resource: 'container/team-b/',
      status: 201,
    },
    { as: 'moved' },
  ),
];
