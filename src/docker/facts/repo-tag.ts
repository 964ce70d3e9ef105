import { formatImageName, parseImageName, withDefaultTag, withTag } from '../image-reference.ts';
import type { ImageFact } from './types.ts';

/** The name that an image gets by `repo` and `tag`; none where there is no `repo`. */
export function repoTag(field: string, repo = '', tag = ''): readonly ImageFact[] {
  if (repo === '') return [];
  const parsed = parseImageName(repo);
  const named = parsed === null || tag === '' ? parsed : withTag(parsed, tag);
  if (named === null) return [{ field, reference: tag === '' ? repo : `${repo}:${tag}`, name: null }];
  const name = withDefaultTag(named);
  return [{ field, reference: formatImageName(name), name }];
}
