import { IDS } from '../../support/fake-inventory.ts';
import { http, plainly } from '../../support/front-door.ts';
import type { Attempt, Case } from '../corpus/case.ts';
import { get, gone, goneWords, NOT_HERS, post } from '../corpus/tenants.ts';
import { attack, each, forwarded, refused, streamed } from '../corpus/write.ts';

/** Section F: what lists, events and counts show, and what prunes take. */

const encoded = (text: string): string => encodeURIComponent(text);
const filters = (value: object): string => `filters=${encoded(JSON.stringify(value))}`;
const written = (lines: Readonly<Record<string, string>>): Attempt[] =>
  Object.entries(lines).map(([sent, received]) => ({
    name: sent,
    bytes: http(`GET ${sent}`),
    received: forwarded(`GET ${received}`, '').received,
  }));
const ALICES = ['alicec', 'annc'];
const OWN = 'io.quaywarden.tenant=team-a';
/** What a prune of alice's takes: what has her tenant's label. */
const pruned = (kind: string, operation: string, more: object = {}, label: readonly string[] = []) => {
  const all = [...label, OWN].sort();
  const map = Object.fromEntries(all.map((each) => [each, true]));
  return {
    ...streamed(
      `POST /v1.41/${kind}/prune?filters=${encoded(JSON.stringify({ ...more, label: map }))}`,
      operation,
    ),
  };
};

/** Of events; real-engine-owners.test.ts has them there. */
const THERE = { fakeOnly: 'what happens there is something else' };

export const F_VIEWS: readonly Case[] = [
  attack(
    'F021',
    'events of her own only',
    each(
      [
        '/v1.41/events?since=0&until=1',
        '/v1.41/events?since=0&until=1&filters=%7B%22type%22%3A%5B%22container%22%5D%7D',
        `/v1.41/events?since=0&until=1&${filters({ container: ['bobc'] })}`,
        `/v1.41/events?since=0&until=1&${filters({ label: ['io.quaywarden.tenant=team-b'] })}`,
      ],
      get,
    ).map((attempt, index) => ({
      ...attempt,
      received: streamed(
        [
          'GET /v1.41/events?since=0&until=1',
          `GET /v1.41/events?since=0&until=1&${filters({ type: { container: true } })}`,
          `GET /v1.41/events?since=0&until=1&${filters({ container: { bobc: true } })}`,
          `GET /v1.41/events?since=0&until=1&${filters({ label: { 'io.quaywarden.tenant=team-b': true } })}`,
        ][index] as string,
        '',
      ).received,
    })),
    streamed('', 'SystemEvents'),
    { ...THERE, answer: { has: ['alices-command', '"exitCode":"7"', 'alicev', 'alicen'] } },
  ),
  attack(
    'F021',
    'events of everybody\u2019s for an operator',
    get('/v1.41/events?since=0&until=1'),
    streamed('GET /v1.41/events?since=0&until=1', 'SystemEvents'),
    { ...THERE, as: 'admin', answer: { has: ['alices-command', 'bobs-command', 'b0bs-host'] } },
  ),
  attack(
    'F021',
    'events of bob\u2019s for bob',
    get('/v1.41/events?since=0&until=1'),
    streamed('GET /v1.41/events?since=0&until=1', 'SystemEvents'),
    {
      ...THERE,
      as: 'bob',
      answer: { has: ['bobs-command', 'bobv'], lacks: ['alices-command', IDS.alicec, IDS.alicex] },
    },
  ),
  attack('F023', 'the Engine itself', get('/v1.41/info'), forwarded('GET /v1.41/info', 'SystemInfo'), {
    // What is counted is asked by the view, in the words of the client's version.
    asks: [plainly('GET /v1.41/containers/json?all=1'), plainly('GET /v1.41/images/json')],
    answer: { has: ['"Containers":2'] },
  }),
  attack(
    'F023',
    'usage',
    each(['/v1.41/system/df'], get),
    streamed('GET /v1.41/system/df', 'SystemDataUsage'),
    { answer: { has: ALICES, lacks: ['RUN '] } },
  ),
  attack(
    'F023',
    'usage of one kind',
    [
      ['volume', 'type=volume&type=container'],
      ['image', 'type=image&type=container'],
      ['container', 'type=container'],
      ['build-cache', 'type=build-cache&type=container'],
    ].map(([type = '', query = '']) => ({
      name: type,
      bytes: get(`/v1.42/system/df?type=${type}`),
      received: streamed(`GET /v1.42/system/df?${query}`, '').received,
    })),
    streamed('', 'SystemDataUsage'),
    { fakeOnly: 'of a newer version' },
  ),
  attack(
    'C019',
    'volumes by filters that filter nothing',
    written({
      '/v1.41/volumes': '/v1.41/volumes',
      '/v1.41/volumes?filters=null': '/v1.41/volumes',
      '/v1.41/volumes?filters={}': '/v1.41/volumes',
      '/v1.41/volumes?filters=': '/v1.41/volumes',
      [`/v1.41/volumes?${filters({ label: [] })}`]: `/v1.41/volumes?${filters({ label: {} })}`,
    }),
    forwarded('', 'VolumeList'),
    { answer: { has: ['alicev'] } },
  ),
  attack(
    'C019',
    'volumes by what bob\u2019s are called',
    written({
      [`/v1.41/volumes?${filters({ name: ['bob'] })}`]: `/v1.41/volumes?${filters({ name: { bob: true } })}`,
      [`/v1.41/volumes?${filters({ label: ['io.quaywarden.tenant=team-b'] })}`]: `/v1.41/volumes?${filters({ label: { 'io.quaywarden.tenant=team-b': true } })}`,
    }),
    forwarded('', 'VolumeList'),
  ),
  attack(
    'C019',
    'containers by filters that filter nothing',
    written({
      '/v1.41/containers/json?all=1': '/v1.41/containers/json?all=1',
      [`/v1.41/containers/json?all=1&${filters({ label: [] })}`]: `/v1.41/containers/json?all=1&${filters({ label: {} })}`,
    }),
    forwarded('', 'ContainerList'),
    { answer: { has: ALICES } },
  ),
  attack(
    'C019',
    'networks by filters that filter nothing',
    written({
      '/v1.41/networks': '/v1.41/networks',
      '/v1.41/networks?filters={}': '/v1.41/networks',
    }),
    forwarded('', 'NetworkList'),
    { answer: { has: [IDS.alicen, IDS.aliced, IDS.bridge], lacks: [IDS.host] } },
  ),
  attack(
    'C019',
    'images of her own and those that all share',
    written({
      '/v1.41/images/json': '/v1.41/images/json',
      '/v1.41/images/json?all=1': '/v1.41/images/json?all=1',
    }),
    forwarded('', 'ImageList'),
    { answer: { has: [IDS.busybox, IDS.aliceapp], lacks: [IDS.trojan] } },
  ),
  attack(
    'C021',
    'lists before and since a container that is not hers',
    [...NOT_HERS].flatMap((name) => [
      {
        name: `before ${name}`,
        bytes: get(`/v1.41/containers/json?before=${name}`),
        field: 'before',
        message: goneWords('container', name),
      },
      {
        name: `since ${name}`,
        bytes: get(`/v1.41/containers/json?since=${name}`),
        field: 'since',
        message: goneWords('container', name),
      },
      {
        name: `filter before ${name}`,
        bytes: get(`/v1.41/containers/json?${filters({ before: [name] })}`),
        field: 'filters.before',
        message: goneWords('container', name),
      },
      {
        name: `filter since ${name}`,
        bytes: get(`/v1.41/containers/json?${filters({ since: { [name]: true } })}`),
        field: 'filters.since',
        message: goneWords('container', name),
      },
    ]),
    { ...gone('ContainerList'), resource: null },
    { note: '404 in the Engine\u2019s words, as for a container that nobody has' },
  ),
  attack(
    'C021',
    'lists before one of her own, by the beginning of its id that is a name of bob\u2019s',
    [
      {
        name: 'filter',
        bytes: get(`/v1.41/containers/json?${filters({ before: [IDS.alicec.slice(0, 6)] })}`),
        received: forwarded(`GET /v1.41/containers/json?${filters({ before: { [IDS.alicec]: true } })}`, '')
          .received,
      },
      {
        name: 'query',
        bytes: get(`/v1.41/containers/json?before=${IDS.alicec.slice(0, 6)}`),
        received: forwarded(`GET /v1.41/containers/json?before=${IDS.alicec}`, '').received,
      },
    ],
    forwarded('', 'ContainerList'),
  ),
  attack(
    'C021',
    'filters by names that may be bob\u2019s: the answer holds her own only, whatever they name',
    written(
      Object.fromEntries(
        [
          { volume: ['bobv'] },
          { network: ['bobn'] },
          { name: ['^/bob'] },
          { id: ['b0b0'] },
          { publish: ['80'] },
        ].map((filter) => [
          `/v1.41/containers/json?all=1&${filters(filter)}`,
          `/v1.41/containers/json?all=1&${filters(
            Object.fromEntries(
              Object.entries(filter).map(([key, values]) => [
                key,
                Object.fromEntries(values.map((value) => [value, true])),
              ]),
            ),
          )}`,
        ]),
      ),
    ),
    forwarded('', 'ContainerList'),
  ),
  attack(
    'C021',
    'containers of an image that is not hers: of none, whether it is there or not',
    ['bob/app', 'team-b/app', 'nobody/app', IDS.bobapp].map((name) => ({
      name,
      bytes: get(`/v1.41/containers/json?all=1&${filters({ ancestor: [name] })}`),
      received: forwarded(
        `GET /v1.41/containers/json?all=1&${filters({ ancestor: { [`sha256:${'0'.repeat(64)}`]: true } })}`,
        '',
      ).received,
    })),
    forwarded('', 'ContainerList'),
  ),
  attack(
    'C021',
    'images before and since one that is not hers',
    ['team-b/app:latest', 'bob/app:latest', 'nobody/app:latest', IDS.bobapp].flatMap((name) => [
      {
        name: `before ${name}`,
        bytes: get(`/v1.41/images/json?${filters({ before: [name] })}`),
        field: 'filters.before',
        message: goneWords('image', name),
      },
      {
        name: `since ${name}`,
        bytes: get(`/v1.41/images/json?${filters({ since: [name] })}`),
        field: 'filters.since',
        message: goneWords('image', name),
      },
    ]),
    { ...gone('ImageList'), resource: null },
  ),
  // Prunes.
  attack(
    'F033',
    'a prune of volumes by labels that are not there',
    [
      { name: 'none', bytes: post('/v1.41/volumes/prune'), received: pruned('volumes', '').received },
      {
        name: 'label!',
        bytes: post(`/v1.41/volumes/prune?${filters({ 'label!': ['io.quaywarden.owner=bob'] })}`),
        received: pruned('volumes', '', { 'label!': { 'io.quaywarden.owner=bob': true } }).received,
      },
      {
        name: 'label of bob',
        bytes: post(`/v1.41/volumes/prune?${filters({ label: ['io.quaywarden.tenant=team-b'] })}`),
        received: pruned('volumes', '', {}, ['io.quaywarden.tenant=team-b']).received,
      },
    ],
    { ...pruned('volumes', 'VolumePrune'), resource: 'volume/team-a/' },
  ),
  attack(
    'F033',
    'a prune of networks',
    [
      { name: 'none', bytes: post('/v1.41/networks/prune'), received: pruned('networks', '').received },
      {
        name: 'label!',
        bytes: post(`/v1.41/networks/prune?${filters({ 'label!': ['x'] })}`),
        received: pruned('networks', '', { 'label!': { x: true } }).received,
      },
    ],
    { ...pruned('networks', 'NetworkPrune'), resource: 'network/team-a/' },
  ),
  attack(
    'F033',
    'a prune of containers, while one carries her label that nobody of hers made',
    post('/v1.41/containers/prune'),
    refused(409, 'foreign-label', { operation: 'ContainerPrune' }),
  ),
  attack(
    'F033',
    'a prune of containers by bob',
    post('/v1.41/containers/prune'),
    {
      ...streamed(
        `POST /v1.41/containers/prune?${filters({ label: { 'io.quaywarden.tenant=team-b': true } })}`,
        'ContainerPrune',
      ),
      resource: 'container/team-b/',
    },
    { as: 'bob' },
  ),
  attack(
    'F033',
    'a prune of images',
    post('/v1.41/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D'),
    {
      ...pruned('images', 'ImagePrune', { dangling: { false: true } }),
      resource: 'image',
    },
  ),
  attack(
    'F033',
    'a prune of everybody\u2019s volumes by an operator',
    post('/v1.41/volumes/prune'),
    {
      ...streamed('POST /v1.41/volumes/prune', 'VolumePrune'),
    },
    { as: 'admin' },
  ),
  attack(
    'F033',
    'a prune by a viewer',
    [{ name: 'volumes', bytes: post('/v1.41/volumes/prune') }],
    refused(403, 'not-granted', { operation: 'VolumePrune' }),
    { as: 'viewer' },
  ),
];
