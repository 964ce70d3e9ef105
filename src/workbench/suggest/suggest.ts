import { tellsFacts } from '../../docker/facts/facts.ts';
import { NO_FACTS } from '../../docker/facts/none.ts';
import type { Facts } from '../../docker/facts/types.ts';
import type { Operation } from '../../docker/types.ts';
import { joinEngine } from '../../policy/engine-part.ts';
import { compileGlob } from '../../policy/glob.ts';
import type { Profiles } from '../../policy/profiles.ts';
import { partsOf } from '../../policy/resource-pattern.ts';
import { subjectFault } from '../../policy/subjects.ts';
import { INSPECT } from '../../tenancy/policy-sight.ts';
import { resourcesOf } from '../../tenancy/resource.ts';
import type { Recorded } from '../recorded.ts';
import { conditionFor, type Narrowing } from './conditions.ts';
import { excessOf } from './dangers.ts';
import { imagePatterns, namePatterns } from './names.ts';

/** How often something was asked for, and when: first and last. */
export interface Sightings {
  readonly count: number;
  readonly first: string;
  readonly last: string;
}

/** One line of a suggested policy. */
export interface Suggestion extends Narrowing {
  readonly subject: string;
  readonly resource: string;
  /** operationIds, sorted, with how often each was seen. */
  readonly operations: ReadonlyMap<string, number>;
  readonly seen: Sightings;
  /** Why it is only told, and not granted; undefined: it is granted. */
  readonly danger: string | undefined;
}

type Line = Suggestion & { readonly operations: Map<string, number>; seen: Sightings };

/** What was seen and is not suggested, by why: how often. */
export type LeftOut = ReadonlyMap<string, number>;

export interface SuggestOptions {
  readonly by: 'principal' | 'role';
  readonly profiles: Profiles;
  /** Whether tenants are told apart. */
  readonly tenants: boolean;
}

/** What was asked for by one subject, of one operation, in one way. */
interface Heap {
  readonly subject: string;
  /** The Engine that it was asked of. */
  readonly engine: string;
  readonly operation: Operation;
  readonly danger: string | undefined;
  /** Names by kind and tenant, as a pattern begins: `container/-`, `image`; and when each was seen. */
  readonly names: Map<string, Map<string, Sightings>>;
  /** Each once. */
  readonly facts: Map<string, Facts>;
  /** The last of them. */
  example: Recorded;
}

/** Gathers what was forwarded, and makes the least policy of it that allows that. */
export class Suggestions {
  readonly #options: SuggestOptions;
  readonly #heaps = new Map<string, Heap>();
  readonly #leftOut = new Map<string, number>();
  /** Subjects, with the Engine, for which Docker has named containers. */
  readonly #unnamed = new Set<string>();

  constructor(options: SuggestOptions) {
    this.#options = options;
  }

  add(recorded: Recorded): void {
    const reason = leftOut(recorded);
    const subject = reason === undefined ? this.#subjectOf(recorded) : undefined;
    if (reason !== undefined || subject === undefined) {
      const why = reason ?? 'by somebody whose name can stand in no grant';
      this.#leftOut.set(why, (this.#leftOut.get(why) ?? 0) + 1);
      return;
    }
    const { operation, facts } = recorded;
    const baseline = this.#options.profiles.get('baseline');
    const danger =
      baseline === undefined
        ? 'there is no profile baseline to hold it to'
        : excessOf(operation.id, facts, baseline).danger;
    const heap = this.#heapOf(subject, recorded, danger);
    if (recorded.time >= heap.example.time) heap.example = recorded;
    for (const resource of resourcesIn(recorded)) {
      const [begin, name] = this.#split(resource, recorded.principal.tenant);
      const names = heap.names.get(begin) ?? new Map<string, Sightings>();
      const once = { count: 1, first: recorded.time, last: recorded.time };
      heap.names.set(begin, names.set(name, both(names.get(name), once)));
    }
    if (facts !== undefined) heap.facts.set(keyOf(facts), facts);
    if (operation.id === 'ContainerCreate' && /^container\/[^/]*\/$/.test(recorded.resources[0])) {
      this.#unnamed.add(keyOfAsker({ subject, engine: recorded.engine }));
    }
  }

  get leftOut(): LeftOut {
    return this.#leftOut;
  }

  /** An allowed request for each operation that is granted, to test the policy with. */
  examples(): readonly Recorded[] {
    return this.#sorted()
      .filter((heap) => heap.danger === undefined && unsaidText(this.#narrowing(heap)) === undefined)
      .map(({ example }) => example);
  }

  /** The lines, in an order that depends on nothing but what was seen: by subject, granted ones first. */
  lines(): readonly Suggestion[] {
    const lines = new Map<string, Line>();
    for (const known of this.#sorted()) {
      const narrowing = this.#narrowing(known);
      const heap = { ...known, danger: known.danger ?? unsaidText(narrowing) };
      for (const [begin, set] of heap.names) {
        const [kind = ''] = begin.split('/', 1);
        const inspect = this.#options.tenants && heap.danger === undefined ? toSee(kind, set) : undefined;
        for (const resource of this.#patternsOf(heap, begin, set)) {
          const seen = seenOn(resource, begin, set);
          addTo(lines, heap, { pattern: resource, narrowing, operation: heap.operation.id, seen });
          if (inspect === undefined || inspect === heap.operation.id) continue;
          addTo(lines, heap, {
            pattern: resource,
            narrowing: ANYHOW,
            operation: inspect,
            seen: { ...seen, count: 0 },
          });
        }
      }
    }
    const sorted = [...lines.values()].map((line) => ({
      ...line,
      operations: new Map([...line.operations].sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
    const order = ({ subject, danger, resource, operations, text }: Suggestion): string =>
      JSON.stringify([subject, danger ?? '', resource, [...operations.keys()], text]);
    return sorted.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  #narrowing({ operation, danger, facts }: Heap): Narrowing {
    const all = [...facts.values()];
    if (danger !== undefined || !tellsFacts(operation.id) || all.length === 0) return ANYHOW;
    return conditionFor(operation.id, all, this.#options.profiles);
  }

  #patternsOf(heap: Heap, begin: string, seen: ReadonlyMap<string, unknown>): readonly string[] {
    const names = new Set(seen.keys());
    const [kind = ''] = begin.split('/', 1);
    if (kind === 'image') return imagesOf(names);
    const named = [...names].filter((name) => name !== ALONE);
    const patterns =
      kind === 'exec'
        ? ['*']
        : namePatterns(named, kind === 'container' && this.#unnamed.has(keyOfAsker(heap)));
    return [...(names.has(ALONE) ? [begin] : []), ...patterns.map((pattern) => `${begin}/${pattern}`)];
  }

  #heapOf(subject: string, recorded: Recorded, danger: string | undefined): Heap {
    const { operation, engine } = recorded;
    const key = JSON.stringify([subject, engine, operation.id, danger ?? '']);
    const known = this.#heaps.get(key);
    if (known !== undefined) return known;
    const heap: Heap = {
      ...{ subject, engine, operation, danger, example: recorded },
      names: new Map(),
      facts: new Map(),
    };
    this.#heaps.set(key, heap);
    return heap;
  }

  #sorted(): readonly Heap[] {
    return [...this.#heaps].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, heap]) => heap);
  }

  /** By role: the one that somebody holds; who holds none or several is meant by name. */
  #subjectOf({ principal: { name, roles } }: Recorded): string | undefined {
    const [role, another] = roles;
    const subject =
      this.#options.by === 'role' && role !== undefined && another === undefined
        ? `role:${role}`
        : `user:${name}`;
    return subjectFault(subject) === undefined && !/["\n\r]/.test(subject) ? subject : undefined;
  }

  /** What a pattern begins with, and the name. The own tenant is that of whoever asks. */
  #split(resource: string, own: string): readonly [begin: string, name: string] {
    const { kind, tenant, name } = partsOf(resource);
    if (tenant === null) return name === null ? [kind, ALONE] : [kind, name];
    const whose = this.#options.tenants && tenant === own ? '{tenant}' : tenant;
    return [`${kind}/${whose}`, name ?? ''];
  }
}

function keyOfAsker({ subject, engine }: Pick<Heap, 'subject' | 'engine'>): string {
  return JSON.stringify([subject, engine]);
}

const ANYHOW: Narrowing = { text: 'true', exceptions: [] };

/** Why a line is not granted whose condition can not say what was seen in the stead of a check. */
function unsaidText({ unsaid = [] }: Narrowing): string | undefined {
  if (unsaid.length === 0) return undefined;
  return `${unsaid.join(', ')}: too many different ones, or such as can not be named, to grant these alone`;
}

/** Stands for the kind itself, of which there is one, or all. */
const ALONE = '\0';

/** The kind without a name is all images; and each repository. */
function imagesOf(names: ReadonlySet<string>): readonly string[] {
  const named = [...names].filter((name) => name !== ALONE);
  return [
    ...(names.has(ALONE) ? ['image'] : []),
    ...imagePatterns(named).map((pattern) => `image/${pattern}`),
  ];
}

/** Where tenants are told apart, what may not be inspected does not exist: neither to act on, nor to run. */
function toSee(kind: string, names: ReadonlyMap<string, unknown>): string | undefined {
  const isOne = [...names.keys()].some((name) => name !== '' && name !== ALONE);
  return isOne && kind !== 'engine' ? (INSPECT as Readonly<Record<string, string>>)[kind] : undefined;
}

function addTo(
  lines: Map<string, Line>,
  { subject, engine, danger }: Heap,
  added: {
    readonly pattern: string;
    readonly narrowing: Narrowing;
    readonly operation: string;
    readonly seen: Sightings;
  },
): void {
  const { pattern, narrowing, operation, seen } = added;
  const resource = joinEngine({ engine, pattern });
  const key = JSON.stringify([subject, danger ?? '', resource, narrowing.text]);
  const line = lines.get(key);
  if (line === undefined) {
    const operations = new Map([[operation, seen.count]]);
    lines.set(key, { ...narrowing, subject, resource, operations, danger, seen });
    return;
  }
  line.operations.set(operation, (line.operations.get(operation) ?? 0) + seen.count);
  line.seen = both(line.seen, seen);
}

function both(known: Sightings | undefined, { count, first, last }: Sightings): Sightings {
  if (known === undefined) return { count, first, last };
  return {
    count: known.count + count,
    first: first < known.first ? first : known.first,
    last: last > known.last ? last : known.last,
  };
}

/** When the names were seen that a pattern covers. */
function seenOn(pattern: string, begin: string, names: ReadonlyMap<string, Sightings>): Sightings {
  const covers = compileGlob(pattern);
  let seen: Sightings | undefined;
  for (const [name, sightings] of names) {
    if (covers(name === ALONE ? begin : `${begin}/${name}`)) seen = both(seen, sightings);
  }
  return seen ?? { count: 0, first: '', last: '' };
}

/** What was judged; an image that comes from a mirror was asked for by its own name first. */
function resourcesIn({
  resources,
  operation,
  query,
  version,
  isChanged,
  untold,
}: Recorded): readonly string[] {
  if (!isChanged || operation.id !== 'ImageCreate' || untold.has('*')) return resources;
  try {
    const api = { operation, query, version, versionGiven: true, params: {}, target: '' };
    return [...resources, ...resourcesOf(api)];
  } catch {
    return resources;
  }
}

/**
 * What nothing is learned of: what was refused, and what the Engine did not do. What it did not find is learned, and what
 * was there already: clients go on by these answers. What somebody stated a reason for may be allowed for that reason alone,
 * which a record does not tell: it would be a standing right.
 */
function leftOut({ effect, status, isNamed, statedReason }: Recorded): string | undefined {
  if (effect === 'deny') return 'refused by the gateway';
  if (!isNamed) return 'on objects of which the record does not tell the names';
  if (statedReason !== undefined) return 'with a stated reason, which may be what allowed it';
  if (status === undefined || (status !== null && status < 400) || status === 404 || status === 409)
    return undefined;
  return status === null ? 'without an answer' : 'failed on the Engine';
}

function keyOf(facts: Facts): string {
  if (facts === NO_FACTS) return '';
  return JSON.stringify(facts, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
