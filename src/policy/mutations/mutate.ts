import type { Content } from '../../docker/content.ts';
import { factsOf } from '../../docker/facts/facts.ts';
import type { ApiRequest } from '../../docker/types.ts';
import type { Mutation } from './mutation.ts';

/** A request after its mutations; the same objects where nothing was changed. */
export interface Outcome {
  readonly api: ApiRequest;
  readonly content: Content | undefined;
  /** One sentence a change, in the order in which they were made. */
  readonly changes: readonly string[];
}

/** Applies mutations one after another, each seeing what those before it have made. */
export function mutate(request: Pick<Outcome, 'api' | 'content'>, mutations: readonly Mutation[]): Outcome {
  let { api, content } = request;
  const changes: string[] = [];
  for (const mutation of mutations) {
    const mutated = mutation({ api, content, facts: factsOf(api, content?.value) });
    if (mutated === undefined) continue;
    api = mutated.api ?? api;
    content = mutated.content ?? content;
    changes.push(mutated.change);
  }
  return { api, content, changes };
}
