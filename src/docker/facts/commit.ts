import type { ContainerConfig } from '../body/models/container-config.ts';
import type { ApiRequest } from '../types.ts';
import { configFacts } from './container-config.ts';
import { changeFacts } from './dockerfile/changes.ts';
import { mergeFacts } from './merge.ts';
import { repoTag } from './repo-tag.ts';
import type { Facts } from './types.ts';
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
    { tags: repoTag('query repo', query['repo'] as string | undefined, query['tag'] as string | undefined) },
  );
}
