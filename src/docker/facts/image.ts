import { formatImageName, parseImageName, parseImageReference, withDefaultTag } from '../image-reference.ts';
import type { ImageFact } from './types.ts';

/** An image as a request names it, where an id is as good as a name. */
export function imageFact(field: string, text: string): ImageFact {
  const parsed = parseImageReference(text);
  if (parsed?.type !== 'name') return { field, reference: text, name: null };
  const name = withDefaultTag(parsed);
  return { field, reference: formatImageName(name), name };
}

/** The name that an image gets, where it can be no id (`t` of a build). */
export function tagFact(field: string, text: string): ImageFact {
  const parsed = parseImageName(text);
  if (parsed === null) return { field, reference: text, name: null };
  const name = withDefaultTag(parsed);
  return { field, reference: formatImageName(name), name };
}
