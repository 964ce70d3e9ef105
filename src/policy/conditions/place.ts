import { nearest } from '../../config/suggest.ts';
import type { Shape } from './shapes.ts';
import { type Node, print } from './syntax.ts';

/** One step on the way to a value: into a member, to an item of a list, or to each of its items. */
export type Step =
  | {
      readonly to: 'member';
      readonly name: string;
      /** The object itself says which field of the request it is made of, as facts do. */
      readonly sourced: boolean;
    }
  | { readonly to: 'item'; readonly index: number }
  | { readonly to: 'items' };

/** Where a value that a condition names stands: `r.facts.capabilities.added.name`. */
export interface Place {
  /** The first name: `facts`, `body`, `query`, `principal`, `operation`, `resource`, `version`. */
  readonly root: string;
  readonly steps: readonly Step[];
  /** What stands there; of a list, what its items are. */
  readonly shape: Shape;
  /** Whether it is a list, because a list stands there or on the way. */
  readonly list: boolean;
  /** As the condition writes it, without `r.` */
  readonly text: string;
}

/** What each name under `r` is, see shapes.ts. */
export type Roots = Readonly<Record<string, readonly { readonly of?: string; readonly shape: Shape }[]>>;

/**
 * Resolves a name: `r.body.HostConfig.Binds[0]`.
 *
 * @returns the place, or what is wrong as the rest of a sentence that begins with "the condition"
 */
export function resolvePlace(node: Node, roots: Roots): Place | string {
  const keys = keysOf(node);
  if (typeof keys === 'string') return keys;
  const [root, ...rest] = keys;
  const text = print(node).replace(/^r\./, '');
  if (typeof root !== 'string') return 'names r alone; say what of it is meant, such as r.facts.images';
  const shapes = Object.hasOwn(roots, root) ? (roots[root] ?? []) : undefined;
  if (shapes === undefined) return `names r.${root}, which is not there${hint(root, Object.keys(roots))}`;
  if (shapes.length === 0) return `names ${print(node)}, and none of the operations has a JSON body`;
  const found = shapes.map(({ of, shape }) => ({ of, ...follow(shape, rest) }));
  const there = found.filter((one): one is Extract<typeof one, { shape: Shape }> => 'shape' in one);
  const [first, ...others] = there;
  if (first === undefined) return missing(node, found as readonly Lost[]);
  const other = others.find((one) => !isSame(first, one));
  if (other !== undefined) {
    return `names ${print(node)}, which is different things in ${first.of} and ${other.of}; write a grant for each`;
  }
  const { steps, shape, list } = first;
  if (shape.kind === 'secret') return `names ${print(node)}, which is a secret; policies do not see it`;
  if (shape.kind === 'encoded')
    return `names ${print(node)}, which is JSON in a text; see r.facts for what it says`;
  return { root, steps, shape, list, text };
}

/** The names and indexes behind `r`. */
function keysOf(node: Node): readonly (string | number)[] | string {
  const keys: (string | number)[] = [];
  let at = node;
  while (at.type === 'MemberExpression') {
    const { property, computed } = at;
    const key = property === false ? undefined : keyOf(property, computed);
    if (key === undefined) {
      return `names ${print(node)}, where [ ] must hold a text or the number of an item, written out`;
    }
    keys.unshift(key);
    at = at.object;
  }
  if (at.type !== 'Identifier' || at.name !== 'r') {
    const name = at.type === 'Identifier' ? at.name : print(at);
    return `names ${name}, which is not there; values begin with r., texts stand in quotes`;
  }
  return keys;
}

function keyOf(property: Node, computed: boolean): string | number | undefined {
  if (!computed)
    return property.type === 'Identifier' ? property.name : 'value' in property ? property.raw : 'this';
  if (property.type !== 'Literal') return undefined;
  const { value } = property;
  const isIndex = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  return typeof value === 'string' || isIndex ? (value as string | number) : undefined;
}

interface Found {
  readonly steps: readonly Step[];
  readonly shape: Shape;
  readonly list: boolean;
}

/** How far a name was right: the keys that were found, and what could follow. */
interface Lost {
  readonly lost: string;
  readonly known: readonly string[];
}

function follow(start: Shape, keys: readonly (string | number)[]): Found | Lost {
  const steps: Step[] = [];
  let shape = start;
  let list = false;
  const enter = (): void => {
    while (shape.kind === 'array') {
      steps.push({ to: 'items' });
      shape = shape.of;
      list = true;
    }
  };
  for (const key of keys) {
    if (typeof key === 'number') {
      if (shape.kind !== 'array') return { lost: `[${key}]`, known: [] };
      steps.push({ to: 'item', index: key });
      shape = shape.of;
      continue;
    }
    enter();
    const inner = memberOf(shape, key);
    if (inner === undefined)
      return { lost: key, known: shape.kind === 'object' ? Object.keys(shape.fields) : [] };
    const sourced = shape.kind === 'object' && Object.hasOwn(shape.fields, 'field');
    steps.push({ to: 'member', name: key, sourced });
    shape = inner;
  }
  enter();
  return { steps, shape, list };
}

function memberOf(shape: Shape, name: string): Shape | undefined {
  if (shape.kind === 'map') return shape.of;
  if (shape.kind !== 'object' || !Object.hasOwn(shape.fields, name)) return undefined;
  return shape.fields[name];
}

function isSame(a: Found, b: Found): boolean {
  return JSON.stringify([a.shape.kind, a.steps]) === JSON.stringify([b.shape.kind, b.steps]);
}

function missing(node: Node, found: readonly Lost[]): string {
  const known = found.flatMap((one) => one.known);
  const { lost } = found[0] as Lost;
  return `names ${print(node)}, where ${lost} is not there${hint(lost, known)}`;
}

function hint(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `; did you mean ${meant}?`;
  return known.length > 0 && known.length <= 12 ? `; known there: ${known.join(', ')}` : '';
}
