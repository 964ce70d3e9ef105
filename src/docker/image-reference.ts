/** The registry that a name without one means, and the namespace that its one-part names live in. */
export const DEFAULT_REGISTRY = 'docker.io';
export const DEFAULT_NAMESPACE = 'library';
const DEFAULT_TAG = 'latest';

const NAME_LENGTH = 255;

// The grammar of github.com/distribution/reference, regexp.go. Registries are taken in lower case only: Docker
// keeps their case and Engines disagree on `Foo/bar`, but a policy must not miss `REG.example.com`.
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[0-9a-f:]+\\])(?::[0-9]+)?$`);
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const ID = /^(?:(?:sha256:)?[0-9a-f]{1,64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** An image by its full name: `docker.io/library/alpine:3`. */
export interface ImageName {
  readonly type: 'name';
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** What may be an image's id or the beginning of one, and may be a name too: `cafe`, `sha256:...`. */
export interface ImageId {
  readonly type: 'id';
  readonly id: string;
}

/**
 * Reads what names an image on the Engine, where an id is as good as a name.
 *
 * @returns null when it is neither
 */
export function parseImageReference(text: string): ImageName | ImageId | null {
  return ID.test(text) ? { type: 'id', id: text } : parseImageName(text);
}

/**
 * Reads the name of an image where it can be nothing else (pull, push, the target of a tag), and completes it as
 * Docker does: `alpine` is `docker.io/library/alpine`. No tag is added.
 *
 * @returns null when it is malformed, 64 hexadecimal digits included, which Docker reserves for ids
 */
export function parseImageName(text: string): ImageName | null {
  if (/^[0-9a-f]{64}$/.test(text)) return null;
  const [named = '', digest, ...more] = text.split('@');
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const name = hasTag ? named.slice(0, colon) : named;
  if (more.length > 0 || name.length > NAME_LENGTH) return null;
  if ((tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return null;
  const { domain, path } = splitDomain(name);
  if (!DOMAIN.test(domain) || !PATH.test(path)) return null;
  return {
    type: 'name',
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** Whether a text, in lower case, is that of a registry and nothing else: a host, and a port if any. */
export function isRegistry(text: string): boolean {
  return DOMAIN.test(text);
}

/**
 * The name with another tag, or with a digest where one is given as the tag (`images/create?tag=sha256:...`).
 *
 * @returns null when the tag is neither
 */
export function withTag(name: ImageName, tag: string): ImageName | null {
  const { type, domain, path } = name;
  if (DIGEST.test(tag)) return { type, domain, path, digest: tag };
  return TAG.test(tag) ? { ...name, tag } : null;
}

/** The name with the tag `latest` where it has neither tag nor digest. */
export function withDefaultTag(name: ImageName): ImageName {
  return name.tag === undefined && name.digest === undefined ? { ...name, tag: DEFAULT_TAG } : name;
}

/**
 * The full name in its one spelling, as an Engine goes by it: one that is given both a tag and a digest looks at the digest alone
 * (distribution/reference; moby, daemon/images), whatever the tag is called.
 */
export function formatImageName({ domain, path, tag, digest }: ImageName): string {
  if (digest !== undefined) return `${domain}/${path}@${digest}`;
  return tag === undefined ? `${domain}/${path}` : `${domain}/${path}:${tag}`;
}

/** The registry of a name, as Docker tells it from a namespace: it has a dot or a colon, or is `localhost`. */
export function splitDomain(name: string): { readonly domain: string; readonly path: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const [domain, path] =
    /[.:]/.test(first) || first === 'localhost' ? [first, name.slice(slash + 1)] : [DEFAULT_REGISTRY, name];
  if (domain !== DEFAULT_REGISTRY && domain !== `index.${DEFAULT_REGISTRY}`) return { domain, path };
  return { domain: DEFAULT_REGISTRY, path: path.includes('/') ? path : `${DEFAULT_NAMESPACE}/${path}` };
}
