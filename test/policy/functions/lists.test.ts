import { describe, expect, it } from 'vitest';
import { JsonNumber } from '../../../src/docker/strict-json.ts';
import type { Item, Reading } from '../../../src/policy/conditions/read.ts';
import { allIn } from '../../../src/policy/functions/all-in.ts';
import { anyOf } from '../../../src/policy/functions/any-of.ts';
import type { Argument, ConditionFunction } from '../../../src/policy/functions/function.ts';
import { isEmpty } from '../../../src/policy/functions/is-empty.ts';
import { noneOf } from '../../../src/policy/functions/none-of.ts';
import { questionOf, VOCABULARY } from '../support.ts';

const asked = questionOf({}, 'ContainerCreate', 'container/-/web');
const UNTOLD = Symbol('untold');

function readingOf(values: readonly unknown[], { list = true, untold = false } = {}): Reading {
  const items = values.map((value, at): Item => {
    const field = `F[${at}]`;
    return value === UNTOLD ? { value: undefined, field, untold: true } : { value, field, untold: false };
  });
  const place = { root: 'facts', steps: [], shape: { kind: 'string' }, list, text: 'facts.list' } as const;
  return { items, untold, place };
}

function judged(called: ConditionFunction, args: readonly Argument[], reading: Reading) {
  const prepared = called.prepare(args, VOCABULARY);
  if (typeof prepared === 'string') throw new Error(prepared);
  expect(prepared.needs).toEqual([]);
  return prepared.judge(asked, reading, 'allow');
}

const PATTERNS = ['a', 'b*'];

describe('a function over a list', () => {
  it.each<[string, readonly unknown[], boolean | undefined, boolean | undefined, boolean | undefined]>([
    // of, values, allIn, anyOf, noneOf
    ['nothing', [], true, false, true],
    ['what matches', ['a', 'bc'], true, true, false],
    ['what does not', ['c', 'A'], false, false, true],
    ['some that matches', ['c', 'a'], false, true, false],
    ['what can not be told', [UNTOLD], undefined, undefined, undefined],
    ['what matches and what can not be told', ['a', UNTOLD], undefined, true, false],
    ['what does not and what can not be told', ['c', UNTOLD], false, undefined, undefined],
    ['what is not given', [undefined, null], undefined, undefined, undefined],
  ])('of %s', (_, values, all, any, none) => {
    const reading = readingOf(values);
    expect(judged(allIn, PATTERNS, reading).met).toBe(all);
    expect(judged(anyOf, PATTERNS, reading).met).toBe(any);
    expect(judged(noneOf, PATTERNS, reading).met).toBe(none);
  });

  it('of which there may be more items can not be told, unless those that are known decide', () => {
    const more = (...values: readonly unknown[]) => readingOf(values, { untold: true });
    expect(judged(allIn, PATTERNS, more('a')).met).toBeUndefined();
    expect(judged(allIn, PATTERNS, more('c')).met).toBe(false);
    expect(judged(anyOf, PATTERNS, more('a')).met).toBe(true);
    expect(judged(anyOf, PATTERNS, more('c')).met).toBeUndefined();
    expect(judged(noneOf, PATTERNS, more()).met).toBeUndefined();
  });

  it('of numbers compares them as numbers', () => {
    const met = (...values: readonly unknown[]) => judged(allIn, [80, 2n ** 62n], readingOf(values)).met;
    expect(met(80, 80n, new JsonNumber('80'), 2n ** 62n)).toBe(true);
    expect(met(81)).toBe(false);
    expect(met('80')).toBe(false);
    expect(met(true)).toBe(false);
    expect(judged(allIn, ['8*'], readingOf([80])).met).toBe(false);
  });

  it.each([
    [allIn, ['a', 'c', 'd'], ['F[1] is "c"', 'F[2] is "d"'], 'it must be one of "a" or "b*"'],
    [noneOf, ['c', 'a', UNTOLD], ['F[1] is "a"', 'F[2] can not be told'], undefined],
    [anyOf, ['c', 'd'], ['facts.list is otherwise'], undefined],
  ])('%o names what offends', (called, values, said, remedy) => {
    const { against, favour } = judged(called, PATTERNS, readingOf(values));
    expect(against.map(({ field, asks }) => `${field} ${asks}`)).toEqual(said);
    expect(favour).toEqual([]);
    expect(new Set(against.map(({ check }) => check))).toEqual(new Set(['condition-not-met']));
    for (const each of against) expect(each.remedy).toMatch(/^it must .*"a" or "b\*"$/);
    if (remedy !== undefined)
      expect(against[0]?.remedy).toContain(remedy.slice('it must '.length).slice(-11));
  });

  it('says where it can not be told, and what it is where it is met', () => {
    expect(judged(anyOf, PATTERNS, readingOf([], { untold: true })).against).toMatchObject([
      { field: 'facts.list', asks: 'can not be told' },
    ]);
    expect(judged(allIn, PATTERNS, readingOf(['a']))).toMatchObject({
      against: [],
      favour: [{ check: 'condition-not-met', field: 'facts.list', asks: 'is so' }],
    });
  });
});

describe('isEmpty', () => {
  const empty = (values: readonly unknown[], options = {}) => judged(isEmpty, [], readingOf(values, options));
  const map = { list: false };

  it('is met by a list without items', () => {
    expect(empty([])).toEqual({
      met: true,
      against: [],
      favour: [{ check: 'condition-not-met', field: 'facts.list', asks: 'is empty', remedy: 'give it' }],
    });
  });

  it.each<[string, readonly unknown[], object]>([
    ['an item', ['a'], {}],
    ['an item that is not given', [undefined], {}],
    ['a key', [{ a: undefined }], map],
  ])('is not met by %s', (_, values, options) => {
    expect(empty(values, options)).toEqual({
      met: false,
      against: [{ check: 'condition-not-met', field: 'F[0]', asks: 'is there', remedy: 'leave it out' }],
      favour: [],
    });
  });

  it.each<[string, unknown]>([
    ['without keys', {}],
    ['that is null', null],
    ['that is not given', undefined],
    ['that is a text', 'abc'],
  ])('is met by a map %s', (_, value) => {
    expect(empty([value], map).met).toBe(true);
  });

  it('can not be told of what can not be told', () => {
    expect(empty([UNTOLD], map)).toMatchObject({ met: undefined, against: [{ asks: 'can not be told' }] });
    expect(empty(['a', UNTOLD]).met).toBeUndefined();
    expect(empty([], { untold: true })).toMatchObject({ met: undefined, against: [{ field: 'facts.list' }] });
  });
});
