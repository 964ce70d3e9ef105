import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import type { Facts } from '../../../src/docker/facts/types.ts';
import { findOperation } from '../../../src/docker/operations.ts';
import type { Finding } from '../../../src/policy/conditions/finding.ts';
import type { Argument, ConditionFunction } from '../../../src/policy/functions/function.ts';
import { questionOf, VOCABULARY } from '../support.ts';

/** Arguments, what is asked for, and what offends in it as `field asks`; `?` in front where it can not be told. */
type Case = readonly [args: readonly Argument[], facts: Partial<Facts>, ...against: string[]];

/** Holds a function against facts. */
export function judge(
  called: ConditionFunction,
  args: readonly Argument[],
  facts: Partial<Facts>,
  id: string,
): Finding {
  const prepared = called.prepare(args, VOCABULARY);
  if (typeof prepared === 'string') throw new Error(prepared);
  const asked = { ...questionOf({}, id, 'container/-/web'), facts: { ...NO_FACTS, ...facts } };
  return prepared.judge(asked, undefined, 'allow');
}

/** Tests a function by cases; no facts at all never offend, unless a case of the function says so. */
export function describeFunction(
  called: ConditionFunction,
  {
    id = 'ContainerCreate',
    cases,
    faults = [],
  }: {
    readonly id?: string;
    readonly cases: Readonly<Record<string, Case>>;
    readonly faults?: readonly (readonly [args: readonly Argument[], sentence: string])[];
  },
): void {
  describe(called.name, () => {
    it.each(Object.entries(cases))('%s', (_, [args, facts, ...expected]) => {
      const { met, against, favour } = judge(called, args, facts, id);
      const said = against.map(({ field, asks }) => `${field} ${asks}`);
      expect(said).toEqual(expected.map((text) => text.replace(/^\? /, '')));
      const wanted =
        expected.length === 0 ? true : expected.every((text) => text.startsWith('? ')) ? undefined : false;
      expect(met).toBe(wanted);
      expect(favour).toHaveLength(met === true ? 1 : 0);
      for (const { check, remedy } of against) {
        expect(check).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(remedy).not.toBe('');
      }
    });

    it.each(faults)('makes no sense of %j', (args, sentence) => {
      expect(called.prepare(args, VOCABULARY)).toBe(sentence);
    });

    it('can not be told before facts are known', () => {
      const prepared = called.prepare(Object.values(cases)[0]?.[0] ?? [], VOCABULARY);
      if (typeof prepared === 'string') throw new Error(prepared);
      const { facts: _, ...asked } = questionOf({}, id, 'container/-/web');
      expect(prepared.judge(asked, undefined, 'allow').met).toBeUndefined();
    });

    it('is about an operation that there is', () => {
      expect(findOperation(id)).toBeDefined();
    });
  });
}
