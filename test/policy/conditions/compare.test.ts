import { describe, expect, it } from 'vitest';
import { JsonNumber } from '../../../src/docker/strict-json.ts';
import {
  type Comparison,
  compare,
  isIn,
  type Operand,
  told,
} from '../../../src/policy/conditions/compare.ts';

const words = { must: 'it must be so', mustNot: 'it must not be so', about: 'the.place', open: true };
const item = (value: unknown, untold = false) => ({ value, field: 'Field', untold });
const ABSENT = item(undefined);
const NULL = item(null);
const UNTOLD = item(undefined, true);
const met = (operator: Comparison, left: Operand, right: Operand, effect: 'allow' | 'deny' = 'allow') =>
  compare(operator, left, right, words, effect).met;

describe('values', () => {
  it.each<[Operand, Operand]>([
    [item(5), 5],
    [item(5n), 5],
    [5, item(5n)],
    [item(new JsonNumber('5')), 5n],
    [item(new JsonNumber('-5')), -5],
    [item(new JsonNumber('1.5')), 1.5],
    [item(new JsonNumber('1e3')), 1000],
    [item(new JsonNumber('9007199254740993')), 9007199254740993n],
    [item('a'), 'a'],
    [item(true), true],
    [item(''), item('')],
  ])('are equal: %o and %o', (left, right) => {
    expect(met('==', left, right)).toBe(true);
    expect(met('!=', left, right)).toBe(false);
  });

  it.each<[Operand, Operand]>([
    [item(5), 6],
    [item(new JsonNumber('9007199254740993')), 9007199254740992n],
    [item('a'), 'A'],
    [item(true), false],
    [item(0), item(1n)],
  ])('are not equal: %o and %o', (left, right) => {
    expect(met('==', left, right)).toBe(false);
    expect(met('!=', left, right)).toBe(true);
  });

  it.each<[Comparison, boolean, boolean, boolean]>([
    ['<', true, false, false],
    ['<=', true, true, false],
    ['>', false, false, true],
    ['>=', false, true, true],
  ])('are ordered by %s', (operator, below, same, above) => {
    expect([4, 5n, 6].map((value) => met(operator, item(value), 5))).toEqual([below, same, above]);
  });

  it.each<[Comparison, Operand, Operand, string]>([
    ['==', item('1'), 1, 'a text is compared with a number'],
    ['==', 1n, item(true), 'a number is compared with true or false'],
    ['!=', item(false), 'x', 'true or false is compared with a text'],
    ['<', item('a'), 'b', 'a text is compared with a text by <'],
    ['>=', item(1), true, 'a number is compared with true or false by >='],
    ['==', item([]), 1, 'a list or an object is compared with a value'],
    ['==', 'x', item({}), 'a list or an object is compared with a value'],
  ])('of different kinds are no comparison: %s %o %o', (operator, left, right, message) => {
    for (const effect of ['allow', 'deny'] as const) {
      expect(() => met(operator, left, right, effect)).toThrow(new TypeError(message));
    }
  });
});

describe('null', () => {
  it.each<[Operand, boolean | undefined]>([
    [ABSENT, true],
    [NULL, true],
    [null, true],
    [item(null, true), true],
    [UNTOLD, undefined],
    [item(0), false],
    [item(''), false],
    [item([]), false],
    [item('a', true), false],
    [5, false],
    ['', false],
  ])('is what is not given: %o: %s', (operand, absent) => {
    for (const effect of ['allow', 'deny'] as const) {
      expect(met('==', operand, null, effect)).toBe(absent);
      expect(met('==', null, operand, effect)).toBe(absent);
      expect(met('!=', operand, null, effect)).toBe(absent === undefined ? undefined : !absent);
    }
  });

  it('is neither below nor above anything', () => {
    expect(met('<', null, item(5))).toBeUndefined();
    expect(met('>=', item(5), null)).toBeUndefined();
    expect(met('<', null, item(5), 'deny')).toBe(false);
  });
});

describe('a comparison with what is not given', () => {
  it.each([ABSENT, NULL])('can not be told for an allow, and is false for a deny: %o', (missing) => {
    for (const operator of ['==', '<', '<=', '>', '>='] as const) {
      expect(met(operator, missing, 5)).toBeUndefined();
      expect(met(operator, 5, missing)).toBeUndefined();
      expect(met(operator, missing, 5, 'deny')).toBe(false);
      expect(met(operator, 5, missing, 'deny')).toBe(false);
    }
    expect(met('!=', missing, 5)).toBeUndefined();
    expect(met('!=', missing, 5, 'deny')).toBe(true);
  });

  it('can not be told for either where it can not be told', () => {
    for (const effect of ['allow', 'deny'] as const) {
      for (const operator of ['==', '!=', '<', '>='] as const) {
        expect(met(operator, UNTOLD, 5, effect)).toBeUndefined();
        expect(met(operator, 5, UNTOLD, effect)).toBeUndefined();
        expect(met(operator, item('a', true), 'a', effect)).toBeUndefined();
      }
    }
  });
});

describe('one of several', () => {
  it.each<[Operand, readonly Operand[], boolean | undefined, boolean | undefined]>([
    [item('a'), ['b', 'a'], true, true],
    [item('a'), ['b'], false, false],
    [item('a'), [], false, false],
    [item('a'), [UNTOLD, item('a')], true, true],
    [item('a'), [UNTOLD, item('b')], undefined, undefined],
    [item('a'), [ABSENT, item('b')], undefined, false],
    [ABSENT, ['a'], undefined, false],
  ])('%o in %o: %s', (left, list, allow, deny) => {
    expect(isIn(left, list, words, 'allow').met).toBe(allow);
    expect(isIn(left, list, words, 'deny').met).toBe(deny);
  });
});

describe('what a comparison says', () => {
  const complaint = { check: 'condition-not-met', field: 'Field', asks: 'is 5' };

  it('of the item that it is about, on either side', () => {
    expect(compare('==', item(5), 6, words, 'allow')).toEqual({
      met: false,
      against: [{ ...complaint, remedy: 'it must be so' }],
      favour: [],
    });
    expect(compare('==', 5, item(5), words, 'allow')).toEqual({
      met: true,
      against: [],
      favour: [{ ...complaint, remedy: 'it must not be so' }],
    });
  });

  it('of the place where no item is to be named', () => {
    expect(compare('==', 1, 2, words, 'allow').against).toEqual([
      { check: 'condition-not-met', field: 'the.place', asks: 'is otherwise', remedy: 'it must be so' },
    ]);
  });

  it.each([
    [item('a'), true, 'is "a"'],
    [item('a'), false, 'is something else'],
    [item('x'.repeat(80)), true, `is "${'x'.repeat(80)}"`],
    [item('x'.repeat(81)), true, `is "${'x'.repeat(80)}..."`],
    [item(7n), false, 'is 7'],
    [item(new JsonNumber('1.5')), false, 'is 1.5'],
    [item(true), false, 'is true'],
    [item([]), true, 'is given'],
    [item({}), true, 'is given'],
    [ABSENT, true, 'is not given'],
    [NULL, true, 'is not given'],
    [UNTOLD, true, 'can not be told'],
    [item('a', true), true, 'can not be told'],
  ])('tells %o, open: %s', (operand, open, text) => {
    expect(told(operand, open)).toBe(text);
  });
});
