import { Refusal } from '../errors.ts';
import { OPERATIONS } from './operations.ts';
import type { Segment, Target } from './path.ts';
import type { Operation } from './types.ts';

/** An operation and the names in its path. */
export interface Route {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

/** Collections whose names may hold slashes: images and plugins by their nature, containers by legacy links. */
const NAMES_WITH_SLASHES = new Set(['containers', 'images', 'plugins', 'distribution']);

/** Where a slash inside a name may also come as `%2F`, as some clients send it. */
const NAMES_WITH_ENCODED_SLASHES = new Set(['images', 'plugins', 'distribution']);

type Part = { readonly fixed: string } | { readonly name: string; readonly slashes: boolean };

interface Pattern {
  readonly operation: Operation;
  readonly parts: readonly Part[];
  /** Whether a name in it may hold slashes. */
  readonly stretches: boolean;
  readonly encodedSlashes: boolean;
}

/** By their first part, in the order of the catalogue. */
const PATTERNS: ReadonlyMap<string, readonly Pattern[]> = grouped(OPERATIONS);
const METHODS: ReadonlySet<string> = new Set(OPERATIONS.map(({ method }) => method));

/**
 * Finds the operation as the Engine's router does (gorilla/mux, first match in order): a name takes as many parts
 * as it can, so what stands last decides. `/containers/a/json/exec` is exec in the container `a/json`.
 *
 * @throws Refusal 404 `unknown-endpoint`, 403 `unknown-operation`, 400 `path-encoding`
 */
export function route(method: string, { version, segments }: Pick<Target, 'version' | 'segments'>): Route {
  const patterns = PATTERNS.get(segments[0]?.text ?? '') ?? [];
  const fitsHere = ({ operation, parts, stretches }: Pattern): boolean =>
    (version === null || operation.versioned) && fits(parts, stretches, segments);
  const pattern = patterns.find((each) => each.operation.method === method && fitsHere(each));
  if (pattern !== undefined) return { operation: pattern.operation, params: readNames(pattern, segments) };
  if (patterns.some(fitsHere)) throw unknownOperation(`${method} is not an operation on this path`);
  throw new Refusal(404, 'unknown-endpoint', 'page not found: the path is no endpoint of the Engine API', {
    field: 'path',
  });
}

/**
 * Checks that a method is one that the Engine API has at all. `OPTIONS` is answered by the Engine with 200 on
 * any path and so can say nothing about it.
 *
 * @throws Refusal 403 `unknown-operation`
 */
export function checkMethod(method: string): void {
  if (!METHODS.has(method)) throw unknownOperation('the Engine API has no operation of this method');
}

function grouped(operations: readonly Operation[]): ReadonlyMap<string, readonly Pattern[]> {
  const groups = new Map<string, Pattern[]>();
  for (const operation of operations) {
    const collection = collectionOf(operation);
    const group = groups.get(collection);
    if (group === undefined) groups.set(collection, [compile(operation)]);
    else group.push(compile(operation));
  }
  return groups;
}

/** The first part of its path, which is a name's nowhere. */
function collectionOf({ path }: Operation): string {
  return path.split('/')[1] ?? '';
}

function compile(operation: Operation): Pattern {
  const collection = collectionOf(operation);
  // The Engine's route for one checkpoint takes no slash in the container's name; the next one would.
  const slashes = NAMES_WITH_SLASHES.has(collection) && !operation.path.includes('{checkpoint}');
  const parts = operation.path
    .slice(1)
    .split('/')
    .map((text): Part => (text.startsWith('{') ? { name: text.slice(1, -1), slashes } : { fixed: text }));
  return {
    operation,
    parts,
    stretches: parts.some((part) => 'name' in part && part.slashes),
    encodedSlashes: NAMES_WITH_ENCODED_SLASHES.has(collection),
  };
}

/** Whether each fixed part stands where it falls when a name that may hold slashes takes all that is left over. */
function fits(parts: readonly Part[], stretches: boolean, segments: readonly Segment[]): boolean {
  const surplus = segments.length - parts.length;
  if (surplus < 0 || (surplus > 0 && !stretches)) return false;
  let at = 0;
  for (const part of parts) {
    if ('fixed' in part && segments[at]?.text !== part.fixed) return false;
    at += widthOf(part, surplus);
  }
  return true;
}

/** How many segments fall to a part. */
function widthOf(part: Part, surplus: number): number {
  return 'name' in part && part.slashes ? 1 + surplus : 1;
}

function readNames({ parts, encodedSlashes }: Pattern, segments: readonly Segment[]): Record<string, string> {
  const params: Record<string, string> = {};
  const surplus = segments.length - parts.length;
  let at = 0;
  for (const part of parts) {
    const from = at;
    let name = '';
    for (const to = from + widthOf(part, surplus); at < to; at += 1) {
      const { text, encodedSlash } = segments[at] as Segment;
      if (encodedSlash && (at === from || !encodedSlashes)) throw encodedSlashFault();
      name = at === from ? text : `${name}/${text}`;
    }
    if ('name' in part) params[part.name] = name;
  }
  return params;
}

function encodedSlashFault(): Refusal {
  return new Refusal(
    400,
    'path-encoding',
    'a slash may be percent-encoded (%2F) only inside the name of an image',
    { field: 'path' },
  );
}

function unknownOperation(sentence: string): Refusal {
  return new Refusal(403, 'unknown-operation', `${sentence}, so it is not forwarded`, { field: 'method' });
}
