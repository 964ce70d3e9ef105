import { formatImageName, parseImageReference } from '../docker/image-reference.ts';
import { Memory } from '../memory.ts';
import { compileGlob } from './glob.ts';

/** Kinds of which there is one: the resource is the kind itself. */
const SINGLE: ReadonlySet<string> = new Set(['engine', 'swarm', 'build']);

/** Kinds whose resources are `kind` or `kind/name`; all others are `kind/tenant/name`. */
const WITHOUT_TENANT: ReadonlySet<string> = new Set(['image', 'registry', 'plugin', 'node']);

/** The tenant of every object that nobody is known to own: of all of them where tenants are not told apart. */
const UNOWNED = '-';

/** Stands in a pattern for the tenant of whoever asks. */
const OWN_TENANT = '{tenant}';

/** How many tenants' versions of one pattern are kept. */
const MOST_TENANTS = 1_000;

/** Whether a resource is covered, asked by somebody of that tenant. */
export type ResourceMatcher = (resource: string, tenant: string) => boolean;

/** Compiles a sound pattern: a glob in which `{tenant}` is the tenant of whoever asks. */
export function compileResource(pattern: string): ResourceMatcher {
  if (!pattern.includes(OWN_TENANT)) return compileGlob(pattern);
  const compiled = new Memory<(resource: string) => boolean>(MOST_TENANTS);
  const isOfTenants = isOfKindsWithTenant(pattern);
  return (resource, tenant) => {
    if (isOfTenants && !hasTenant(resource.split('/', 1)[0] as string)) return false;
    let glob = compiled.get(tenant);
    if (glob === undefined) {
      glob = compileGlob(pattern.replaceAll(OWN_TENANT, () => tenant));
      compiled.set(tenant, glob);
    }
    return glob(resource);
  };
}

/**
 * Whether a pattern is about objects of a tenant, of several kinds: what stands in this place of an image's name is a registry, and who is
 * called as one does not own what is in it.
 */
function isOfKindsWithTenant(pattern: string): boolean {
  const [kind = '', tenant = ''] = pattern.split('/');
  return kind.includes('*') && !kind.includes('**') && tenant.includes(OWN_TENANT);
}

function hasTenant(kind: string): boolean {
  return !SINGLE.has(kind) && !WITHOUT_TENANT.has(kind);
}

/** Whether a pattern that covers one object of a tenant covers all of that kind and tenant, whatever their names. */
export function ignoresNames(pattern: string): boolean {
  const parts = pattern.split('/');
  const stars = parts.findIndex((part) => part.includes('**'));
  return stars !== -1 && stars <= 2 && stars === parts.length - 1 && parts[stars] === '**';
}

/** What a resource is made of; null where it has no such part. */
export function partsOf(resource: string): {
  readonly kind: string;
  readonly tenant: string | null;
  readonly name: string | null;
} {
  const [kind = '', ...rest] = resource.split('/');
  const [tenant = ''] = hasTenant(kind) ? rest.splice(0, 1) : [];
  return { kind, tenant: tenant === '' ? null : tenant, name: rest.join('/') || null };
}

/**
 * Whether a pattern covers every resource of a kind, by its form: names of images have two parts or five, and ids one, so that no one
 * name could stand for all of them.
 */
export function coversAll(pattern: string, kind: string): boolean {
  if (SINGLE.has(kind)) return compileGlob(pattern)(kind);
  if (pattern === '**') return true;
  const [first = '', ...rest] = pattern.split('/');
  if (first.includes('**') || !compileGlob(first)(kind)) return false;
  const tail = rest.join('/');
  return tail === '**' || (tail === '*/**' && !WITHOUT_TENANT.has(kind));
}

/** The kinds whose resources a pattern may cover, as far as its first parts tell. */
export function kindsOf(pattern: string, kinds: ReadonlySet<string>): readonly string[] {
  const first = pattern.split('/', 1)[0] as string;
  const possible = first.includes('**') ? [...kinds] : [...kinds].filter(compileGlob(first));
  return isOfKindsWithTenant(pattern) ? possible.filter(hasTenant) : possible;
}

/**
 * What is wrong with a resource pattern, undefined when nothing is. A pattern that no resource can have is a
 * fault: a deny that never matches would be a hole that nobody sees.
 *
 * @param kinds every kind there is
 * @param tenants whether objects have tenants; else they all have `-`
 */
export function resourceFault(
  given: string,
  kinds: ReadonlySet<string>,
  tenants = false,
): string | undefined {
  if (!tenants && given.includes(OWN_TENANT)) {
    return `speaks of ${OWN_TENANT}, and tenants are not told apart: see tenancy.enabled in the configuration`;
  }
  const pattern = given.replaceAll(OWN_TENANT, 'tenant');
  if (!/^[A-Za-z0-9._:@/*+~-]+$/.test(pattern) || pattern.includes('***') || pattern.includes('//')) {
    return 'is no pattern of the form kind/tenant/name, in which * and ** are the only signs with a meaning';
  }
  const possible = kindsOf(given, kinds);
  if (possible.length === 0) return `begins with no known kind (${[...kinds].join(', ')})`;
  const [first, ...rest] = pattern.split('/') as [string, ...string[]];
  if (first.includes('**')) return undefined;
  const faults = possible.map((kind) => shapeFault(kind, rest, tenants));
  return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
}

function shapeFault(kind: string, rest: readonly string[], tenants: boolean): string | undefined {
  if (SINGLE.has(kind)) {
    const sound = rest.length === 0 || (rest.length === 1 && rest[0] === '**');
    return sound ? undefined : `can match nothing: there is one ${kind}, so write ${kind}`;
  }
  if (kind === 'image') return imageFault(rest);
  if (WITHOUT_TENANT.has(kind)) return registryFault(kind, rest);
  const [tenant, name] = rest;
  if (tenant?.includes('**')) return undefined;
  if (tenants) {
    return tenant !== undefined && tenant !== '' && name !== undefined
      ? undefined
      : `can match nothing: write ${kind}/TENANT/NAME, e.g. ${kind}/${OWN_TENANT}/**`;
  }
  if (tenant === undefined || name === undefined || !compileGlob(tenant)(UNOWNED)) {
    // What a refusal calls `container/-` is one that has no name yet.
    if (rest.length === 1 && tenant === UNOWNED)
      return `can match nothing: write ${kind}/${UNOWNED}/ for one without a name (yet), ${kind}/${UNOWNED}/** for all`;
    const last = rest.at(-1) || '*';
    return `can match nothing: write ${kind}/${UNOWNED}/${last}; every ${kind} has the tenant "${UNOWNED}" so far`;
  }
  return undefined;
}

function registryFault(kind: string, rest: readonly string[]): string | undefined {
  if (rest.at(-1) === '') return `can match nothing: no ${kind} ends in a slash`;
  const name = rest.join('/');
  if (kind === 'registry' && name !== name.toLowerCase()) {
    return `can match nothing: registries are in lower case, registry/${name.toLowerCase()}`;
  }
  return undefined;
}

/** Images are written in full, `image/docker.io/library/alpine:3`, or by what may be an id. */
function imageFault(rest: readonly string[]): string | undefined {
  if (rest.length === 0) return undefined;
  const name = rest.join('/');
  if (!name.includes('*')) {
    const parsed = parseImageReference(name);
    if (parsed?.type === 'id') return undefined;
    if (parsed === null) return 'can match nothing: it is no name of an image';
    const full = formatImageName(parsed);
    return full === name ? undefined : `can match nothing: images are written in full, image/${full}`;
  }
  return imageGlobFault(rest, name);
}

function imageGlobFault([registry = '', ...path]: readonly string[], name: string): string | undefined {
  if (path.length === 0) {
    const sound = name.includes('**') || /^(?:sha256:)?[0-9a-f*]+$/.test(name);
    return sound
      ? undefined
      : `can match nothing: images are written in full, image/docker.io/library/${name}`;
  }
  if (registry.includes('*')) return undefined;
  if (!/[.:]/.test(registry) && registry !== 'localhost') {
    return `can match nothing: images are written with their registry, image/docker.io/${name}`;
  }
  if (registry !== registry.toLowerCase()) return 'can match nothing: registries are in lower case';
  if (registry === 'index.docker.io') return 'can match nothing: index.docker.io is written docker.io';
  const official = registry === 'docker.io' && path.length === 1 && !name.includes('**');
  return official ? `can match nothing: write image/docker.io/library/${path[0]}` : undefined;
}
