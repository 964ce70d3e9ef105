import type { ApiRequest } from '../../docker/types.ts';
import type { Sight } from '../sight.ts';
import { judgeAll } from './judge.ts';
import { type Element, parsedElements, relisted } from './lists.ts';
import { seenManifests } from './manifests.ts';
import { keeping, leaveOut, rewriteMembers, type SlowEdit } from './raw-json.ts';
import { onlyThese, type References, seenReferences, seesImageId } from './references.ts';
import { objectOf, textOf } from './shown.ts';
import type { JsonView } from './types.ts';

/** The first API version whose lists have nothing where an image has no name. */
const EMPTY_LISTS = 43;
/** What they have before. */
const NO_TAG = '["<none>:<none>"]';
const NO_DIGEST = '["<none>@<none>"]';

/** The Engine's own word for what nobody counted. */
const NOT_COUNTED = '-1';

/** What an image in a list says of itself. Not `Identity`: it names the repositories that the image came from. */
const OWN = ['Id', 'Created', 'Size', 'VirtualSize', 'Labels', 'Descriptor'];

/** An image that is seen, by these references. */
export interface SeenImage extends Element {
  readonly references: References;
}

/** What one entry needs to know of the others. */
export interface ImageContext {
  readonly sight: Sight;
  readonly api: ApiRequest;
  /** Ids of the images that are seen. */
  readonly ids: ReadonlySet<string>;
  /** How many of the containers that are seen are of an image; undefined when that is not known. */
  containersOf(id: string): number | undefined;
  /** What stands for the bytes that an image shares with others, of whomever they are. */
  readonly sharedSize: string;
}

/** The images that are seen by a reference or by their id, each with those of its references that are. */
export const IMAGE_LIST: JsonView = {
  kind: 'json',
  async rewrite(body, sight, api) {
    if (sight.all('image') && sight.all('container')) return body;
    const seen = seenImages(body, sight);
    const context = { sight, api, ids: idsOf(seen), containersOf: () => undefined, sharedSize: NOT_COUNTED };
    return relisted(body, await judgeAll(seen, (image) => imageEntry(image, context)));
  },
};

export function seenImages(list: string, sight: Sight): readonly SeenImage[] {
  return parsedElements(list).flatMap((element) => {
    const references = seenReferences(element.value, sight);
    const id = objectOf(element.value)['Id'];
    const seen = sight.all('image') || !isNameless(references) || seesImageId(id, sight);
    return seen ? [{ raw: element.raw, value: element.value, references }] : [];
  });
}

function isNameless({ tags, digests }: References): boolean {
  return tags.length === 0 && digests.length === 0;
}

export function idsOf(images: readonly Element[]): ReadonlySet<string> {
  return new Set(images.map(({ value }) => textOf(objectOf(value)['Id'])));
}

/** One image of a list, which is seen. */
export async function imageEntry(
  { raw, value, references }: SeenImage,
  context: ImageContext,
): Promise<string> {
  const { sight, api, ids, containersOf, sharedSize } = context;
  const { tags, digests } = references;
  const nameless = isNameless(references) && api.version < EMPTY_LISTS;
  const seesParent = (id: unknown) => ids.has(textOf(id)) || seesImageId(id, sight);
  const containers = () => `${containersOf(textOf(objectOf(value)['Id'])) ?? NOT_COUNTED}`;
  const edits = new Map<string, SlowEdit>([
    ...keeping(OWN),
    ['RepoTags', (list) => (nameless ? NO_TAG : onlyThese(list, tags))],
    ['RepoDigests', (list) => (nameless ? NO_DIGEST : onlyThese(list, digests))],
    ['Containers', (count) => (sight.all('container') ? count : containers())],
    ['SharedSize', (size) => (sight.all('image') ? size : sharedSize)],
    ['ParentId', (id) => (seesParent(JSON.parse(id)) ? id : '""')],
    ['Manifests', (list) => seenManifests(list, sight)],
  ]);
  return rewriteMembers(raw, edits, sight.all('image') ? undefined : leaveOut);
}
