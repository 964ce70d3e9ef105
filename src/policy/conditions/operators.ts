import { FUNCTIONS } from '../functions/all.ts';
import type { Prepared } from '../functions/function.ts';
import { CONDITION_NOT_MET, type Comparison, compare, isIn, type Operand, type Wording } from './compare.ts';
import { all, any, type Finding, not } from './finding.ts';
import type { Place } from './place.ts';
import { type Asked, type Item, type Reading, read } from './read.ts';

/** What conditions are being held against. */
export interface Current {
  readonly asked: Asked;
  /** Of the grant: what is not given counts against the request. */
  readonly effect: 'allow' | 'deny';
}

/** The functions that a compiled condition calls, by name. */
export type Operators = Readonly<Record<string, (...args: never[]) => unknown>>;

/**
 * All functions that conditions consist of: those that a grant calls by their names, and those that its operators
 * and names became.
 *
 * @param current what is asked at the moment; evaluation is synchronous
 */
export function createOperators(current: () => Current): Operators {
  const operators: Record<string, (...args: never[]) => unknown> = Object.create(null);
  for (const { name } of FUNCTIONS) {
    operators[name] = (prepared: Prepared, list?: Reading): Finding => {
      const { asked, effect } = current();
      return prepared.judge(asked, list, effect);
    };
  }
  return Object.assign(operators, {
    all,
    any,
    not,
    constant: (met: boolean): Finding => (met ? ALWAYS : NEVER),
    compare: (operator: Comparison, left: Operand, right: Operand, words: Wording): Finding =>
      compare(operator, left, right, words, current().effect),
    isIn: (left: Operand, list: readonly Operand[], words: Wording): Finding =>
      isIn(left, list, words, current().effect),
    value: (place: Place): Item => read(place, current().asked).items[0] as Item,
    items: (place: Place): readonly Item[] => {
      const { items, untold } = read(place, current().asked);
      return untold ? [...items, { value: undefined, field: place.text, untold: true }] : items;
    },
    reading: (place: Place): Reading => read(place, current().asked),
  });
}

const ALWAYS: Finding = { met: true, against: [], favour: [fixed('is not allowed')] };
const NEVER: Finding = { met: false, against: [fixed('is not allowed')], favour: [] };

function fixed(asks: string) {
  return { check: CONDITION_NOT_MET, field: 'request', asks, remedy: 'the condition is fixed' };
}
