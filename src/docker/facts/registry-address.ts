import { DEFAULT_REGISTRY, splitDomain } from '../image-reference.ts';
import type { Facts } from './types.ts';

type Registries = Pick<Facts, 'registries'>;

/** A registry that the Engine is told to speak with, by its host and port. */
export function registryFacts(field: string, registry: string): Registries {
  const host = registry.toLowerCase();
  return {
    registries: [{ field, registry: host === `index.${DEFAULT_REGISTRY}` ? DEFAULT_REGISTRY : host }],
  };
}

/** The registry of an image's or a plugin's name, or of a term to search for. */
export function registryOfName(field: string, name: string): Registries {
  return registryFacts(field, splitDomain(name).domain);
}

/**
 * The registry, or other server, of an address: what stands between `//` and the next slash, without user and
 * password, as Go's url.Parse takes it. An address without a scheme is one with `scheme`.
 */
export function registryOfAddress(field: string, address: string, scheme: RegExp): Registries {
  const after = address.replace(scheme, '');
  const [authority = ''] = after.split(/[/?#]/, 1);
  return registryFacts(field, authority.slice(authority.lastIndexOf('@') + 1));
}
