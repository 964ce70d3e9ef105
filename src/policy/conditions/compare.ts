import { JsonNumber } from '../../docker/strict-json.ts';
import type { Complaint, Finding } from './finding.ts';
import type { Item } from './read.ts';

export const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** The id of refusals by a comparison, and by functions over lists. */
export const CONDITION_NOT_MET = 'condition-not-met';

/** How a value stands in a comparison: one out of the request, or one that the condition writes out. */
export type Operand = Item | string | number | bigint | boolean | null;

/** What a comparison wants, for the refusal: "must be below 5", "must be no other than ...". */
export interface Wording {
  readonly must: string;
  readonly mustNot: string;
  /** The place that it is about, where no item of it is to be named. */
  readonly about: string;
  /** Whether texts may be shown that stand at the place. */
  readonly open: boolean;
}

/**
 * Compares. What is not given is equal to null and to nothing else, and neither below nor above anything: in the
 * condition of an allow grant the comparison then can not be told, in whatever it stands; in that of a deny grant it
 * is false, and its negation true. So a missing field never allows.
 *
 * @throws TypeError when the values are not of one kind
 */
export function compare(
  operator: Comparison,
  left: Operand,
  right: Operand,
  wording: Wording,
  effect: 'allow' | 'deny',
): Finding {
  const met = holds(operator, left, right, effect);
  return findingOf(met, isItem(left) ? left : right, wording);
}

/** Whether a value is one of several; each is compared as `==` does. */
export function isIn(
  left: Operand,
  list: readonly Operand[],
  wording: Wording,
  effect: 'allow' | 'deny',
): Finding {
  const verdicts = list.map((each) => holds('==', left, each, effect));
  const met = verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false;
  return findingOf(met, left, wording);
}

function holds(
  operator: Comparison,
  left: Operand,
  right: Operand,
  effect: 'allow' | 'deny',
): boolean | undefined {
  if (operator === '!=') {
    const same = holds('==', left, right, effect);
    return same === undefined ? undefined : !same;
  }
  if (operator === '==' && (left === null || right === null)) return isAbsent(left === null ? right : left);
  const untold = (isItem(left) && left.untold) || (isItem(right) && right.untold);
  if (untold) return undefined;
  const [a, b] = [plainValue(left), plainValue(right)];
  if (a === undefined || a === null || b === undefined || b === null)
    return effect === 'allow' ? undefined : false;
  return compareValues(operator, a, b);
}

/** Whatever stands there, objects included. Of a null that can not be told it is known that it is null. */
function isAbsent(operand: Operand): boolean | undefined {
  if (!isItem(operand)) return operand === null;
  const { value, untold } = operand;
  return value === undefined && untold ? undefined : value === undefined || value === null;
}

type Value = string | number | bigint | boolean;

function compareValues(operator: Comparison, a: Value, b: Value): boolean {
  const numbers = isNumber(a) && isNumber(b);
  if (operator === '==') {
    if (!numbers && typeof a !== typeof b) throw new TypeError(`${kind(a)} is compared with ${kind(b)}`);
    // biome-ignore lint/suspicious/noDoubleEquals: 2n == 2, and both are numbers or of one type
    return a == b;
  }
  if (!numbers) throw new TypeError(`${kind(a)} is compared with ${kind(b)} by ${operator}`);
  // JavaScript compares a bigint with a number by their mathematical values.
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

/** @throws TypeError for what is no single value */
export function plainValue(operand: Operand): Value | null | undefined {
  const value = isItem(operand) ? operand.value : operand;
  if (value instanceof JsonNumber)
    return /^-?[0-9]+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (value === undefined || value === null) return value;
  if (typeof value === 'string' || typeof value === 'boolean' || isNumber(value)) return value;
  throw new TypeError('a list or an object is compared with a value');
}

export function isItem(operand: Operand): operand is Item {
  return typeof operand === 'object' && operand !== null;
}

function findingOf(met: boolean | undefined, operand: Operand, words: Wording): Finding {
  const [field, asks] = isItem(operand)
    ? [operand.field, told(operand, words.open)]
    : [words.about, 'is otherwise'];
  const complaint = (remedy: string): readonly Complaint[] => [
    { check: CONDITION_NOT_MET, field, asks, remedy },
  ];
  return met
    ? { met, against: [], favour: complaint(words.mustNot) }
    : { met, against: complaint(words.must), favour: [] };
}

/** What a value is, in a message: texts only where they can be no secret. */
export function told(item: Item, open: boolean): string {
  if (item.untold) return 'can not be told';
  if (item.value === undefined || item.value === null) return 'is not given';
  if (typeof item.value === 'object' && !(item.value instanceof JsonNumber)) return 'is given';
  const value = plainValue(item);
  if (typeof value !== 'string') return `is ${value}`;
  return open
    ? `is ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value)}`
    : 'is something else';
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function kind(value: Value): string {
  return isNumber(value) ? 'a number' : typeof value === 'string' ? 'a text' : 'true or false';
}
