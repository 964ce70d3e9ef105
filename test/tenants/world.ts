import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { FrontDoorOptions } from '../support/front-door.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';
import { type Caller, callerAt, callerOn } from './caller.ts';

/** Kinds of objects that somebody may try to name. */
export type Kind =
  | 'container'
  | 'exec'
  | 'image'
  | 'network'
  | 'volume'
  | 'service'
  | 'task'
  | 'secret'
  | 'config';

/** An object of somebody's. */
export interface Thing {
  readonly kind: Kind;
  /** Empty where it has none. */
  readonly name: string;
  /** The full id; of a volume its name. */
  readonly id: string;
}

/** What one tenant has: at least one thing of each kind, and further ones. */
export interface Things {
  readonly of: Readonly<Record<Kind, Thing>>;
  readonly all: readonly Thing[];
  /** Words that are in its texts and nowhere else: names, labels, environment, commands, tags, each its own. */
  readonly canaries: readonly string[];
  readonly label: { readonly key: string; readonly value: string };
}

/** What every such word looks like. */
export const CANARY = /canary[0-9a-f]{10}/g;

export function newCanary(): string {
  return `canary${randomBytes(5).toString('hex')}`;
}

/** Two tenants with things on one Engine that is a swarm, and an operator's that are nobody's. */
export interface World extends Tenants {
  /** `alan` and `bert` may do all within team-a and team-b; `bob` is a developer of team-b; `engine` is no gateway. */
  readonly as: Readonly<Record<'alan' | 'bert' | 'bob' | 'viewer' | 'admin' | 'engine', Caller>>;
  /** Of team-a. */
  readonly theirs: Things;
  /** Of team-b. */
  readonly own: Things;
  /** Made past the gateway. */
  readonly unowned: Things;
}

/** May do everything within its tenant, services and secrets included. */
const OWNER = [
  'p, role:owner, */{tenant}/**, *, true, allow',
  'p, role:owner, image/*/{tenant}/**, *, true, allow',
  'p, role:owner, image/docker.io/library/**, ServiceCreate ServiceUpdate, true, allow',
  'g, role:owner, role:developer',
].join('\n');

/** Opens it; two tenants have been at work. */
export async function openWorld(options: FrontDoorOptions = {}): Promise<World> {
  const tenants = await openTenants({
    ...options,
    prepare: (dir) => appendFileSync(`${dir}/policies/grants.csv`, `\n${OWNER}\n`),
  });
  const { door, engine } = tenants;
  await door.certPath('alan', { cn: 'alan', o: 'team-a', ou: 'owner' });
  await door.certPath('bert', { cn: 'bert', o: 'team-b', ou: 'owner' });
  const socket = callerOn(engine.socket);
  await socket.json('POST /swarm/init', { ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' });
  const names = ['alan', 'bert', 'bob', 'viewer', 'admin'] as const;
  const callers = await Promise.all(names.map((name) => callerAt(door, name)));
  const as = { engine: socket, ...Object.fromEntries(names.map((name, at) => [name, callers[at]])) };
  const world = { ...tenants, as: as as World['as'] };
  const [theirs, own, unowned] = await Promise.all([
    furnish(world.as.alan, 'team-a'),
    furnish(world.as.bert, 'team-b'),
    furnish(world.as.engine, 'common'),
  ]);
  return {
    ...world,
    theirs,
    own,
    unowned,
    close: async () => {
      for (const caller of callers) caller.close();
      await tenants.close();
    },
  };
}

/** A running container, in a network of its own with a volume of its own. Ends at once when stopped. */
export const IDLE = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

/** Makes one thing of each kind, and one more of most whose name is the beginning of the first one's id. */
async function furnish(as: Caller, tenant: string): Promise<Things> {
  const canaries: string[] = [];
  const word = (what: string) => {
    const canary = newCanary();
    canaries.push(canary);
    return `${canary}-${what}`;
  };
  const label = { key: word('label'), value: word('value') };
  const labels = { [label.key]: label.value };
  const made: Thing[] = [];
  const make = async (kind: Kind, name: string, line: string, body: object): Promise<string> => {
    const answer = await as.json<{ Id?: string; ID?: string; Name?: string }>(line, body);
    const id = answer.Id ?? answer.ID ?? name;
    made.push({ kind, name, id });
    return id;
  };
  const [app, tag] = [word('app'), word('tag')];
  // One name for all, as kinds have names of their own: whatever is named somewhere, it is found.
  const name = word('name');
  const image = `${tenant}/${app}:${tag}`;
  const seed = await as.json<{ Id: string }>('POST /containers/create', { Image: 'busybox:latest' });
  const changes = encodeURIComponent(`ENV CANARY=${word('image')}`);
  const query = `container=${seed.Id}&repo=${tenant}/${app}&tag=${tag}&changes=${changes}`;
  await make('image', image, `POST /commit?${query}`, {});
  await as.json(`DELETE /containers/${seed.Id}`);
  const network = await make('network', name, 'POST /networks/create', { Name: name, Labels: labels });
  await make('volume', name, 'POST /volumes/create', { Name: name, Labels: labels });
  const idle = ['sh', '-c', `echo ${word('output')}; ${IDLE} # ${word('command')}`];
  const spec = { Image: image, Cmd: idle, Labels: labels, Env: [`CANARY=${word('env')}`] };
  const HostConfig = { NetworkMode: name, Binds: [`${name}:/data`] };
  const box = await make('container', name, `POST /containers/create?name=${name}`, {
    ...spec,
    HostConfig,
  });
  await as.json(`POST /containers/${box}/start`);
  for (const Cmd of [idle, ['true', word('exec')]]) {
    const id = await make('exec', '', `POST /containers/${box}/exec`, { Cmd });
    if (Cmd === idle) await as.json(`POST /exec/${id}/start`, { Detach: true });
  }
  const Data = Buffer.from(word('data')).toString('base64');
  canaries.push(Data);
  const keep = { Labels: labels, Data };
  const secret = await make('secret', name, 'POST /secrets/create', { ...keep, Name: name });
  const config = await make('config', name, 'POST /configs/create', { ...keep, Name: name });
  const file = { Name: 'kept', UID: '0', GID: '0', Mode: 292 };
  const service = await make('service', name, 'POST /services/create', {
    Name: name,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: idle,
        Env: spec.Env,
        Labels: labels,
        Secrets: [{ File: file, SecretID: secret, SecretName: name }],
        Configs: [{ File: { ...file, Name: '/config' }, ConfigID: config, ConfigName: name }],
      },
    },
    Mode: { Replicated: { Replicas: 1 } },
  });
  made.push(await taskOf(as, service));
  // What stands for the beginning of an id is a name first.
  for (const [kind, id, line, body] of [
    ['container', box, `POST /containers/create?name=${box.slice(0, 8)}`, spec],
    ['network', network, 'POST /networks/create', { Name: network.slice(0, 8), Labels: labels }],
    ['secret', secret, 'POST /secrets/create', { ...keep, Name: secret.slice(0, 8) }],
    ['config', config, 'POST /configs/create', { ...keep, Name: config.slice(0, 8) }],
  ] as const) {
    await make(kind, id.slice(0, 8), line, body);
  }
  const of = Object.fromEntries([...made].reverse().map((thing) => [thing.kind, thing]));
  return { of: of as Things['of'], all: made, canaries, label };
}

/** The one task of a service, once it runs. */
async function taskOf(as: Caller, service: string): Promise<Thing> {
  const filters = encodeURIComponent(JSON.stringify({ service: [service] }));
  const deadline = Date.now() + 60_000;
  for (;;) {
    const tasks = await as.json<{ ID: string; Status: { State: string; Err?: string } }[]>(
      `GET /tasks?filters=${filters}`,
    );
    const running = tasks.find(({ Status }) => Status.State === 'running');
    if (running !== undefined) return { kind: 'task', name: '', id: running.ID };
    if (Date.now() > deadline) throw new Error(`the service does not run: ${JSON.stringify(tasks)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const INSPECT: Readonly<Record<Kind, (id: string) => string>> = {
  container: (id) => `/containers/${id}/json`,
  exec: (id) => `/exec/${id}/json`,
  image: (id) => `/images/${id}/json`,
  network: (id) => `/networks/${id}`,
  volume: (id) => `/volumes/${id}`,
  service: (id) => `/services/${id}`,
  task: (id) => `/tasks/${id}`,
  secret: (id) => `/secrets/${id}`,
  config: (id) => `/configs/${id}`,
};

/** What the Engine itself says of all of somebody's things, and which there are with that owner. */
export async function inventory({ as }: World, { all }: Things, tenant: string): Promise<unknown> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`io.quaywarden.tenant=${tenant}`] }));
  const lists = [
    '/containers/json?all=1&',
    '/networks?',
    '/volumes?',
    '/services?',
    '/secrets?',
    '/configs?',
  ];
  const [things, counted] = await Promise.all([
    Promise.all(all.map(({ kind, id }) => as.engine.call(`GET ${INSPECT[kind](id)}`))),
    Promise.all(lists.map((list) => as.engine.json<object>(`GET ${list}filters=${filters}`))),
  ]);
  const ids = counted.map((list) => (JSON.stringify(list).match(/"(?:Id|ID|Name)":"[^"]+"/g) ?? []).sort());
  return { things: things.map(({ status, body }) => [status, inOrder(JSON.parse(body))]), ids };
}

/** Texts of a list in an order of ours: the Engine has some of them in none. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.every((each) => typeof each === 'string') ? [...value].sort() : value.map(inOrder);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inOrder(member)]));
}

/** Which words and ids of somebody's are in what somebody else received. */
export function tellsOf(
  { head, body }: { readonly head: string; readonly body: string },
  ...whose: readonly Things[]
): string[] {
  const text = `${head}\n${body}`;
  return whose.flatMap(secretsOf).filter((secret) => text.includes(secret));
}

/** All by which somebody's things can be told, ids by their first digits. */
function secretsOf({ canaries, all }: Things): string[] {
  return [...canaries, ...all.map(({ id }) => id.replace('sha256:', '').slice(0, 12))];
}
