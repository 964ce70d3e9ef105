import { describe, expect, it } from 'vitest';
import { casesOf, NAMES, policyOf, verdictOn } from './presets.ts';

describe.each(NAMES)('the grants of the preset %s', (name) => {
  it('allow what its client asks for and refuse what its test says', async () => {
    const policy = await policyOf(name);
    const tests = casesOf(name);
    const got = tests.map(({ http, body, reason }) => {
      const verdict = verdictOn(policy, name, { http, body });
      const said = verdict === 'allow' ? {} : { ...(reason === undefined ? {} : { reason: verdict }) };
      return {
        ...{ who: name, roles: [name], http },
        ...(body === undefined ? {} : { body }),
        ...{ expect: verdict === 'allow' ? 'allow' : 'deny', ...said },
      };
    });
    expect(got).toEqual(tests);
  });
});
