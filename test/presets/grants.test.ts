import { describe, expect, it } from 'vitest';
import { casesOf, NAMES, policyOf, verdictOn } from './presets.ts';

describe.each(NAMES)('the grants of the preset %s', (name) => {
  it('allow what its client asks for and refuse what its test says', async () => {
    const policy = await policyOf(name);
    const { principal, tests } = casesOf(name);
    expect(principal).toEqual({ name, roles: [name] });
    const got = tests.map(({ request, reason }) => {
      const verdict = verdictOn(policy, name, request);
      if (verdict === 'allow') return { request, expect: 'allow' };
      return { request, expect: 'deny', ...(reason === undefined ? {} : { reason: verdict }) };
    });
    expect(got).toEqual(tests);
  });
});
