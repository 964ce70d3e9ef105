import { withQuery } from '../../docker/request.ts';
import type { ApiRequest } from '../../docker/types.ts';
import type { Sight } from '../sight.ts';
import { type Element, parsedElements, relisted, seenElements, seenOf } from './lists.ts';
import { editMembers, elementsOf, writeList } from './raw-json.ts';
import { isOwnName, listOf, objectOf, textOf } from './shown.ts';
import type { JsonView } from './types.ts';

/**
 * The containers that are seen, newest first as the Engine lists them. What an entry says of its image, mounts and
 * networks is its own; its names may tell of others.
 */
export const CONTAINER_LIST: JsonView = {
  kind: 'json',
  widen(api, sight) {
    if (sight.all('container') || limitOf(api) === undefined) return api;
    const { limit: _, ...query } = api.query;
    return withQuery(api, { ...query, all: true });
  },
  async rewrite(body, sight, api) {
    if (sight.all('container')) return body;
    const all = parsedElements(body);
    const seen = await seenOf('container', all, sight);
    const limit = limitOf(api) ?? all.length;
    // Whoever sees all of it gets it as it is.
    if (seen === all && limit >= all.length && !tellsOthersNames(all)) return body;
    return relisted(body, withOwnNames(seen).slice(0, limit));
  },
};

/** The texts of the containers of a list that are seen. */
export async function seenContainers(list: string, sight: Sight): Promise<readonly string[]> {
  return withOwnNames(await seenElements('container', list, sight));
}

/**
 * How many containers the client wants at most. The Engine counts all containers with a limit, running or not, and
 * takes zero and less for none (moby, daemon/list.go, includeContainerInList).
 */
export function limitOf({ query }: ApiRequest): number | undefined {
  const limit = query['limit'];
  return typeof limit === 'bigint' && limit > 0n ? Number(limit) : undefined;
}

/**
 * A link of another container gives this one a further name, `/other/alias`. It goes when the other is not shown
 * beside it.
 */
function withOwnNames(elements: readonly Element[]): readonly string[] {
  const named = elements.map(namesOf);
  const own = new Set(named.flat().filter(isOwnName));
  return elements.map(({ raw }, index) => {
    const names = named[index] ?? [];
    const shown = (name: string) => isOwnName(name) || own.has(name.slice(0, name.indexOf('/', 1)));
    if (names.every(shown)) return raw;
    const edit = (list: string) => writeList(elementsOf(list).filter((_, at) => shown(names[at] ?? '')));
    return editMembers(raw, new Map([['Names', edit]]));
  });
}

/** Whether any of them has a name that a link of another gave it. */
function tellsOthersNames(elements: readonly Element[]): boolean {
  return elements.some((element) => !namesOf(element).every(isOwnName));
}

function namesOf({ value }: Element): readonly string[] {
  return listOf(objectOf(value)['Names']).map(textOf);
}
