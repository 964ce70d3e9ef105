import type { ContainerConfig } from '../body/models/container-config.ts';
import { formatImageName, parseImageName, withDefaultTag, withTag } from '../image-reference.ts';
import type { ApiRequest } from '../types.ts';
import { configFacts } from './container-config.ts';
import { changeFacts } from './dockerfile/changes.ts';
import { mergeFacts } from './merge.ts';
import type { Facts, ImageFact } from './types.ts';
import { workingDir } from './working-dir.ts';

/**
 * ImageCommit: the configuration that the image gets over the container's own, from the body and from `changes`,
 * and the name it gets.
 */
export function commitFacts({ query }: ApiRequest, body: ContainerConfig = {}): Partial<Facts> {
  const { user, devices: _, ...config } = configFacts(body);
  const { devices: __, ...changes } = changeFacts(
    'query changes',
    query['changes'] as readonly string[] | undefined,
  );
  return mergeFacts(
    config,
    // Without a user the image has the container's.
    { user: user?.value === '' ? null : (user ?? null) },
    workingDir('WorkingDir', body.WorkingDir),
    changes,
    { tags: tags(query['repo'] as string | undefined, query['tag'] as string | undefined) },
  );
}

function tags(repo = '', tag = ''): readonly ImageFact[] {
  if (repo === '') return [];
  const field = 'query repo';
  const parsed = parseImageName(repo);
  const named = parsed === null || tag === '' ? parsed : withTag(parsed, tag);
  if (named === null) return [{ field, reference: tag === '' ? repo : `${repo}:${tag}`, name: null }];
  const name = withDefaultTag(named);
  return [{ field, reference: formatImageName(name), name }];
}
