import { IDS } from '../../support/fake-inventory.ts';
import { http, json } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import {
  BOBS_NETWORKS,
  BOBS_VOLUMES,
  byEach,
  get,
  gone,
  goneWords,
  labels,
  NOT_HERS,
  on,
  volumeMade,
} from '../corpus/tenants.ts';
import { attack, create, each, forbidden, forwarded, refused } from '../corpus/write.ts';

/** Section F: networks, volumes, and what a container's creation names. */

const CREATE = 'POST /v1.41/containers/create';
const connect = (network: string, body: object, what = 'connect'): string =>
  json(`POST /v1.41/networks/${network}/${what}`, JSON.stringify(body));
const network = (body: object): string =>
  json('POST /v1.41/networks/create', JSON.stringify({ Name: 'mynet', ...body }));
const host = (HostConfig: object): string => create({ Image: 'busybox', HostConfig }) as string;
const made = (body: object) => ({
  ...forwarded(CREATE, 'ContainerCreate', JSON.stringify(body)),
  resource: 'container/team-a/',
  status: 201,
});
/** The body as the Engine receives it: what is connected says by its id to which network. */
const reached = (what: 'connect' | 'disconnect', NetworkID: string): string =>
  JSON.stringify({ Container: IDS.alicec, ...(what === 'connect' ? { EndpointConfig: { NetworkID } } : {}) });
const taken = refused(409, 'name-taken', { operation: 'ContainerCreate' });
const own = (HostConfig: object, as: 'alice' | 'una' = 'una') =>
  made({ Image: 'busybox', Labels: labels(as), HostConfig });

export const F_NETWORKS: readonly Case[] = [
  ...(['connect', 'disconnect'] as const).flatMap((what) => {
    const operation = what === 'connect' ? 'NetworkConnect' : 'NetworkDisconnect';
    const id = what === 'connect' ? 'F011' : 'F013';
    return [
      attack(
        id,
        `${what}: a network that is not hers`,
        byEach('network', BOBS_NETWORKS, (name) => connect(name, { Container: 'alicec' }, what)),
        { ...gone(operation, 'id'), resource: null },
        { note: '404 and not 403: whether there is such a network is not hers to know' },
      ),
      attack(
        id,
        `${what}: bob\u2019s container on bob\u2019s network`,
        byEach('network', BOBS_NETWORKS, (name) => connect(name, { Container: 'bobc', Force: true }, what)),
        { ...gone(operation, 'id'), resource: null },
      ),
      attack(
        id,
        `${what}: a container that is not hers, on a network of her own`,
        byEach('container', NOT_HERS, (Container) => connect('alicen', { Container }, what)),
        gone(operation, 'Container'),
        { note: '404 and not 403' },
      ),
      attack(
        id,
        `${what}: a container that is not hers, on the bridge of all`,
        byEach('container', NOT_HERS, (Container) => connect('bridge', { Container }, what)),
        gone(operation, 'Container'),
      ),
      attack(
        id,
        `${what}: her own, by whatever name`,
        each(['alicec', '/alicec', IDS.alicec.slice(0, 12), IDS.alicec.slice(0, 6)], (Container) =>
          connect('alicen', { Container }, what),
        ),
        {
          ...forwarded(`POST /v1.41/networks/${IDS.alicen}/${what}`, operation, reached(what, IDS.alicen)),
          resource: 'network/team-a/alicen',
          involves: ['container/team-a/alicec'],
        },
      ),
      attack(
        id,
        `${what}: of two networks of one name, her own`,
        connect('dup', { Container: 'alicec' }, what),
        {
          ...forwarded(`POST /v1.41/networks/${IDS.aliced}/${what}`, operation, reached(what, IDS.aliced)),
          resource: 'network/team-a/dup',
        },
      ),
    ];
  }),
  attack(
    'F011',
    'connect: links to a container that is not hers',
    byEach('container', NOT_HERS, (name) =>
      connect('alicen', { Container: 'alicec', EndpointConfig: { Links: [`${name}:x`] } }),
    ),
    gone('NetworkConnect', 'EndpointConfig.Links[0]'),
    { as: 'una' },
  ),
  ...(
    [
      ['NetworkInspect', on('GET /v1.41/networks/{}')],
      ['NetworkDelete', on('DELETE /v1.41/networks/{}')],
    ] as const
  ).map(([operation, make]) =>
    attack('F013', `${operation} of a network that is not hers`, byEach('network', BOBS_NETWORKS, make), {
      ...gone(operation, 'id'),
      resource: null,
    }),
  ),
  attack(
    'F013',
    'the networks that every Engine has, removed or left by others',
    [
      { name: 'removed', bytes: http('DELETE /v1.41/networks/bridge') },
      { name: 'by its id', bytes: http(`DELETE /v1.41/networks/${IDS.bridge}`) },
    ],
    refused(403, 'not-granted', { operation: 'NetworkDelete', resource: 'network/-/bridge' }),
  ),
  attack(
    'F013',
    'the bridge shows whose containers are on it: her own',
    get('/v1.41/networks/bridge'),
    { ...forwarded(`GET /v1.41/networks/${IDS.bridge}`, 'NetworkInspect'), resource: 'network/-/bridge' },
    { answer: { has: [IDS.annc] } },
  ),
  attack(
    'F013',
    'a network of her own, of which another\u2019s has the name too',
    get('/v1.41/networks/dup'),
    { ...forwarded(`GET /v1.41/networks/${IDS.aliced}`, 'NetworkInspect'), resource: 'network/team-a/dup' },
  ),
  attack(
    'F015',
    'networks that sit on the host\u2019s own',
    each(
      [
        { Driver: 'macvlan' },
        { Driver: 'ipvlan' },
        { Driver: 'host' },
        { Driver: 'null' },
        { Driver: 'evil' },
        { Driver: 'Bridge' },
      ],
      (value) => network(value),
    ),
    forbidden('NetworkCreate', 'network-driver'),
  ),
  attack(
    'F015',
    'a network on an interface of the host',
    network({ Driver: 'macvlan', Options: { parent: 'eth0' } }),
    forbidden('NetworkCreate', 'network-driver', 'network-option'),
  ),
  attack(
    'F015',
    'the configuration of a network that is not hers',
    byEach('network', BOBS_NETWORKS, (Network) => network({ ConfigFrom: { Network } })),
    gone('NetworkCreate', 'ConfigFrom.Network'),
  ),
  attack(
    'F015',
    'the configuration of her own, where another\u2019s has the name too',
    network({ ConfigFrom: { Network: 'dup' } }),
    refused(409, 'name-taken', { operation: 'NetworkCreate', field: 'ConfigFrom.Network' }),
  ),
  attack(
    'F015',
    'a network of her own gets her tenant\u2019s labels',
    {
      'without labels': network({}),
      'with an empty map': network({ Labels: {} }),
    },
    {
      ...forwarded(
        'POST /v1.41/networks/create',
        'NetworkCreate',
        JSON.stringify({ Name: 'mynet', CheckDuplicate: true, Labels: labels() }),
      ),
      resource: 'network/team-a/',
      status: 201,
    },
  ),
  attack(
    'F017',
    'subnets that may be the host\u2019s or bob\u2019s',
    each(
      [
        { IPAM: { Config: [{ Subnet: '10.0.0.0/8' }] } },
        { IPAM: { Config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] } },
        { IPAM: { Config: [{}, { Subnet: '0.0.0.0/0' }] } },
      ],
      (value) => network(value),
    ),
    forbidden('NetworkCreate', 'network-subnet'),
  ),
  // Volumes.
  ...(
    [
      ['VolumeInspect', on('GET /v1.41/volumes/{}')],
      ['VolumeDelete', on('DELETE /v1.41/volumes/{}?force=1')],
      ['VolumeDelete', on('DELETE /v1.41/volumes/{}')],
      ['VolumeUpdate', on('PUT /v1.42/volumes/{}?version=1', { Spec: {} })],
    ] as const
  ).map(([operation, make]) =>
    attack(
      'F019',
      `${operation} of a volume that is not hers`,
      byEach('volume', BOBS_VOLUMES, make),
      { ...gone(operation, 'name'), resource: null },
      operation === 'VolumeUpdate' ? { fakeOnly: 'of a newer version' } : {},
    ),
  ),
  attack('F019', 'a volume of her own', get('/v1.41/volumes/alicev'), {
    ...forwarded('GET /v1.41/volumes/alicev', 'VolumeInspect'),
    resource: 'volume/team-a/alicev',
  }),
  attack('F019', 'a volume without a name that her container has', get(`/v1.41/volumes/${IDS.aliceanon}`), {
    ...forwarded(`GET /v1.41/volumes/${IDS.aliceanon}`, 'VolumeInspect'),
    resource: `volume/team-a/${IDS.aliceanon}`,
  }),
  attack(
    'F019',
    'a volume that is bob\u2019s, made once more to read its options',
    each(['bobv', 'oldvolume'], (Name) => json('POST /v1.41/volumes/create', JSON.stringify({ Name }))),
    refused(409, 'name-taken', { operation: 'VolumeCreate', field: 'Name' }),
  ),
  attack(
    'F019',
    'a volume of her own gets her tenant\u2019s labels',
    json('POST /v1.41/volumes/create', '{"Name":"newv","Labels":{"a":"b"}}'),
    {
      ...forwarded(
        'POST /v1.41/volumes/create',
        'VolumeCreate',
        JSON.stringify({ Name: 'newv', Labels: { a: 'b', ...labels() } }),
      ),
      resource: 'volume/team-a/',
      status: 201,
    },
  ),
  // What a container's creation names.
  attack(
    'E009',
    'a volume that is bob\u2019s or nobody\u2019s, by a bind',
    each(['bobv:/h', 'bobv:/h:ro', 'oldvolume:/h', 'bobv:/h:nocopy'], (bind) => host({ Binds: [bind] })),
    taken,
    { note: '409 and not 403: a name is taken, and not said by whom' },
  ),
  attack(
    'E009',
    'a volume that is bob\u2019s, by a mount',
    each(
      [
        { Type: 'volume', Source: 'bobv', Target: '/h' },
        { Type: 'volume', Source: 'bobv', Target: '/h', ReadOnly: true, VolumeOptions: { NoCopy: true } },
      ],
      (mount) => host({ Mounts: [mount] }),
    ),
    taken,
  ),
  attack(
    'E009',
    'an anonymous volume of bob\u2019s',
    {
      'by a bind': host({ Binds: [`${IDS.bobanon}:/h`] }),
      'by a mount': host({ Mounts: [{ Type: 'volume', Source: IDS.bobanon, Target: '/h' }] }),
    },
    refused(403, 'name-like-id', { operation: 'ContainerCreate' }),
  ),
  attack('E009', 'a volume of her own', host({ Binds: ['alicev:/h'] }), {
    ...own({ Binds: ['alicev:/h'] }, 'alice'),
    involves: ['image/docker.io/library/busybox:latest', 'volume/team-a/alicev'],
  }),
  attack(
    'E009',
    'a volume that is not there yet is made before, with her labels',
    host({ Binds: ['newv:/h'] }),
    own({ Binds: ['newv:/h'] }, 'alice'),
    { asks: volumeMade('newv') },
  ),
  attack('E009', 'one of two is bob\u2019s: neither is made', host({ Binds: ['newv:/a', 'bobv:/h'] }), taken),
  attack(
    'E059',
    'volumes that an image brings, without a name: they are the tenant\u2019s whose container has them',
    [
      { name: 'of hers', bytes: get(`/v1.41/volumes/${IDS.aliceanon}`) },
      { name: 'again', bytes: get(`/v1.41/volumes/${IDS.aliceanon}`) },
    ],
    {
      ...forwarded(`GET /v1.41/volumes/${IDS.aliceanon}`, 'VolumeInspect'),
      resource: `volume/team-a/${IDS.aliceanon}`,
    },
  ),
  attack('E059', 'and nobody else\u2019s', byEach('volume', [IDS.bobanon], on('GET /v1.41/volumes/{}')), {
    ...gone('VolumeInspect', 'name'),
    resource: null,
  }),
  attack(
    'E059',
    'places for such volumes that a creation asks for',
    create({ Image: 'busybox', Volumes: { '/x': {} } }),
    made({ Image: 'busybox', Volumes: { '/x': {} }, Labels: labels() }),
  ),
  attack(
    'E021',
    'a network that is not hers, or nobody\u2019s',
    byEach(
      'network',
      ['bobn', IDS.bobn, IDS.bobn.slice(0, 12), 'Host', 'Bridge', 'Container:x', 'service:x', 'nobodyn'],
      (NetworkMode) => host({ NetworkMode }),
    ),
    gone('ContainerCreate', 'HostConfig.NetworkMode'),
    { note: '404 and not 403: a network of that name is not there' },
  ),
  attack(
    'E045',
    'an endpoint on a network that is not hers',
    byEach('network', BOBS_NETWORKS, (name) =>
      create({ Image: 'busybox', NetworkingConfig: { EndpointsConfig: { [name]: { Aliases: ['db'] } } } }),
    ),
    gone('ContainerCreate'),
    { note: '404 and not 403' },
  ),
  attack(
    'E045',
    'an endpoint that says by its id that it is on bob\u2019s network',
    create({ Image: 'busybox', NetworkingConfig: { EndpointsConfig: { alicen: { NetworkID: IDS.bobn } } } }),
    { ...gone('ContainerCreate'), message: goneWords('network', IDS.bobn) },
  ),
  attack(
    'E045',
    'an endpoint on a network of her own',
    create({
      Image: 'busybox',
      HostConfig: { NetworkMode: 'alicen' },
      NetworkingConfig: { EndpointsConfig: { alicen: { Aliases: ['db'] } } },
    }),
    {
      ...made({
        Image: 'busybox',
        Labels: labels(),
        HostConfig: { NetworkMode: IDS.alicen },
        NetworkingConfig: { EndpointsConfig: { [IDS.alicen]: { Aliases: ['db'], NetworkID: IDS.alicen } } },
      }),
      involves: ['network/team-a/alicen', 'image/docker.io/library/busybox:latest'],
    },
  ),
  attack(
    'E017',
    'mounts of a container that is not hers',
    byEach('container', NOT_HERS, (name) => host({ VolumesFrom: [`${name}`] })),
    gone('ContainerCreate', 'HostConfig.VolumesFrom[0]'),
    { note: '404 and not 403' },
  ),
  ...(['NetworkMode', 'PidMode', 'IpcMode'] as const).flatMap((mode) => [
    attack(
      mode === 'IpcMode' ? 'E023' : 'E019',
      `${mode} of a container that is not hers`,
      byEach('container', NOT_HERS, (name) => host({ [mode]: `container:${name}` })),
      gone('ContainerCreate', `HostConfig.${mode}`),
      { note: '404 and not 403' },
    ),
    attack(
      'F039',
      `${mode} of her own container, by whatever name, within baseline`,
      each(['alicec', IDS.alicec.slice(0, 6)], (name) => host({ [mode]: `container:${name}` })),
      forbidden('ContainerCreate', 'container-namespace'),
    ),
    attack(
      'F039',
      `${mode} of her own container, by the beginning of its id that is a name of bob\u2019s`,
      each(['alicec', '/alicec', IDS.alicec.slice(0, 12), IDS.alicec.slice(0, 6)], (name) =>
        host({ [mode]: `container:${name}` }),
      ),
      {
        ...own({ [mode]: `container:${IDS.alicec}` }),
        involves: ['container/team-a/alicec', 'image/docker.io/library/busybox:latest'],
      },
      { as: 'una', note: 'by a grant without a profile: baseline lets nobody join another container' },
    ),
  ]),
  attack(
    'F039',
    'mounts of her own container, by the beginning of its id that is a name of bob\u2019s',
    [
      ['alicec', ''],
      [IDS.alicec.slice(0, 6), ''],
      [IDS.alicec.slice(0, 6), ':ro'],
    ].map(([name = '', mode = '']) => ({
      name: name + mode,
      bytes: host({ VolumesFrom: [name + mode] }),
      received: own({ VolumesFrom: [IDS.alicec + mode] }).received,
    })),
    own({}),
    { as: 'una' },
  ),
  attack(
    'F039',
    'links to her own container, by the beginning of its id that is a name of bob\u2019s',
    [
      ['alicec:db', `${IDS.alicec}:db`],
      ['alicec', `${IDS.alicec}:alicec`],
      [`${IDS.alicec.slice(0, 6)}:db`, `${IDS.alicec}:db`],
      ['/alicec:/web/db', `${IDS.alicec}:/web/db`],
    ].map(([name = '', link = '']) => ({
      name,
      bytes: host({ Links: [name] }),
      received: own({ Links: [link] }).received,
    })),
    own({}),
    { as: 'una' },
  ),
  attack(
    'F039',
    'links to a container that is not hers',
    byEach('container', NOT_HERS, (name) => host({ Links: [`${name}:db`] })),
    gone('ContainerCreate', 'HostConfig.Links[0]'),
    { as: 'una' },
  ),
  attack(
    'A035',
    'labels of another\u2019s, in every body that has labels',
    {
      container: create({ Image: 'busybox', Labels: { 'io.quaywarden.tenant': 'team-b' } }),
      'in capitals': create({ Image: 'busybox', Labels: { 'IO.Quaywarden.Tenant': 'team-b' } }),
      'of a mount': host({
        Mounts: [
          {
            Type: 'volume',
            Source: 'newv',
            Target: '/h',
            VolumeOptions: { Labels: { 'io.quaywarden.owner': 'bob' } },
          },
        ],
      }),
    },
    refused(403, 'own-label', { operation: 'ContainerCreate' }),
  ),
];
