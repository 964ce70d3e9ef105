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
  readonly encodedSlashes: boolean;
}

const PATTERNS: readonly Pattern[] = OPERATIONS.map(compile);
const METHODS: ReadonlySet<string> = new Set(OPERATIONS.map(({ method }) => method));

/**
 * Finds the operation as the Engine's router does (gorilla/mux, first match in order): a name takes as many parts
 * as it can, so what stands last decides. `/containers/a/json/exec` is exec in the container `a/json`.
 *
 * @throws Refusal 404 `unknown-endpoint`, 403 `unknown-operation`, 400 `path-encoding`
 */
export function route(method: string, { version, segments }: Pick<Target, 'version' | 'segments'>): Route {
  const fitting = PATTERNS.filter(
    ({ operation, parts }) => (version === null || operation.versioned) && fits(parts, segments),
  );
  if (fitting.length === 0) {
    throw new Refusal(404, 'unknown-endpoint', 'page not found: the path is no endpoint of the Engine API', {
      field: 'path',
    });
  }
  const pattern = fitting.find(({ operation }) => operation.method === method);
  if (pattern === undefined) throw unknownOperation(`${method} is not an operation on this path`);
  return { operation: pattern.operation, params: readNames(pattern, segments) };
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

function compile(operation: Operation): Pattern {
  const segments = operation.path.slice(1).split('/');
  const [collection = ''] = segments;
  // The Engine's route for one checkpoint takes no slash in the container's name; the next one would.
  const slashes = NAMES_WITH_SLASHES.has(collection) && !operation.path.includes('{checkpoint}');
  return {
    operation,
    parts: segments.map((text) =>
      text.startsWith('{') ? { name: text.slice(1, -1), slashes } : { fixed: text },
    ),
    encodedSlashes: NAMES_WITH_ENCODED_SLASHES.has(collection),
  };
}

function fits(parts: readonly Part[], segments: readonly Segment[]): boolean {
  const surplus = segments.length - parts.length;
  if (surplus < 0) return false;
  if (surplus > 0 && !parts.some((part) => 'name' in part && part.slashes)) return false;
  return walk(parts, surplus, (part, from) => !('fixed' in part) || segments[from]?.text === part.fixed);
}

/** Visits each part with the segments `from` to `to` (exclusive) that fall to it, as long as `visit` says true. */
function walk(
  parts: readonly Part[],
  surplus: number,
  visit: (part: Part, from: number, to: number) => boolean,
): boolean {
  let from = 0;
  return parts.every((part) => {
    const to = from + 1 + ('name' in part && part.slashes ? surplus : 0);
    const verdict = visit(part, from, to);
    from = to;
    return verdict;
  });
}

function readNames({ parts, encodedSlashes }: Pattern, segments: readonly Segment[]): Record<string, string> {
  const params: [string, string][] = [];
  walk(parts, segments.length - parts.length, (part, from, to) => {
    const own = segments.slice(from, to);
    own.forEach(({ encodedSlash }, index) => {
      if (encodedSlash && (index === 0 || !encodedSlashes)) {
        throw new Refusal(
          400,
          'path-encoding',
          'a slash may be percent-encoded (%2F) only inside the name of an image',
          {
            field: 'path',
          },
        );
      }
    });
    if ('name' in part) params.push([part.name, own.map(({ text }) => text).join('/')]);
    return true;
  });
  return Object.fromEntries(params);
}

function unknownOperation(sentence: string): Refusal {
  return new Refusal(403, 'unknown-operation', `${sentence}, so it is not forwarded`, { field: 'method' });
}
