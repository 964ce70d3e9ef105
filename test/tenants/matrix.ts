import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';
import type { Reply } from './caller.ts';
import { API, type Own, type Place, placesOf } from './places.ts';
import {
  CANARY,
  inventory,
  type Kind,
  newCanary,
  openWorld,
  type Thing,
  tellsOf,
  type World,
} from './world.ts';

/**
 * Tries places of all operations on things of another tenant: the answer has to be that to what is not there, and
 * nothing of the other's may be told or changed.
 */

/** Where a request takes a name, and a name that is taken can not be given: told apart from one that is free. */
const TAKES =
  /^(?:ContainerCreate|ContainerRename) query name|^\w+(?:Create|Update) body (?:Name|HostConfig\.(?:Binds|Mounts)|TaskTemplate\.ContainerSpec\.Mounts)/;

let world: World;
let own: Own;
let made = 0;
/** Requests that were compared. */
let tried = 0;

const reached = OPERATIONS.filter(({ since }) => since <= API);
/** Arguments of ps(1), each letter of which is one. */
const IS_NO_NAME = 'ContainerTop query ps_args @';

/** Every operation that the tests' Engine has, with its places. */
export const ALL = reached.map((operation) => {
  const places = placesOf(operation).filter(({ at }) => `${operation.id} ${at}` !== IS_NO_NAME);
  return [operation.id, operation, places] as const;
});

/** Who tries: `bob` has the starter role, `bert` may do all within team-b. */
type Who = 'bob' | 'bert';

/**
 * Defines a test for each operation and each who.
 *
 * @param least how many requests it takes at least
 * @returns the two tenants, once they are there
 */
export function tryPlaces(
  all: readonly Who[],
  isWanted: (place: Place) => boolean,
  least: number,
): () => World {
  beforeAll(async () => {
    world = await openWorld();
    const spare = await world.as.bert.json<{ Id: string }>('POST /containers/create?name=spare', {
      Image: 'busybox:latest',
      Cmd: ['true'],
    });
    const { ID } = await world.as.bert.json<{ ID: string }>('POST /services/create', {
      Name: 'spare',
      TaskTemplate: { ContainerSpec: { Image: 'busybox:latest' } },
      Mode: { Replicated: { Replicas: 0 } },
    });
    own = {
      things: world.own,
      spare: spare.Id,
      service: { kind: 'service', name: 'spare', id: ID },
      fresh: () => `made${++made}`,
      version: {},
      until: String(Math.floor(Date.now() / 1000)),
    };
  });
  afterAll(async () => {
    await world?.close();
  });

  const table = ALL.map(([id, operation, places]) => [id, operation, places.filter(isWanted)] as const);
  describe.each(all)('%s of team-b learns nothing of team-a and changes nothing', (who) => {
    it.each(table.filter(([, , places]) => places.length > 0))(
      'by %s',
      { timeout: 300_000 },
      async (_, operation, places) => {
        const before = await inventory(world, world.theirs, 'team-a');
        await eachOf(operation, places, (place) => attempt(who, place));
        await tidy();
        expect(await inventory(world, world.theirs, 'team-a')).toEqual(before);
      },
    );
  });

  it('by a lot of requests', () => {
    expect(tried).toBeGreaterThan(least);
  });
  return () => world;
}

/** What they make is removed at once, and is not asked for by others. */
const ASIDE: ReadonlySet<string> = new Set(['ContainerCreate', 'ServiceCreate', 'ImageBuild', 'ImageCommit']);

/** Requests that leave nothing behind go side by side. */
async function eachOf(
  { method, id }: Operation,
  places: readonly Place[],
  act: (place: Place) => Promise<void>,
): Promise<void> {
  const isAlone = method !== 'GET' && method !== 'HEAD' && !ASIDE.has(id);
  const left = [...places];
  const worker = async (): Promise<void> => {
    for (let place = left.shift(); place !== undefined; place = left.shift()) await act(place);
  };
  await Promise.all(Array.from({ length: isAlone ? 1 : 6 }, worker));
}

/** What stands for things of another tenant's, and the same forms of what is not there. */
interface Form {
  readonly theirs: string | readonly string[];
  readonly absent: string | readonly string[];
  /** The same form of what is nobody's. */
  readonly taken?: string | readonly string[];
}

async function attempt(who: Who, place: Place): Promise<void> {
  const { kind, at } = place;
  const forms =
    kind !== undefined ? formsOf(kind) : at.startsWith('filter') ? inLists(place.operation) : usualForms();
  for (const form of forms) {
    // A new object's id may begin as what was not there a moment ago.
    for (let again = 2; ; again -= 1) {
      const difference = await compared(who, place, form);
      if (difference === undefined) break;
      if (again > 0) continue;
      expect(difference.theirs, `${place.operation.id} ${place.at} ${form.theirs}`).toEqual(
        difference.absent,
      );
    }
  }
}

/** Both answers, where they differ. */
async function compared(
  who: Who,
  place: Place,
  { theirs, absent, taken }: Form,
): Promise<{ theirs: unknown; absent: unknown } | undefined> {
  const answer = async (text: string | readonly string[]): Promise<string> => {
    if (/Update$/.test(place.operation.id)) await readVersions();
    const reply = await world.as[who].ask(place.ask(text, own), 1_500);
    tried += 1;
    await undo(place, reply);
    holdSilence(place, text, reply);
    return masked(reply, text);
  };
  const first = await answer(absent);
  const got = await answer(theirs);
  if (got === first) return undefined;
  const second = await answer(absent);
  if (got === second) return undefined;
  if (TAKES.test(`${place.operation.id} ${place.at}`) && taken !== undefined) {
    const other = await answer(taken);
    return got === other && got.startsWith('409') ? undefined : { theirs: got, absent: other };
  }
  return { theirs: got, absent: second };
}

/** No byte of what came tells of the other tenant, but for what was asked with. */
function holdSilence(
  { operation, at }: Place,
  asked: string | readonly string[],
  { head, body }: Reply,
): void {
  let text = `${head}\n${body}`;
  for (const each of [asked].flat().filter(({ length }) => length >= 12)) text = text.replaceAll(each, '');
  const said = [asked].flat().join('\n');
  const told = tellsOf({ head: '', body: text }, world.theirs).filter((secret) => !said.includes(secret));
  expect(told, `${operation.id} ${at} ${asked}: ${body.slice(0, 1_000)}`).toEqual([]);
}

/** An answer without what differs each time. */
function masked({ status, head, body, cut }: Reply, asked: string | readonly string[]): string {
  let text = `${status}${cut ? ' cut' : ''}\n${head}\n${body}`;
  for (const each of [asked].flat().sort((a, b) => b.length - a.length)) {
    text = text.replace(
      new RegExp(`(?<![0-9A-Za-z])${each.replace(/[^\w]/g, '\\$&')}(?![0-9A-Za-z])`, 'gi'),
      'REFERENCE',
    );
  }
  const words = [asked].flat().flatMap((each) => each.match(CANARY) ?? []);
  for (const word of words) text = text.replaceAll(new RegExp(word, 'gi'), 'CANARY');
  return (
    text
      .replaceAll(/team-[ac]/g, 'TENANT')
      .replaceAll(/docker-import-\d+/g, 'IMPORT')
      .replaceAll(/made\d+/g, 'MADE')
      .replaceAll(
        /(?<![0-9A-Za-z])[0-9a-f]{12}(?![0-9A-Za-z])|[0-9a-f]{64}|[0-9a-z]{25}(?![0-9a-z])|(?<=[:"])[0-9a-f]{24}(?=")/g,
        'ID',
      )
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, 'TIME')
      .replaceAll(/"(?:size|Size|SpaceReclaimed)":\d+/g, 'SIZE')
      // Which of several values the Engine stumbles over first is chance: it keeps them in a map.
      .replaceAll(
        /filter for '\w+' should not contain ':'[^\n]*|error while looking up for \w+ [^\n]*/g,
        'NO PORT',
      )
  );
}

/** Where any text stands: the name that one of each kind has, and an id. */
function usualForms(): Form[] {
  const { name, id } = world.theirs.of.container;
  return [
    { theirs: name, absent: unlike(name), taken: world.unowned.of.container.name },
    { theirs: id, absent: unlike(id) },
  ];
}

/** Every form in which each of their things of a kind can be named. */
function formsOf(kind: Kind): Form[] {
  return world.theirs.all
    .filter((thing) => thing.kind === kind)
    .flatMap((thing) => {
      const twin = world.unowned.of[kind];
      const { name, id } = thing;
      const bare = id.replace('sha256:', '');
      const names: Form[] =
        name === ''
          ? []
          : [
              { theirs: name, absent: unlike(name), taken: twin.name },
              { theirs: `/${name}`, absent: `/${unlike(name)}`, taken: `/${twin.name}` },
            ];
      if (thing.kind === 'image')
        names.push({ theirs: `docker.io/${name}`, absent: `docker.io/${unlike(name)}` });
      if (thing.kind === 'volume') return names;
      const ids = [id, bare, bare.slice(0, 12), shortOf(thing)];
      return [...names, ...[...new Set(ids)].map((text) => ({ theirs: text, absent: unlike(text) }))];
    });
}

/** All of their things at once: by name, by id, by label; in one where nothing but what is left changes by it. */
function inLists({ method, id }: Operation): Form[] {
  const { all: things, label } = world.theirs;
  const names = [...new Set(things.map(({ name }) => name))].filter((name) => name !== '');
  const full = things.flatMap(({ kind, id }) => (kind === 'volume' ? [] : [id]));
  const ids = [...full, ...full.map((id) => id.replace('sha256:', '').slice(0, 12))];
  const labels = [label.key, `${label.key}=${label.value}`];
  const lists =
    method === 'POST' || id === 'SystemEvents' ? [[...names, ...ids, ...labels]] : [names, ids, labels];
  return [
    ...lists.map((list) => ({ theirs: list, absent: list.map(unlike) })),
    { theirs: 'io.quaywarden.tenant=team-a', absent: 'io.quaywarden.tenant=team-c' },
  ];
}

/** A beginning of its id that no other of its kind has, of digits enough that nothing which is made meanwhile begins so by chance. */
function shortOf({ kind, id }: Thing): string {
  const bare = id.replace('sha256:', '');
  const others = [world.theirs, world.own, world.unowned]
    .flatMap(({ all }) => all)
    .filter((each) => each.kind === kind && each.id !== id)
    .map((each) => each.id.replace('sha256:', ''));
  const length = [6, 7, 8].find((digits) => !others.some((other) => other.startsWith(bare.slice(0, digits))));
  return bare.slice(0, length ?? 8);
}

/** Another text of the same form: other digits in place of the canary's or the id's. */
function unlike(text: string): string {
  if (text.includes('canary')) return text.replaceAll(CANARY, newCanary);
  const [, prefix = '', rest = ''] = /^(sha256:|\/?)(.*)$/.exec(text) ?? [];
  return prefix + digits(rest.length, /^[0-9a-f]+$/.test(rest) ? 16 : 36);
}

function digits(length: number, base: number): string {
  return Array.from({ length }, () => randomInt(base).toString(base)).join('');
}

async function readVersions(): Promise<void> {
  const of = async (path: string) => {
    const { Version } = await world.as.engine.json<{ Version: { Index: number } }>(`GET ${path}`);
    return Version.Index;
  };
  const { secret, config } = world.own.of;
  own = {
    ...own,
    version: {
      service: await of(`/services/${own.service.id}`),
      secret: await of(`/secrets/${secret.id}`),
      config: await of(`/configs/${config.id}`),
    },
  };
}

/** Takes back at once what a request made or changed of one's own. */
async function undo({ operation: { id, method, kind } }: Place, { status, body }: Reply): Promise<void> {
  if (method === 'GET' || method === 'HEAD' || status < 200 || status >= 400) return;
  const { engine } = world.as;
  if (/^(?:Container|Network|Volume|Service|Secret|Config)Create$/.test(id)) {
    const { Id, ID, Name } = JSON.parse(body) as Record<string, string | undefined>;
    await engine.call(`DELETE /${kind}s/${Id ?? ID ?? Name}?force=1`);
    if (id === 'ContainerCreate') await pruneVolumes();
  } else if (id === 'NetworkConnect') {
    const Container = own.spare;
    await engine.call(`POST /networks/${world.own.of.network.id}/disconnect`, { Container, Force: true });
  } else if (id === 'ContainerRename') {
    const { id: box, name } = world.own.of.container;
    await engine.call(`POST /containers/${box}/rename?name=${name}`);
  } else if (kind === 'container') {
    await engine.call(`POST /containers/${world.own.of.container.id}/start`);
  }
}

async function pruneVolumes(): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ label: ['io.quaywarden.tenant=team-b'] }));
  await world.as.engine.call(`POST /volumes/prune?filters=${filters}`);
}

/** Removes tags that were made, and has one's own container run. */
async function tidy(): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ reference: ['team-b/*'] }));
  const images = await world.as.engine.json<{ RepoTags: string[] }[]>(`GET /images/json?filters=${filters}`);
  for (const tag of images.flatMap(({ RepoTags }) => RepoTags)) {
    if (tag !== world.own.of.image.name) await world.as.engine.call(`DELETE /images/${tag}`);
  }
  await world.as.engine.call(`POST /containers/${world.own.of.container.id}/unpause`);
  await world.as.engine.call(`POST /containers/${world.own.of.container.id}/start`);
}
