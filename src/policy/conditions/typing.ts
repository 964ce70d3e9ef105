import { nearest } from '../../config/suggest.ts';
import { COMPARISONS, type Comparison } from './compare.ts';
import type { Place } from './place.ts';
import type { Shape } from './shapes.ts';
import { type Node, print } from './syntax.ts';

/** One side of a comparison: a place, or what the condition writes out. */
export type Side =
  | { readonly place: Place; readonly node: Node }
  | { readonly value: string | number | bigint | boolean | null; readonly node: Node };

type Kind = 'text' | 'number' | 'boolean' | 'null' | 'any' | 'object';

const KINDS: Readonly<Record<Shape['kind'], Kind>> = {
  string: 'text',
  number: 'number',
  bigint: 'number',
  boolean: 'boolean',
  any: 'any',
  array: 'object',
  map: 'object',
  object: 'object',
  secret: 'object',
  encoded: 'object',
};

const NAMES: Readonly<Record<Kind, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  any: 'any value',
  object: 'an object',
};

export function kindOf(side: Side): Kind {
  if ('place' in side) return KINDS[side.place.shape.kind];
  const { value } = side;
  if (value === null) return 'null';
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

export function isComparison(operator: string): operator is Comparison {
  return (COMPARISONS as readonly string[]).includes(operator);
}

/** What is wrong with a comparison, as the rest of a sentence that begins with "the condition". */
export function comparisonFault(operator: Comparison, left: Side, right: Side): string | undefined {
  const [a, b] = [kindOf(left), kindOf(right)];
  const equality = operator === '==' || operator === '!=';
  const list = [left, right].find((side) => 'place' in side && side.place.list);
  if (list !== undefined) {
    return `compares the list ${print(list.node)}; use anyOf, allIn, noneOf or isEmpty, or "in" with the list on the right`;
  }
  if ((a === 'null' || b === 'null') && equality) return undefined;
  const object = [left, right].find((side) => kindOf(side) === 'object');
  if (object !== undefined) return `compares ${print(object.node)}, which is an object; name a field of it`;
  if (!equality) {
    const odd = [left, right].find((side) => !['number', 'any'].includes(kindOf(side)));
    if (odd === undefined) return undefined;
    return `compares ${print(odd.node)} by ${operator}, and that is ${NAMES[kindOf(odd)]}, not a number`;
  }
  if (a !== b && a !== 'any' && b !== 'any') {
    return `compares ${print(left.node)}, ${NAMES[a]}, with ${print(right.node)}, ${NAMES[b]}`;
  }
  return valueFault(left, right) ?? valueFault(right, left);
}

/** A text that can not stand at a place of which all texts are known: the comparison would never hold. */
export function valueFault(side: Side, other: Side): string | undefined {
  if (!('place' in side) || !('value' in other) || typeof other.value !== 'string') return undefined;
  const { shape } = side.place;
  if (shape.kind !== 'string' || shape.values === undefined || shape.values.includes(other.value))
    return undefined;
  return `compares ${print(side.node)} with ${print(other.node)}, which it never is${suggestion(other.value, shape.values)}`;
}

export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== undefined) return `; did you mean ${meant}?`;
  return known.length <= 12 ? `; it can be ${known.join(', ')}` : '';
}
