import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/policy/decision.ts';
import { decideAll } from '../../src/policy/judgement.ts';

const yes: Decision = { effect: 'allow', reason: 'granted', policyVersion: 'v' };
const no: Decision = { effect: 'deny', reason: 'not-granted', policyVersion: 'v' };

describe('the decision over all objects of a request', () => {
  it('is that on the first when all are allowed', () => {
    expect(decideAll(['a', 'b'], () => yes)).toEqual({ ...yes, resource: 'a' });
  });

  it('is the first that is not allowed, and no more is asked', () => {
    const asked: string[] = [];
    const decision = decideAll(['a', 'b', 'c'], (resource) => {
      asked.push(resource);
      return resource === 'a' ? yes : no;
    });
    expect(decision).toEqual({ ...no, resource: 'b' });
    expect(asked).toEqual(['a', 'b']);
  });

  it('is that on the first when it is not allowed', () => {
    expect(decideAll(['a', 'b'], () => no)).toEqual({ ...no, resource: 'a' });
  });
});
