import { bodyOf, type FakeConnection, polite, reply, type Script } from './fake-engine.ts';

/** A fake Engine that has some objects: it answers to what is asked about them, and resolves names as an Engine does. */
export interface Inventory {
  readonly script: Script;
  /** Forgets what was made on it since. */
  reset(): void;
}

type Json = Readonly<Record<string, unknown>>;

interface Reply {
  readonly status: string;
  readonly body: string;
}

/** The mark of alice's containers; the hostile image has the same. */
const MARK = 'a1'.repeat(12);
const BOBS_MARK = 'b0'.repeat(12);
const id = (begin: string): string => begin.padEnd(64, '0123456789abcdef');
const swarmId = (begin: string): string => begin.padEnd(25, '0123456789abcdefghijklmno');

/** Ids begin in a way that no other does, so that a test on a real Engine can put those of that one in their place. */
export const IDS = {
  alicec: id('a11cec'),
  annc: id('a22cec'),
  bobc: id('b0b0cc'),
  /** Bob's too, and its name is how the id of alicec begins. */
  decoy: id('b0dec0'),
  /** What was there before there were tenants. */
  oldc: id('01dc01'),
  /** Its image has all labels of alicec. */
  trojanc: id('720ca0'),
  alicen: id('a11ce4'),
  bobn: id('b0b0e4'),
  /** A network of each, both called `dup`. */
  aliced: id('a11ced'),
  bobd: id('b0b0ed'),
  bridge: id('b21d6e'),
  none: id('404e00'),
  host: id('40570a'),
  busybox: `sha256:${id('5b5b5b')}`,
  trojan: `sha256:${id('720ca1')}`,
  aliceapp: `sha256:${id('a11cea')}`,
  bobapp: `sha256:${id('b0b0a9')}`,
  /** A volume that the image of bobc brought, without a name. */
  bobanon: id('b0ba40'),
  aliceanon: id('a11a40'),
  alicex: id('a11ce8'),
  bobx: id('b0b0e8'),
  alices: swarmId('a11ces'),
  bobs: swarmId('b0b0s'),
  alicet: swarmId('a11cet'),
  bobt: swarmId('b0b0t'),
  alicesecret: swarmId('a11ces3'),
  bobsecret: swarmId('b0b0s3'),
  aliceconfig: swarmId('a11cec0'),
  bobconfig: swarmId('b0b0c0'),
} as const;

/** What only bob may read. */
export const BOBS_WORDS = ['bobs-password', 'bobs-command', 'b0bs-host', '10.9.8.7'] as const;

const labelsOf = (tenant: string, owner: string, mark: string): Json => ({
  'io.quaywarden.tenant': tenant,
  'io.quaywarden.owner': owner,
  'io.quaywarden.mark': mark,
});
const ALICES = labelsOf('team-a', 'alice', MARK);
const ANNS = labelsOf('team-a', 'ann', 'a2'.repeat(12));
const BOBS = labelsOf('team-b', 'bob', BOBS_MARK);

interface Container {
  readonly id: string;
  readonly name: string;
  readonly labels: Json;
  readonly image: string;
  readonly word: string;
  readonly volumes: readonly string[];
  readonly network: string;
}

const container = (
  name: string,
  containerId: string,
  labels: Json,
  more: Partial<Container> = {},
): Container => ({
  id: containerId,
  name,
  labels,
  image: IDS.busybox,
  word: 'alices-password',
  volumes: [],
  network: 'bridge',
  ...more,
});

const CONTAINERS: readonly Container[] = [
  container('alicec', IDS.alicec, ALICES, { volumes: ['alicev', IDS.aliceanon], network: 'alicen' }),
  container('annc', IDS.annc, ANNS),
  container('bobc', IDS.bobc, BOBS, {
    word: 'bobs-password',
    volumes: ['bobv', IDS.bobanon],
    network: 'bobn',
  }),
  container(IDS.alicec.slice(0, 6), IDS.decoy, BOBS, { word: 'bobs-password', network: 'bobn' }),
  container('oldc', IDS.oldc, {}, { volumes: ['oldvolume'] }),
  container('trojanc', IDS.trojanc, ALICES, { image: IDS.trojan, word: 'bobs-password' }),
];

const NETWORKS = [
  { id: IDS.alicen, name: 'alicen', labels: ALICES, driver: 'bridge' },
  { id: IDS.bobn, name: 'bobn', labels: BOBS, driver: 'bridge' },
  { id: IDS.bobd, name: 'dup', labels: BOBS, driver: 'bridge' },
  { id: IDS.aliced, name: 'dup', labels: ALICES, driver: 'bridge' },
  { id: IDS.bridge, name: 'bridge', labels: {}, driver: 'bridge' },
  { id: IDS.none, name: 'none', labels: {}, driver: 'null' },
  { id: IDS.host, name: 'host', labels: {}, driver: 'host' },
];

const VOLUMES: readonly (readonly [name: string, labels: Json | null])[] = [
  ['alicev', ALICES],
  ['bobv', BOBS],
  ['oldvolume', null],
  [IDS.bobanon, null],
  [IDS.aliceanon, null],
];

const IMAGES = [
  { id: IDS.busybox, tags: ['busybox:latest'], labels: {} },
  { id: IDS.trojan, tags: ['ops/trojan:latest'], labels: ALICES },
  { id: IDS.aliceapp, tags: ['team-a/app:latest'], labels: {} },
  { id: IDS.bobapp, tags: ['team-b/app:latest', 'bob/app:latest'], labels: {} },
];

const EXECS: Readonly<Record<string, string>> = { [IDS.alicex]: IDS.alicec, [IDS.bobx]: IDS.bobc };

const SWARM = [
  { kind: 'services', id: IDS.alices, name: 'alices', labels: ALICES },
  { kind: 'services', id: IDS.bobs, name: 'bobs', labels: BOBS },
  { kind: 'secrets', id: IDS.alicesecret, name: 'alicesecret', labels: ALICES },
  { kind: 'secrets', id: IDS.bobsecret, name: 'bobsecret', labels: BOBS },
  { kind: 'configs', id: IDS.aliceconfig, name: 'aliceconfig', labels: ALICES },
  { kind: 'configs', id: IDS.bobconfig, name: 'bobconfig', labels: BOBS },
];

const TASKS = [
  { ID: IDS.alicet, ServiceID: IDS.alices, NodeID: 'n', Slot: 1 },
  { ID: IDS.bobt, ServiceID: IDS.bobs, NodeID: 'n', Slot: 1 },
];

/** A small Engine of alice, ann and bob, with some things that are nobody's. */
export function fakeInventory(): Inventory {
  const made = new Map<string, Json | null>();
  const answer = (method: string, target: string, body: string): Reply | undefined => {
    const [path = '', query = ''] = target.replace(/^\/v1\.[0-9]+/, '').split('?');
    return answerTo(made, { method, path: decodeURIComponent(path), query, body });
  };
  return {
    script: async (connection, head) => {
      const [method = '', target = ''] = head.split(' ');
      if (/\r\nupgrade:/i.test(head)) return polite(connection, head);
      const body = (await bodyOf(connection, head)).toString();
      const found = answer(method, target, body);
      if (found === undefined) return polite(connection, head);
      write(connection, found);
    },
    reset: () => made.clear(),
  };
}

/** What the gateway asks on its own behalf: it names no version. What it makes and removes is no question. */
export function withoutQuestions(received: string): string {
  return received.replace(/GET \/(?!v1\.|debug\/)[^\r\n ]* HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/g, '');
}

function write({ socket }: FakeConnection, { status, body }: Reply): void {
  socket.write(reply(status, body, ['Content-Type: application/json']));
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
}

function answerTo(made: Map<string, Json | null>, asked: Asked): Reply | undefined {
  const { method, path } = asked;
  if (method === 'POST') {
    if (path === '/volumes/create') return volumeMade(made, asked.body);
    if (path === '/containers/create') return json({ Id: id('c4ea7e'), Warnings: [] }, '201 Created');
    if (path === '/services/create') return json({ ID: swarmId('4e45e4') }, '201 Created');
    if (path === '/networks/create') return json({ Id: id('4e4ea7'), Warning: '' }, '201 Created');
    return undefined;
  }
  if (method === 'DELETE' && made.delete(path.replace('/volumes/', ''))) {
    return { status: '204 No Content', body: '' };
  }
  if (method !== 'GET') return undefined;
  const [, kind = '', name = '', what = ''] = /^\/([a-z]+)(?:\/(.+?))?(?:\/(json))?$/.exec(path) ?? [];
  if (path === '/events') return { status: '200 OK', body: `${EVENTS.map(line).join('\n')}\n` };
  if (path === '/info') return json(INFO);
  if (path === '/system/df') return json(usage());
  if (/^\/images\/.*\/history$/.test(path)) return json([]);
  switch (kind) {
    case 'containers':
      if (name === 'json' || name === '') return json(CONTAINERS.filter(holds(asked.query)).map(listed));
      return what === '' ? undefined : found(one(CONTAINERS, name.replace(/^\//, '')), inspected, name);
    case 'networks':
      return name === '' ? json(NETWORKS.map(network)) : found(one(NETWORKS, name), network, name);
    case 'volumes':
      return volumes(made, name);
    case 'images':
      if (name === 'json' || name === '') return json(IMAGES.map(image));
      return what === '' ? undefined : found(imageBy(name), image, name);
    case 'exec':
      return EXECS[name] === undefined
        ? absent(name)
        : json({ ID: name, ContainerID: EXECS[name], ProcessConfig: { entrypoint: commandOf(name) } });
    case 'services':
    case 'secrets':
    case 'configs':
      return ofSwarm(kind, name);
    case 'tasks':
      return name === ''
        ? json(TASKS)
        : found(
            TASKS.find(({ ID }) => ID === name),
            (task) => task,
            name,
          );
    default:
      return undefined;
  }
}

function commandOf(exec: string): string {
  return exec === IDS.bobx ? 'bobs-command' : 'alices-command';
}

function json(value: unknown, status = '200 OK'): Reply {
  return { status, body: `${JSON.stringify(value)}\n` };
}

function absent(name: string): Reply {
  return json({ message: `No such thing: ${name}` }, '404 Not Found');
}

function found<T>(value: T | undefined, show: (value: T) => unknown, name: string): Reply {
  return value === undefined ? absent(name) : json(show(value));
}

/** A whole id, then a name, then the beginning of one id. */
function one<T extends { readonly id: string; readonly name: string }>(all: readonly T[], text: string) {
  const begun = all.filter((each) => each.id.startsWith(text));
  return (
    all.find((each) => each.id === text) ??
    all.find((each) => each.name === text) ??
    (begun.length === 1 ? begun[0] : undefined)
  );
}

function imageBy(text: string) {
  const name = text.replace(/^docker\.io\/(?:library\/)?/, '').replace(/@sha256:.*$/, '');
  const tagged = /:[^/]*$/.test(name) ? name : `${name}:latest`;
  return (
    IMAGES.find(({ tags }) => tags.includes(tagged)) ??
    IMAGES.find((each) => each.id.startsWith(`sha256:${text.replace(/^sha256:/, '')}`))
  );
}

/** Whether a container holds the volume that a filter names. */
function holds(query: string): (container: Container) => boolean {
  const text = new URLSearchParams(query).get('filters');
  const { volume } = JSON.parse(text ?? '{}') as { readonly volume?: Json };
  return ({ volumes: held }) => volume === undefined || held.some((name) => name in volume);
}

function listed(of: Container): Json {
  return {
    Id: of.id,
    Names: [`/${of.name}`],
    Image: 'busybox',
    ImageID: of.image,
    Command: `sh ${of.word}`,
    Created: 1,
    Labels: of.labels,
    State: 'running',
    Status: 'Up',
    SizeRw: 100,
    HostConfig: { NetworkMode: of.network },
    NetworkSettings: { Networks: { [of.network]: {} } },
    Mounts: of.volumes.map((name) => ({ Type: 'volume', Name: name, Destination: `/${name}` })),
  };
}

function inspected(of: Container): Json {
  return {
    Id: of.id,
    Name: `/${of.name}`,
    Image: of.image,
    Config: { Labels: of.labels, Env: [`PASSWORD=${of.word}`], User: '1000' },
    HostConfig: {},
    Mounts: listed(of)['Mounts'],
  };
}

function network({ id: networkId, name, labels, driver }: (typeof NETWORKS)[number]): Json {
  const on = CONTAINERS.filter((each) => each.network === name);
  return {
    Name: name,
    Id: networkId,
    Driver: driver,
    Scope: 'local',
    Labels: labels,
    Containers: Object.fromEntries(
      on.map((each) => [
        each.id,
        { Name: each.name, IPv4Address: each.word === 'bobs-password' ? '10.9.8.7' : '10.1.2.3' },
      ]),
    ),
  };
}

function volume(name: string, labels: Json | null): Json {
  const word = name.startsWith('b') ? 'bobs-password' : 'none';
  return { Name: name, Driver: 'local', Labels: labels, Options: { o: word }, Scope: 'local' };
}

function volumes(made: ReadonlyMap<string, Json | null>, name: string): Reply {
  const all = [...VOLUMES, ...made];
  if (name === '') return json({ Volumes: all.map((each) => volume(...each)), Warnings: null });
  return found(
    all.find(([each]) => each === name),
    (each) => volume(...each),
    name,
  );
}

/** 201 is also the answer where there is a volume of that name. */
function volumeMade(made: Map<string, Json | null>, body: string): Reply {
  const { Name: name = id('f0e5b0'), Labels: labels = null } = JSON.parse(body) as {
    readonly Name?: string;
    readonly Labels?: Json | null;
  };
  const there = [...VOLUMES, ...made].find(([each]) => each === name);
  if (there === undefined) made.set(name, labels);
  return json(volume(name, there === undefined ? labels : there[1]), '201 Created');
}

function image({ id: imageId, tags, labels }: (typeof IMAGES)[number]): Json {
  return {
    Id: imageId,
    RepoTags: tags,
    RepoDigests: [],
    Size: 7,
    Config: { Labels: labels },
    Labels: labels,
  };
}

function ofSwarm(kind: string, name: string): Reply {
  const all = SWARM.filter((each) => each.kind === kind);
  const show = ({ id: swarm, name: text, labels }: (typeof SWARM)[number]) => ({
    ID: swarm,
    Version: { Index: 1 },
    Spec: {
      Name: text,
      Labels: labels,
      Data: text.startsWith('b') ? Buffer.from('bobs-password').toString('base64') : '',
    },
  });
  return name === '' ? json(all.map(show)) : found(one(all, name), show, name);
}

const about = (of: Container): Json => ({ ...of.labels, image: 'busybox', name: of.name });
const [ALICEC, , BOBC] = CONTAINERS as [Container, Container, Container];
const event = (Type: string, Action: string, actor: string, Attributes: Json = {}): Json => ({
  ...(Type === 'container' ? { status: Action, id: actor, from: 'busybox' } : {}),
  Type,
  Action,
  Actor: { ID: actor, Attributes },
  scope: 'local',
  time: 1,
  timeNano: 1,
});

/** What happened: to alice's things and to bob's in turn. */
const EVENTS: readonly Json[] = [
  event('container', 'start', IDS.alicec, about(ALICEC)),
  event('container', 'start', IDS.bobc, about(BOBC)),
  event('container', 'exec_create: sh -c alices-command', IDS.alicec, {
    ...about(ALICEC),
    execID: IDS.alicex,
  }),
  event('container', 'exec_create: sh -c bobs-command', IDS.bobc, { ...about(BOBC), execID: IDS.bobx }),
  event('container', 'exec_start: sh -c bobs-command', IDS.bobc, { ...about(BOBC), execID: IDS.bobx }),
  event('volume', 'mount', 'alicev', { container: IDS.alicec, driver: 'local' }),
  event('volume', 'mount', 'bobv', { container: IDS.bobc, driver: 'local' }),
  event('volume', 'destroy', 'bobgone', { driver: 'local' }),
  event('network', 'connect', IDS.alicen, { container: IDS.alicec, name: 'alicen', type: 'bridge' }),
  event('network', 'connect', IDS.bobn, { container: IDS.bobc, name: 'bobn', type: 'bridge' }),
  event('network', 'connect', IDS.bridge, { container: IDS.bobc, name: 'bridge', type: 'bridge' }),
  event('image', 'tag', IDS.bobapp, { name: 'team-b/app:latest' }),
  event('container', 'destroy', id('b0b60e'), { name: 'bobgone', image: 'bob/app', ...BOBS }),
  event('daemon', 'reload', 'x', { name: 'b0bs-host', 'insecure-registries': '["10.9.8.7"]' }),
  event('container', 'die', IDS.alicec, { ...about(ALICEC), exitCode: '7' }),
];

function line(value: Json): string {
  return JSON.stringify(value);
}

const INFO: Json = {
  ID: 'ENGINE',
  Containers: 6,
  ContainersRunning: 6,
  ContainersPaused: 0,
  ContainersStopped: 0,
  Images: 4,
  Driver: 'overlay2',
  Name: 'engine-host',
  HttpProxy: 'http://bobs-password@10.9.8.7',
  RegistryConfig: { IndexConfigs: {}, Mirrors: ['http://10.9.8.7/'] },
  Swarm: { NodeID: 'n', RemoteManagers: [{ NodeID: 'n', Addr: '10.9.8.7:2377' }] },
  ServerVersion: '20.10.24',
};

function usage(): Json {
  return {
    LayersSize: 28,
    Images: IMAGES.map(image),
    Containers: CONTAINERS.map(listed),
    Volumes: VOLUMES.map((each) => ({ ...volume(...each), UsageData: { Size: 5, RefCount: 1 } })),
    BuildCache: [{ ID: 'cache', Description: 'RUN bobs-command', Size: 3, InUse: false }],
    BuilderSize: 3,
  };
}
