import { formatImageName, type ImageName, parseImageName, withTag } from '../image-reference.ts';
import type { ApiRequest } from '../types.ts';
import { changeFacts } from './dockerfile/changes.ts';
import { indexed } from './field.ts';
import { imageFact } from './image.ts';
import { mergeFacts } from './merge.ts';
import { registryOfAddress, registryOfName } from './registry-address.ts';
import { repoTag } from './repo-tag.ts';
import type { Facts, ImageFact } from './types.ts';

/** Any scheme; the Engine puts `http://` before a text without one. */
const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//;

/** ImageCreate: a pull, or an import of a file system from an address or from the body. */
export function imageCreateFacts({ query }: ApiRequest): Partial<Facts> {
  const text = (name: string) => (query[name] ?? '') as string;
  const from = text('fromImage');
  if (from !== '') {
    // "pull --all-tags" of old clients.
    return atRegistry('query fromImage', from.replace(/:$/, ''), text('tag'));
  }
  const address = text('fromSrc');
  return mergeFacts(
    { tags: repoTag('query repo', text('repo'), text('tag')) },
    changeFacts('query changes', query['changes'] as readonly string[] | undefined),
    address === '' || address === '-' ? {} : registryOfAddress('query fromSrc', address, SCHEME),
  );
}

/** ImagePush: to the registry of its name. */
export function imagePushFacts({ params, query }: ApiRequest): Partial<Facts> {
  return atRegistry('path name', params['name'] ?? '', (query['tag'] ?? '') as string);
}

/** ImageTag: an image gets another name. */
export function imageTagFacts(api: ApiRequest): Partial<Facts> {
  const { repo = '', tag = '' } = api.query;
  return mergeFacts(imageFacts(api), { tags: repoTag('query repo', repo as string, tag as string) });
}

/** Operations on the image of the path. */
export function imageFacts({ params }: ApiRequest): Partial<Facts> {
  const image = imageFact('path name', params['name'] ?? '');
  return { image, images: [image] };
}

/** ImageGetAll: the images that are saved together. */
export function imagesFacts({ query }: ApiRequest): Partial<Facts> {
  const names = (query['names'] ?? []) as readonly string[];
  return { images: names.map((name, index) => imageFact(indexed('query names', index), name)) };
}

/** A name at its registry; without a tag or digest it stands for all of them. */
function atRegistry(field: string, text: string, tag: string): Partial<Facts> {
  const named = parseImageName(text);
  const name = named === null || tag === '' ? named : withTag(named, tag);
  const image = factOf(field, tag === '' ? text : `${text}:${tag}`, name);
  return mergeFacts({ image, images: [image] }, registryOfName(field, text));
}

function factOf(field: string, text: string, name: ImageName | null): ImageFact {
  return { field, reference: name === null ? text : formatImageName(name), name };
}
