import { describe, expect, it } from 'vitest';
import type { Condition } from '../../../src/policy/conditions/compile.ts';
import { Evaluation } from '../../../src/policy/conditions/evaluation.ts';
import type { Finding } from '../../../src/policy/conditions/finding.ts';
import { questionOf } from '../support.ts';

const asked = questionOf({}, 'ContainerCreate', 'container/-/web');

function evaluationOf(met: Finding['met'] | Error, always = false) {
  let times = 0;
  const condition: Condition = {
    text: 'the text',
    always,
    needs: new Set(),
    mentions: new Set(),
    ofBody: false,
    evaluate() {
      times += 1;
      if (met instanceof Error) throw met;
      return { met, against: [], favour: [] };
    },
  };
  return { evaluation: new Evaluation(new Map([['key', condition]])), times: () => times };
}

describe('the conditions of a policy', () => {
  it('are held against a request only while it is decided', () => {
    const { evaluation } = evaluationOf(true);
    const outside = () => evaluation.meets('key', 'allow');
    expect(outside).toThrow('no request is being decided');
    expect(evaluation.during(asked, 'against', outside)).toBe(true);
    expect(outside).toThrow('no request is being decided');
    expect(() =>
      evaluation.during(asked, 'against', () => {
        throw new Error('failed');
      }),
    ).toThrow('failed');
    expect(outside).toThrow('no request is being decided');
  });

  it('are all known', () => {
    const { evaluation } = evaluationOf(true);
    expect(() => evaluation.during(asked, 'against', () => evaluation.meets('other', 'allow'))).toThrow(
      'a grant without a condition',
    );
  });

  it.each([
    [true, 'against', true, true],
    [false, 'against', false, false],
    [true, 'for', true, true],
    [false, 'for', false, false],
    [undefined, 'against', false, true],
    [undefined, 'for', true, false],
  ] as const)('that are %s, doubt %s, meet an allow: %s, a deny: %s', (met, doubt, allow, deny) => {
    const { evaluation } = evaluationOf(met);
    expect(evaluation.during(asked, doubt, () => evaluation.meets('key', 'allow'))).toBe(allow);
    expect(evaluation.during(asked, doubt, () => evaluation.meets('key', 'deny'))).toBe(deny);
  });

  it('are evaluated once at most for each request and effect, and not at all where they are `true`', () => {
    const { evaluation, times } = evaluationOf(true);
    const decide = () => {
      for (const effect of ['allow', 'deny', 'allow', 'deny'] as const) evaluation.meets('key', effect);
    };
    evaluation.during(asked, 'against', decide);
    expect(times()).toBe(2);
    evaluation.during(asked, 'against', decide);
    expect(times()).toBe(4);
    const always = evaluationOf(false, true);
    expect(always.evaluation.during(asked, 'against', () => always.evaluation.meets('key', 'allow'))).toBe(
      true,
    );
    expect(always.times()).toBe(0);
  });

  it('tell which of them could not be evaluated, until the next decision', () => {
    const { evaluation } = evaluationOf(new TypeError('no'));
    expect(() => evaluation.during(asked, 'against', () => evaluation.meets('key', 'deny'))).toThrow('no');
    expect(evaluation.failed).toBe('the text');
    evaluation.during(asked, 'against', () => undefined);
    expect(evaluation.failed).toBeUndefined();
  });
});
