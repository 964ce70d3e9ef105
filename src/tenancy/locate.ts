import { andThen, type Soon } from '../at-once.ts';
import { mapQueryReferences } from '../docker/references.ts';
import { withParams, withQuery } from '../docker/request.ts';
import type { ApiRequest, Filters, Query } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import { DEFAULT_NETWORK_LABEL, TENANT_LABEL } from './labels.ts';
import { checkNewName, type Lookup } from './lookup.ts';
import type { Names } from './names/names.ts';
import { checkGoodName, checkMayGo } from './names/request.ts';
import type { Objects } from './objects.ts';
import { OWNED_KINDS, type Owned, type OwnedKind } from './owned.ts';
import { type PolicySight, resourceOf } from './policy-sight.ts';
import { Resolution } from './resolution.ts';
import { type Resource, resourcesOf, saved } from './resource.ts';

/** What one request needs to be located. */
export interface Means {
  readonly objects: Objects;
  readonly sight: PolicySight;
  readonly lookup: Lookup;
  readonly names: Names;
  /** The tenant's own network `bridge`, where names are its own. */
  bridge(): Promise<string>;
}

/** A request that names objects by what they are. */
export interface Located {
  readonly api: ApiRequest;
  readonly resources: readonly [Resource, ...Resource[]];
  /** The object in the path, where a tenant could own it. */
  readonly object: Owned | undefined;
}

const OWNED: ReadonlySet<string> = new Set(OWNED_KINDS);

/** Operations that remove whatever nobody uses, and the kind of what they remove. */
const PRUNES: Readonly<Record<string, OwnedKind | 'image'>> = {
  ContainerPrune: 'container',
  NetworkPrune: 'network',
  VolumePrune: 'volume',
  ImagePrune: 'image',
};

/**
 * Finds out whose the objects are that path and query name, and writes each by its full id. What does not exist for the
 * principal is a 404 in the Engine's words.
 *
 * @throws Refusal 404 `no-such-object`, 400 `ambiguous-reference`, 403 `name-like-id`, 409 `foreign-label`
 */
export function locate(given: ApiRequest, means: Means): Soon<Located> {
  // Most requests have no query, and prune nothing.
  const resolved = isEmpty(given.query) ? given : queryResolved(given, means);
  const isPrune = PRUNES[given.operation.id] !== undefined;
  const left = isPrune ? andThen(resolved, (api) => pruned(api, means)) : resolved;
  return andThen(left, (api) => pathLocated(withoutCache(api, means.sight), means));
}

function pathLocated(api: ApiRequest, means: Means): Soon<Located> {
  const { sight } = means;
  const { kind, id } = api.operation;
  if (id === 'ContainerCreate' || id === 'ContainerRename') {
    const newName = textOf(api, 'name').replace(/^\//, '');
    checkNewName(newName, 'name');
    if (means.names.areOwn) checkGoodName('container', newName, 'name');
  }
  const name = api.params['id'] ?? api.params['name'];
  if (kind === 'exec' && name !== undefined) return execInstance(api, name, means);
  if (kind === 'image') return images(api, means).then((found) => ({ ...found, object: undefined }));
  if (!OWNED.has(kind) || name === undefined) {
    return { api, resources: resourcesOf(api, sight.tenant), object: undefined };
  }
  const param = api.params['id'] === undefined ? 'name' : 'id';
  return andThen(means.lookup.object(kind as OwnedKind, name, param), (object): Located => {
    checkMayGo(api, object, means.names);
    const found = name === object.id ? api : withParams(api, { ...api.params, [param]: object.id });
    const [, ...others] = resourcesOf(found, object.tenant);
    return { api: found, resources: [resourceOf(object), ...others], object };
  });
}

function isEmpty(query: Query): boolean {
  for (const _ in query) return false;
  return true;
}

/** An exec instance is as good as the container it runs in. */
async function execInstance(api: ApiRequest, id: string, { lookup }: Means): Promise<Located> {
  const container = await lookup.exec(id);
  return {
    api,
    resources: [`exec/${container.tenant}/${id}`],
    object: container,
  };
}

/** References in the query: of a list's filters, a commit, a build. */
async function queryResolved(given: ApiRequest, means: Means): Promise<ApiRequest> {
  const { id } = given.operation;
  const api = id === 'ContainerList' ? await ancestorsResolved(given, means) : given;
  const resolution = new Resolution(means.lookup);
  mapQueryReferences(id, api.query, resolution.note);
  await resolution.resolve();
  return resolution.isEmpty ? api : withQuery(api, mapQueryReferences(id, api.query, resolution.toId));
}

/** The id of no image. */
const NO_IMAGE = `sha256:${'0'.repeat(64)}`;

/**
 * Containers by the image that they are made of. Of one that is not there the Engine lists none and says nothing; so it
 * does of one that is not seen, whose name may be one of an image that is.
 */
async function ancestorsResolved(api: ApiRequest, { lookup }: Means): Promise<ApiRequest> {
  const filters = (api.query['filters'] ?? {}) as Filters;
  const given = filters['ancestor'];
  if (given === undefined) return api;
  const ancestor: string[] = [];
  for (const reference of given) {
    const found = await lookup.image(reference, 'filters.ancestor').catch(notSeen);
    ancestor.push(found === undefined || found.names.length === 0 ? NO_IMAGE : (found.id ?? reference));
  }
  return withQuery(api, { ...api.query, filters: { ...filters, ancestor: ancestor.sort() } });
}

function notSeen(error: unknown): undefined {
  if (error instanceof Refusal && error.status === 404) return undefined;
  throw error;
}

/**
 * Who may not prune what is others' prunes what is their own: by the label, which an image may have given to a container
 * that is not theirs; then nothing is pruned until somebody has looked at it. The network that containers join which
 * name none is always there.
 */
async function pruned(api: ApiRequest, { objects, sight, names }: Means): Promise<ApiRequest> {
  const kind = PRUNES[api.operation.id];
  if (kind === undefined || sight.isUnlimited(api.operation.id, kind)) return api;
  if (kind === 'container') {
    for (const each of await objects.all('container')) {
      if (each.labels[TENANT_LABEL] !== sight.tenant) continue;
      if ((await objects.owned(each)).tenant === sight.tenant) continue;
      throw new Refusal(
        409,
        'foreign-label',
        'a container that nobody of your tenant made carries its label, and would be pruned too: remove your containers by their names, and tell the operator of this gateway',
      );
    }
  }
  const given = (api.query['filters'] ?? {}) as Filters;
  const label = [...(given['label'] ?? []), `${TENANT_LABEL}=${sight.tenant}`].sort();
  const kept =
    names.areOwn && kind === 'network'
      ? { 'label!': [...(given['label!'] ?? []), DEFAULT_NETWORK_LABEL].sort() }
      : {};
  return withQuery(api, { ...api.query, filters: { ...given, label, ...kept } });
}

/**
 * The cache of the classic builder is one for everybody, and goes by what a step says: who writes another's step gets
 * what came of it, and who runs a step first, in a network of their own, says what comes of it for all others.
 */
function withoutCache(api: ApiRequest, sight: PolicySight): ApiRequest {
  if (api.operation.id !== 'ImageBuild' || sight.all('image')) return api;
  return withQuery(api, { ...api.query, nocache: true });
}

/** Images that are on the Engine, by the names under which they are seen. */
async function images(given: ApiRequest, means: Means): Promise<Pick<Located, 'api' | 'resources'>> {
  const { lookup, sight } = means;
  const { id } = given.operation;
  const name = given.params['name'];
  // Not every name in the path is of an image on this Engine: a push may name a tag beside it.
  const reference = id === 'ImagePush' ? withTagOf(given, name ?? '') : name;
  if (reference === undefined) {
    if (id === 'ImageGetAll') return save(given, means);
    return { api: given, resources: await commit(given, means) };
  }
  const found = await lookup.image(reference, 'name');
  const called = found.id ?? found.full;
  const api =
    called === undefined || name === undefined ? given : withParams(given, { ...given.params, name: called });
  if (id === 'ImageTag') {
    // What is read must be seen; the new name is what is judged.
    const [target] = resourcesOf(given, sight.tenant);
    return { api, resources: [target] };
  }
  // Without a tag every tag of the repository is pushed or saved, so the name as it was given is judged.
  const isSaved = id === 'ImageGet' && found.id === undefined;
  if (found.names.length === 0 || id === 'ImagePush' || isSaved) {
    const full = isSaved ? repositoryOf(found) : undefined;
    const forwarded = full === undefined ? given : withParams(given, { ...given.params, name: full });
    return { api: forwarded, resources: resourcesOf(given, sight.tenant) };
  }
  if (id === 'ImageDelete' && found.id !== undefined) {
    const names = await lookup.everyNameOf(found.id);
    const [first = found.id, ...others] = names;
    return { api, resources: [`image/${first}`, ...others.map((each) => `image/${each}`)] };
  }
  return { api, resources: [permitted(api, found.names, sight)] };
}

/** By id an image is allowed when a permitted name points at it. */
export function permitted(
  { operation }: Pick<ApiRequest, 'operation'>,
  names: readonly string[],
  sight: PolicySight,
): Resource {
  const resources = names.map((name) => `image/${name}`);
  const allowed = resources.find((resource) => sight.asked(operation, resource).effect === 'allow');
  return allowed ?? resources[0] ?? 'image';
}

/** What is to be called in full has no tag of its own, and all tags are saved of what has none. */
function repositoryOf({ full }: { readonly full?: string }): string | undefined {
  return full?.replace(/:latest$/, '');
}

async function save(api: ApiRequest, { lookup, sight }: Means): Promise<Pick<Located, 'api' | 'resources'>> {
  const names = (api.query['names'] ?? []) as readonly string[];
  const resources: Resource[] = [];
  const written: string[] = [];
  for (const name of names) {
    const found = await lookup.image(name, 'names');
    written.push(found.id ?? repositoryOf(found) ?? name);
    resources.push(found.id === undefined ? `image/${saved(name)}` : permitted(api, found.names, sight));
  }
  const [first = 'image', ...others] = resources;
  return { api: withQuery(api, { ...api.query, names: written }), resources: [first, ...others] };
}

/** Operations on images without one in the path; a commit names a container, by its full id by now. */
async function commit(
  api: ApiRequest,
  { lookup, sight }: Means,
): Promise<readonly [Resource, ...Resource[]]> {
  const resources = resourcesOf(api, sight.tenant);
  if (api.operation.id !== 'ImageCommit') return resources;
  const container = await lookup.object('container', textOf(api, 'container'), 'container');
  return [resources[0], resourceOf(container)];
}

function withTagOf(api: ApiRequest, name: string): string {
  const tag = textOf(api, 'tag');
  return tag === '' || name.includes('@') ? name : `${name}:${tag}`;
}

function textOf({ query }: ApiRequest, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value : '';
}
