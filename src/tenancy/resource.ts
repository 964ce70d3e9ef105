import {
  formatImageName,
  type ImageName,
  isRegistry,
  parseImageName,
  parseImageReference,
  splitDomain,
  withDefaultTag,
  withTag,
} from '../docker/image-reference.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest, Query } from '../docker/types.ts';
import { Refusal } from '../errors.ts';

/** What an operation acts on, written `kind/tenant/name`; the table is at `resourcesOf`. */
export type Resource = string;

/** Stands in a resource name for "no tenant is known to own it". No tenant may be called so. */
export const UNOWNED = '-';

/**
 * The resources of a request, from the request alone: who owns them is not asked. The first is what the
 * operation acts on; the others are further objects that the request names, and each has to be allowed too.
 *
 * | operations on | resource |
 * | --- | --- |
 * | one container, exec, network, volume, service, task, secret, config | `container/-/web`, `exec/-/ID`, ... |
 * | creating one, with a name in the query | `container/-/NAME`; without: `container/-/` |
 * | all of a kind: lists and prunes | `container/-/`, `network/-/`, ... |
 * | one image | `image/docker.io/library/alpine:3`, with the registry and, where a tag is meant, `latest` |
 * | an image by id, or by what may be one | `image/sha256:...`, `image/cafe` |
 * | pull, import | `image/` and `fromImage` or `repo` with `tag`; without a tag all tags are pulled: `image/docker.io/library/alpine` |
 * | tag, commit | the new name; without one: `image`; and the source: `image/...`, `container/-/NAME` |
 * | save | each image that is named, without a tag where none is: all tags are saved then; `image` when none is named |
 * | all images: list, load, prune | `image` |
 * | builds | `build`; and the image of each `t` |
 * | search, distribution; log-in | `registry/docker.io`, `registry/reg.example.com:5000`; `registry` |
 * | one plugin; all | `plugin/NAME`; `plugin` |
 * | the swarm; one node; all | `swarm`; `node/ID`; `node` |
 * | the Engine, events, debug, session, grpc | `engine` |
 *
 * @param tenant whose the objects are; `-` where tenants are not told apart
 * @throws Refusal 400 `image-name` when something that has to name an image can not
 */
export function resourcesOf(request: ApiRequest, tenant = UNOWNED): readonly [Resource, ...Resource[]] {
  return [actedOn(request, tenant), ...named(request, tenant)];
}

function actedOn({ operation, params, query }: ApiRequest, tenant: string): Resource {
  const { kind, id } = operation;
  const name = params['id'] ?? params['name'];
  switch (kind) {
    case 'engine':
    case 'swarm':
    case 'build':
      return kind;
    case 'container':
      return `container/${tenant}/${name ?? text(query, 'name').replace(/^\//, '')}`;
    case 'exec':
    case 'network':
    case 'volume':
    case 'service':
    case 'task':
    case 'secret':
    case 'config':
      return `${kind}/${tenant}/${name ?? ''}`;
    case 'node':
      return within('node', name);
    case 'plugin':
      return within('plugin', name ?? (text(query, 'name') || text(query, 'remote')));
    case 'registry':
      return within('registry', registry(id, name, query));
    case 'image':
      return within('image', image(id, name, query));
  }
}

/** The objects that a request names besides the one it acts on. */
function named({ operation: { id }, params, query }: ApiRequest, tenant: string): Resource[] {
  switch (id) {
    case 'ImageTag':
      return [`image/${existing(params['name'] ?? '')}`];
    case 'ImageCommit':
      return [`container/${tenant}/${text(query, 'container')}`];
    case 'ImageGetAll':
      return list(query, 'names')
        .slice(1)
        .map((name) => `image/${saved(name)}`);
    case 'ImageBuild':
      return list(query, 't')
        .filter((name) => name !== '')
        .map((name) => `image/${completed(name, '', withDefaultTag)}`);
    case 'ContainerRename':
      return [`container/${tenant}/${text(query, 'name').replace(/^\//, '')}`];
    case 'PluginPull':
    case 'PluginUpgrade':
      return [within('plugin', text(query, 'remote'))];
    default:
      return [];
  }
}

function within(kind: string, name: string | undefined): Resource {
  return name === undefined || name === '' ? kind : `${kind}/${name}`;
}

function registry(id: string, name: string | undefined, query: Query): string | undefined {
  if (id === 'ImageSearch') return searched(text(query, 'term'));
  if (name === undefined) return undefined;
  return (parseImageName(name) ?? unparsed(name)).domain;
}

/**
 * The registry of a term to search for. The Engine makes an address of it as it stands, in which `#`, `?` and `@` have a meaning.
 *
 * @throws Refusal 400 `image-name`
 */
function searched(term: string): string {
  const domain = splitDomain(term).domain.toLowerCase();
  return isRegistry(domain) ? domain : unparsed(term);
}

function image(id: string, name: string | undefined, query: Query): string | undefined {
  switch (id) {
    case 'ImageCreate':
      return text(query, 'fromImage') === ''
        ? target(text(query, 'repo'), text(query, 'tag'))
        : completed(text(query, 'fromImage').replace(/:$/, ''), text(query, 'tag'));
    case 'ImageTag':
    case 'ImageCommit':
      return target(text(query, 'repo'), text(query, 'tag'));
    case 'ImagePush':
      return completed(name ?? '', text(query, 'tag'));
    case 'ImageGet':
      return saved(name ?? '');
    case 'ImageGetAll': {
      const [first] = list(query, 'names');
      return first === undefined ? undefined : saved(first);
    }
    default:
      return name === undefined ? undefined : existing(name);
  }
}

/** An image on the Engine, by name or id. */
function existing(reference: string): string {
  const parsed = parseImageReference(reference);
  if (parsed?.type === 'id') return parsed.id;
  return parsed === null ? unparsed(reference) : formatImageName(withDefaultTag(parsed));
}

/** An image that is saved; a name without a tag saves all of its tags. */
export function saved(reference: string): string {
  const parsed = parseImageReference(reference);
  return parsed?.type === 'name' ? formatImageName(parsed) : existing(reference);
}

/** A name that an image will get. */
function target(repo: string, tag: string): string | undefined {
  return repo === '' ? undefined : completed(repo, tag, withDefaultTag);
}

function completed(
  name: string,
  tag: string,
  complete: (name: ImageName) => ImageName = (same) => same,
): string {
  const parsed = parseImageName(name);
  const tagged = parsed === null || tag === '' ? parsed : withTag(parsed, tag);
  return tagged === null ? unparsed(tag === '' ? name : `${name}:${tag}`) : formatImageName(complete(tagged));
}

/**
 * A name that Docker's grammar does not have would be a second spelling that no grant for the first covers. That
 * includes registries in capitals, which Engines read differently.
 */
export function unparsed(reference: string): never {
  const sentence = `invalid reference format: ${quoted(reference)} is no name of an image; registry and repository are in lower case`;
  throw new Refusal(400, 'image-name', sentence);
}

function list(query: Query, name: string): readonly string[] {
  const value = query[name];
  return Array.isArray(value) ? value : [];
}

function text(query: Query, name: string): string {
  const value = query[name];
  return typeof value === 'string' ? value : '';
}
