import { formatImageName, parseImageName, withDefaultTag } from '../../docker/image-reference.ts';
import type { Sight } from '../sight.ts';
import { elementsOf, isNull, writeList } from './raw-json.ts';
import { listOf, objectOf, textOf } from './shown.ts';

/** The references of one image. */
export interface References {
  /** As the Engine writes them: `alpine:3`. */
  readonly tags: readonly string[];
  /** `alpine@sha256:...` */
  readonly digests: readonly string[];
}

/** Whether an image may be seen by this reference: `alpine`, `alpine:3`, `alpine@sha256:...`. */
export function seesReference(reference: string, sight: Sight): boolean {
  const name = parseImageName(reference);
  return name !== null && sight.seesImage(formatImageName(withDefaultTag(name)));
}

/**
 * Those references of an image that are seen. A digest is when it is itself, and when the image has a tag of the same
 * repository that is. What old Engines list of an image without a name, `<none>:<none>`, is no reference.
 *
 * @param image as the Engine lists or inspects it
 */
export function seenReferences(image: unknown, sight: Sight): References {
  const { RepoTags, RepoDigests } = objectOf(image);
  const all = { tags: listOf(RepoTags).map(textOf), digests: listOf(RepoDigests).map(textOf) };
  if (sight.all('image')) return all;
  const tags = all.tags.filter((tag) => seesReference(tag, sight));
  const repositories = new Set(tags.map(repositoryOf));
  const digests = all.digests.filter((digest) => {
    const repository = repositoryOf(digest);
    return repository !== undefined && (repositories.has(repository) || seesReference(digest, sight));
  });
  return { tags, digests };
}

/** Whether an image may be seen by its id. */
export function seesImageId(id: unknown, sight: Sight): boolean {
  return textOf(id) !== '' && sight.seesImage(textOf(id));
}

/** A list of texts without those that are not wanted; `null` stays `null`. */
export function onlyThese(list: string, wanted: readonly string[]): string {
  if (isNull(list)) return list;
  if (wanted.length === 0) return '[]';
  const set = new Set<unknown>(wanted);
  return writeList(elementsOf(list).filter((raw) => set.has(JSON.parse(raw))));
}

function repositoryOf(reference: string): string | undefined {
  const name = parseImageName(reference);
  return name === null ? undefined : `${name.domain}/${name.path}`;
}
