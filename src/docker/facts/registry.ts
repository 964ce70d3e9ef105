import type { AuthConfig } from '../body/models/registry-auth.ts';
import type { ApiRequest } from '../types.ts';
import { imageFact } from './image.ts';
import { mergeFacts } from './merge.ts';
import { registryFacts, registryOfAddress, registryOfName } from './registry-address.ts';
import type { Facts } from './types.ts';

/** Schemes that the Engine takes for one; it puts `https://` before any other text. */
const SCHEME = /^https?:\/\//;

/** SystemAuth: the registry that gets the password; Docker Hub where none is named. */
export function authFacts(_: ApiRequest, { serveraddress = '' }: AuthConfig): Partial<Facts> {
  return serveraddress === ''
    ? registryFacts('serveraddress', 'docker.io')
    : registryOfAddress('serveraddress', serveraddress, SCHEME);
}

/** ImageSearch: the registry that the term begins with. */
export function searchFacts({ query }: ApiRequest): Partial<Facts> {
  return registryOfName('query term', String(query['term'] ?? ''));
}

/** DistributionInspect: an image at its registry. */
export function distributionFacts({ params }: ApiRequest): Partial<Facts> {
  const { name = '' } = params;
  const image = imageFact('path name', name);
  return mergeFacts({ image, images: [image] }, registryOfName('path name', name));
}
