import { andThen, type Soon } from '../at-once.ts';
import { encodeName } from '../docker/path.ts';
import { Refusal } from '../errors.ts';
import { isWord } from '../identity/names.ts';
import type { AdoptedBy } from './adopted.ts';
import type { EngineEvent, Listener } from './follow.ts';
import { type Labels, MARK_LABEL, TENANT_LABEL } from './labels.ts';
import type { Owned, OwnedKind, Shown } from './owned.ts';
import { UNOWNED } from './resource.ts';

/** What the Engine answers to a GET of the gateway's own. */
export type Get = (target: string) => Promise<{ readonly status: number; readonly text: string }>;

/** What a tenant, and policies, call an object that is the tenant's; `-` stands for nobody. */
export type OwnName = (tenant: string, onEngine: string) => string;

type Json = Readonly<Record<string, unknown>>;

/** An image as far as it matters to who may use it. */
export interface ImageShown {
  /** `sha256:...` */
  readonly id: string;
  /** Tags and digests as the Engine writes them: `alpine:3`, `alpine@sha256:...`. */
  readonly references: readonly string[];
}

/** How many owners, exec instances and marks of images are remembered, each. */
const MOST_REMEMBERED = 50_000;

const VOLUME_ID = /^[0-9a-f]{64}$/;

/**
 * The objects of the Engine, and who owns them. What is remembered can not change while the object lives: the owner
 * of a container or network by its id, the container of an exec instance, the mark of an image. The name of a container
 * is remembered beside it until the Engine's events tell of a new one; where grants speak of names it is asked for anew.
 */
export class Objects implements Listener {
  readonly #get: Get;
  #adoptedBy: AdoptedBy;
  readonly #ownName: OwnName;
  readonly #owners = new Map<string, Owned>();
  readonly #execs = new Map<string, string>();
  readonly #marks = new Map<string, string | null>();

  /**
   * @param adoptedBy whom what carries no label was handed to
   * @param ownName what a tenant calls what is its own
   */
  constructor(
    get: Get,
    adoptedBy: AdoptedBy = () => undefined,
    ownName: OwnName = (_, onEngine) => onEngine,
  ) {
    this.#get = get;
    this.#adoptedBy = adoptedBy;
    this.#ownName = ownName;
  }

  /** Goes on with another list of what was handed to whom. */
  adopt(adoptedBy: AdoptedBy): void {
    this.#adoptedBy = adoptedBy;
    this.#owners.clear();
  }

  /** One object by what a client calls it, as the Engine resolves that; undefined when it knows none, or several. */
  async find(kind: OwnedKind, reference: string): Promise<Shown | undefined> {
    const found = await this.#json(`${PATHS[kind].one(encodeName(reference))}`);
    return found === undefined ? undefined : READERS[kind](found as Json);
  }

  /** All objects of a kind, with every name that they answer to. */
  async all(kind: OwnedKind): Promise<readonly (Shown & { readonly names: readonly string[] })[]> {
    const listed = await this.#json(PATHS[kind].all);
    const items =
      kind === 'volume' ? (listed as { readonly Volumes?: unknown } | undefined)?.Volumes : listed;
    return ((items ?? []) as Json[]).map((item) => {
      const shown = READERS[kind](item);
      const names = kind === 'container' ? texts(item['Names']).map(bare) : [shown.name];
      return { ...shown, names };
    });
  }

  /** The owner of a container or network that was seen before, by its full id. */
  remembered(kind: OwnedKind, id: string): Owned | undefined {
    return this.#owners.get(`${kind}/${id}`);
  }

  /** The same object with its owner: a tenant, or `-`. */
  owned(shown: Shown): Soon<Owned> {
    const known = shown.kind === 'container' ? this.remembered('container', shown.id) : undefined;
    if (known === undefined || known.tenant === UNOWNED)
      return andThen(this.#tenantOf(shown), (tenant) => this.#ownedBy(shown, tenant));
    // Who owns a container owns it for good; what it is called may change.
    const isStill = known.name === this.#ownName(known.tenant, shown.name);
    return isStill ? known : this.#ownedBy(shown, known.tenant);
  }

  /** @param labelled the tenant that it says it is of, once that is found to be so */
  #ownedBy({ kind, id, name }: Shown, labelled: string): Owned {
    const tenant = labelled === UNOWNED ? (this.#adoptedBy(kind, id) ?? UNOWNED) : labelled;
    const owned = { kind, id, name: this.#ownName(tenant, name), tenant };
    // An image that is gone proves nothing now and may be there again.
    if (kind === 'container' || kind === 'network') remember(this.#owners, `${kind}/${id}`, owned);
    return owned;
  }

  /** A name that was remembered is no longer true. Who owned what is gone is remembered, for events still tell of it. */
  heard({ Type, Action, Actor }: EngineEvent): void {
    if (Type === 'container' && Action === 'rename' && Actor?.ID !== undefined)
      this.forget('container', Actor.ID);
  }

  /** Containers may have been renamed while nobody listened. */
  follows(): void {
    this.#owners.clear();
  }

  /** Remembers what the gateway itself made. */
  know(owned: Owned): void {
    remember(this.#owners, `${owned.kind}/${owned.id}`, owned);
  }

  forget(kind: OwnedKind, id: string): void {
    this.#owners.delete(`${kind}/${id}`);
  }

  /** The full id of the container that an exec instance runs in; undefined when there is no such instance. */
  async containerOfExec(id: string): Promise<string | undefined> {
    const known = this.#execs.get(id);
    if (known !== undefined) return known;
    const found = (await this.#json(`/exec/${encodeName(id)}/json`)) as Json | undefined;
    const container = found?.['ContainerID'];
    if (typeof container !== 'string' || found?.['ID'] !== id) return undefined;
    remember(this.#execs, id, container);
    return container;
  }

  async image(reference: string): Promise<ImageShown | undefined> {
    const found = (await this.#json(`/images/${encodeName(reference)}/json`)) as Json | undefined;
    if (found === undefined) return undefined;
    const references = [...texts(found['RepoTags']), ...texts(found['RepoDigests'])];
    return { id: text(found['Id']), references };
  }

  #tenantOf(shown: Shown): Soon<string> {
    switch (shown.kind) {
      case 'container':
        return this.#tenantOfContainer(shown);
      case 'task':
        return this.#tenantOfTask(shown);
      case 'volume':
        return isAnonymous(shown) ? this.#tenantOfAnonymous(shown.name) : labelled(shown.labels);
      default:
        return labelled(shown.labels);
    }
  }

  /** What an image says of its containers proves nothing: decisions/0008. */
  #tenantOfContainer({ labels, imageId }: Shown): Soon<string> {
    const mark = labels[MARK_LABEL] ?? '';
    const tenant = labelled(labels);
    if (mark === '' || tenant === UNOWNED || imageId === undefined) return UNOWNED;
    return andThen(this.#markOf(imageId), (ofImage) =>
      ofImage === undefined || ofImage === mark ? UNOWNED : tenant,
    );
  }

  /** The mark that an image carries, null when none; undefined when the image is gone. */
  #markOf(imageId: string): Soon<string | null | undefined> {
    const known = this.#marks.get(imageId);
    return known === undefined ? this.#askMarkOf(imageId) : known;
  }

  async #askMarkOf(imageId: string): Promise<string | null | undefined> {
    const found = (await this.#json(`/images/${encodeName(imageId)}/json`)) as Json | undefined;
    if (found === undefined || found['Id'] !== imageId) return undefined;
    const mark = labelsOf((found['Config'] ?? {}) as Json)[MARK_LABEL] ?? null;
    remember(this.#marks, imageId, mark);
    return mark;
  }

  async #tenantOfTask({ serviceId = '' }: Shown): Promise<string> {
    if (serviceId === '') return UNOWNED;
    const service = await this.find('service', serviceId);
    return service?.id === serviceId ? (await this.owned(service)).tenant : UNOWNED;
  }

  /** An anonymous volume is the tenant's whose containers mount it, when it is one tenant's (attack E059). */
  async #tenantOfAnonymous(name: string): Promise<string> {
    const filters = encodeURIComponent(JSON.stringify({ volume: { [name]: true } }));
    const users = ((await this.#json(`/containers/json?all=1&filters=${filters}`)) ?? []) as Json[];
    const tenants = new Set<string>();
    for (const user of users) tenants.add((await this.owned(READERS.container(user))).tenant);
    const [tenant, other] = tenants;
    return tenant === undefined || other !== undefined ? UNOWNED : tenant;
  }

  /** Whose each anonymous volume is that a container mounts, found out at once: for lists of many. */
  async anonymousVolumes(): Promise<ReadonlyMap<string, string>> {
    const tenants = new Map<string, string>();
    for (const user of ((await this.#json(PATHS.container.all)) ?? []) as Json[]) {
      const { tenant } = await this.owned(READERS.container(user));
      for (const mount of (user['Mounts'] ?? []) as Json[]) {
        const name = text(mount['Name']);
        tenants.set(name, (tenants.get(name) ?? tenant) === tenant ? tenant : UNOWNED);
      }
    }
    return tenants;
  }

  /** @returns undefined when there is no such object, or the reference fits several */
  async #json(target: string): Promise<unknown> {
    const { status, text: body } = await this.#get(target);
    if (status === 404 || status === 400) return undefined;
    if (status === 200) return JSON.parse(body);
    // No swarm here, for one: the Engine's own words to a question that the client's request asks too.
    const sentence = messageOf(body);
    if (status === 503 || status === 406)
      throw new Refusal(503, 'engine-can-not', sentence, { verbatim: true });
    throw new Refusal(502, 'engine-can-not-tell', 'the Engine could not tell whose an object is', {
      cause: new Error(`${status} ${sentence}`),
    });
  }
}

const PATHS: Readonly<Record<OwnedKind, { one(name: string): string; readonly all: string }>> = {
  container: { one: (name) => `/containers/${name}/json`, all: '/containers/json?all=1' },
  network: { one: (name) => `/networks/${name}`, all: '/networks' },
  volume: { one: (name) => `/volumes/${name}`, all: '/volumes' },
  service: { one: (name) => `/services/${name}`, all: '/services' },
  task: { one: (name) => `/tasks/${name}`, all: '/tasks' },
  secret: { one: (name) => `/secrets/${name}`, all: '/secrets' },
  config: { one: (name) => `/configs/${name}`, all: '/configs' },
};

/** Reads an element of a list or an inspection; both shapes of containers. */
export const READERS: Readonly<Record<OwnedKind, (object: Json) => Shown>> = {
  container: (object) => {
    const config = object['Config'] as Json | undefined;
    const name = config === undefined ? texts(object['Names']).find(isOwnName) : text(object['Name']);
    return {
      kind: 'container',
      id: text(object['Id']),
      name: bare(name ?? ''),
      labels: labelsOf(config ?? object),
      imageId: config === undefined ? text(object['ImageID']) : text(object['Image']),
    };
  },
  network: (object) => ({
    kind: 'network',
    id: text(object['Id']),
    name: text(object['Name']),
    labels: labelsOf(object),
  }),
  volume: (object) => ({
    kind: 'volume',
    id: text(object['Name']),
    name: text(object['Name']),
    labels: labelsOf(object),
  }),
  service: (object) => ofSwarm('service', object),
  task: (object) => ({
    kind: 'task',
    id: text(object['ID']),
    name: text(object['ID']),
    labels: {},
    serviceId: text(object['ServiceID']),
  }),
  secret: (object) => ofSwarm('secret', object),
  config: (object) => ofSwarm('config', object),
};

function ofSwarm(kind: 'service' | 'secret' | 'config', object: Json): Shown {
  const spec = (object['Spec'] ?? {}) as Json;
  return { kind, id: text(object['ID']), name: text(spec['Name']), labels: labelsOf(spec) };
}

/** Whether it is a volume whose owner only the containers tell that mount it. */
export function isAnonymous({ kind, name, labels }: Shown): boolean {
  return kind === 'volume' && labels[TENANT_LABEL] === undefined && VOLUME_ID.test(name);
}

function labelled(labels: Labels): string {
  const tenant = labels[TENANT_LABEL];
  return isWord(tenant) ? tenant : UNOWNED;
}

function labelsOf({ Labels }: Json): Labels {
  return typeof Labels === 'object' && Labels !== null ? (Labels as Labels) : {};
}

/** The Engine lists the aliases of links as further names: `/web/alias`. */
function isOwnName(name: string): boolean {
  return name.lastIndexOf('/') === 0;
}

function bare(name: string): string {
  return name.replace(/^\//, '');
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function messageOf(body: string): string {
  try {
    return text((JSON.parse(body) as Json)['message']).slice(0, 512);
  } catch {
    return '';
  }
}

function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  if (cache.size >= MOST_REMEMBERED) cache.delete(cache.keys().next().value as string);
  cache.set(key, value);
}
