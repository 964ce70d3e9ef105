import { withQuery } from '../../docker/request.ts';
import { quoted } from '../../docker/text.ts';
import type { ApiRequest, Filters } from '../../docker/types.ts';
import { Refusal } from '../../errors.ts';
import type { OwnedKind } from '../owned.ts';
import { limitOf } from '../view/container-list.ts';
import { relisted } from '../view/lists.ts';
import { editMembers, elementsOf, memberOf } from '../view/raw-json.ts';
import { isOwnName, listOf, textOf } from '../view/shown.ts';
import { type Budget, goPattern, type Pattern, TooCostly } from './go-pattern.ts';
import type { Names } from './names.ts';

/** Lists whose filter `name` the Engine would match with names that the client does not know. */
const LISTED: Readonly<Record<string, OwnedKind>> = {
  ContainerList: 'container',
  NetworkList: 'network',
  VolumeList: 'volume',
};

/** Filters of containers that take the exact name of something else. */
const NAMING = ['network', 'volume'] as const;

/**
 * What all patterns of a request may cost: about a second. Linear in the text is not enough, where who sends them has a
 * say in how many there are, how long each is, and what it is held against, and all others wait meanwhile.
 */
const BUDGET: Budget = { steps: 4_096, visits: 4_000_000 };

/** The patterns that a client's filter gives. */
interface NameFilter {
  readonly exact: ReadonlySet<string>;
  readonly patterns: readonly Pattern[];
}

/**
 * A list's filters as the Engine has to get them: without those that the gateway itself looks after, with the Engine's
 * names in place of the reader's.
 *
 * @throws Refusal 400 `filter-pattern` when it can not be told what a filter would let through
 */
export function listForEngine(api: ApiRequest, names: Names): ApiRequest {
  const kind = LISTED[api.operation.id];
  const filters = filtersOf(api);
  if (kind === undefined || filters === undefined) return api;
  const isNamed = nameFilter(filters) !== undefined;
  const { name: _, ...others } = filters;
  const onEngine = Object.entries(others).map(([key, values]) => {
    const of = kind === 'container' ? NAMING.find((each) => each === key) : undefined;
    const meant = of === undefined ? values : values.flatMap((value) => names.meant(of, value));
    return [key, [...new Set(meant)].sort()] as const;
  });
  const asked = withQuery(api, { ...api.query, filters: Object.fromEntries(onEngine) });
  if (!isNamed || limitOf(api) === undefined) return asked;
  // The Engine would count what is left out afterwards.
  const { limit: _limit, ...rest } = asked.query;
  return withQuery(asked, { ...rest, all: true });
}

/** The request by which the reply is judged before names are looked at: as many as there are. */
export function uncounted(api: ApiRequest): ApiRequest {
  if (api.operation.id !== 'ContainerList' || !asksByName(api)) return api;
  const { limit: _, ...query } = api.query;
  return withQuery(api, query);
}

/** What of a list has one of the names that were asked for. @param body with the reader's names */
export function listedByName(api: ApiRequest, body: string): string {
  const kind = LISTED[api.operation.id];
  const filter = kind === undefined ? undefined : nameFilter(filtersOf(api) ?? {});
  if (filter === undefined) return body;
  const keep = (list: string) =>
    relisted(
      list,
      elementsOf(list).filter((raw) => affordable(() => namesOf(raw).some((name) => fits(name, filter)))),
    );
  if (kind === 'volume') return editMembers(body, new Map([['Volumes', keep]]));
  const kept = keep(body);
  const limit = kind === 'container' ? limitOf(api) : undefined;
  return limit === undefined ? kept : relisted(kept, elementsOf(kept).slice(0, limit));
}

function asksByName(api: ApiRequest): boolean {
  return (filtersOf(api)?.['name'] ?? []).length > 0;
}

function filtersOf({ query }: ApiRequest): Filters | undefined {
  return query['filters'] as Filters | undefined;
}

/** The Engine takes each value as it is, and as a pattern (moby, api/types/filters, Args.Match). */
function nameFilter({ name: values = [] }: Filters): NameFilter | undefined {
  if (values.length === 0) return undefined;
  const budget = { ...BUDGET };
  const patterns = values.map((value) => {
    const pattern = affordable(() => goPattern(value, budget));
    if (pattern !== undefined) return pattern;
    throw new Refusal(
      400,
      'filter-pattern',
      `the filter name=${quoted(value)} is no pattern that the gateway can look for: give a name, or a plainer pattern`,
      { field: 'filters.name' },
    );
  });
  return { exact: new Set(values), patterns };
}

/** @throws Refusal 400 `filter-pattern` when it takes too long */
function affordable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    throw new Refusal(
      400,
      'filter-pattern',
      'the filter by name takes too long to look for: give fewer names, or plainer patterns',
      { field: 'filters.name' },
    );
  }
}

/** Containers are looked for with the slash before their name and without it. */
function namesOf(raw: string): readonly string[] {
  const names = memberOf(raw, 'Names');
  const [own = ''] = listOf(JSON.parse(names)).map(textOf).filter(isOwnName);
  const name = textOf(JSON.parse(memberOf(raw, 'Name')));
  return own === '' ? [name] : [own, own.replace(/^\//, '')];
}

function fits(name: string, { exact, patterns }: NameFilter): boolean {
  return exact.has(name) || patterns.some((matches) => matches(name));
}
