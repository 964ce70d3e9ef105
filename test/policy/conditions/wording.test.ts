import { describe, expect, it } from 'vitest';
import { allowedBy, deniedBy } from './support.ts';

/** What a refusal says: the field, what it asks, and what would be accepted. */
async function said(
  condition: string,
  what: Parameters<typeof allowedBy>[1] = {},
): Promise<readonly string[]> {
  const { reasons = [] } = await allowedBy(condition, what);
  return reasons.map(({ field, asks, remedy }) => `${field} ${asks}: ${remedy}`);
}

const facts = {
  runs: 'exec' as const,
  labels: { a: 'secret' },
  command: ['secret'],
  runtime: { field: 'HostConfig.Runtime', name: 'x' },
};
const what = {
  facts,
  query: { name: 'secret', platform: 'x' },
  body: { Image: 'secret', Tty: false, HostConfig: { Memory: 5n, CapAdd: ['A'] } },
};

describe('a refusal by a comparison', () => {
  it.each([
    ["r.facts.runs == 'container'", ['facts.runs is "exec": it must be "container"']],
    ["r.facts.runs != 'exec'", ['facts.runs is "exec": it must be other than "exec"']],
    ["'container' == r.facts.runs", ['facts.runs is "exec": it must be "container"']],
    ['r.version < 41', ['version is 41: it must be below 41']],
    ['r.version <= 40', ['version is 41: it must be at most 40']],
    ['r.version > 41', ['version is 41: it must be above 41']],
    ['r.version >= 42', ['version is 41: it must be at least 42']],
    ['41 < r.version', ['version is 41: it must be above 41']],
    ['42 <= r.version', ['version is 41: it must be at least 42']],
    ['41 > r.version', ['version is 41: it must be below 41']],
    ['40 >= r.version', ['version is 41: it must be at most 40']],
    ['r.facts.runtime == null', ['facts.runtime is given: it must be absent']],
    ['null == r.facts.runtime', ['facts.runtime is given: it must be absent']],
    ['r.facts.cgroupParent != null', ['facts.cgroupParent is not given: it must be given']],
    ['r.body.Tty', ['Tty is false: it must be true']],
    ['!(r.version == 41)', ['version is 41: it must not be 41']],
    ['!(r.version in [41])', ['version is 41: it must not be one of [41]']],
    ['r.version in [1, 2]', ['version is 41: it must be one of [1, 2]']],
    ['r.facts.runs in r.body.HostConfig.CapAdd', ['facts.runs is something else: it must hold r.facts.runs']],
  ])('says what is wanted: %s', async (condition, expected) => {
    expect(await said(condition, what)).toEqual(expected);
  });

  it.each([
    ["r.body.Image == 'x'", 'Image is something else: it must be "x"'],
    ["r.query.name == 'x'", 'query name is something else: it must be "x"'],
    ["r.facts.labels.a == 'x'", 'facts.labels.a is something else: it must be "x"'],
    ['r.body.HostConfig.Memory < 5', 'HostConfig.Memory is 5: it must be below 5'],
    ["r.facts.runtime.name == 'runc'", 'HostConfig.Runtime is "x": it must be "runc"'],
    ["r.principal.tenant == 'red'", 'principal.tenant is "default": it must be "red"'],
  ])('repeats no text that may be a secret: %s', async (condition, expected) => {
    expect(await said(condition, what)).toEqual([expected]);
  });

  it('says of a denial what it should not be', async () => {
    const { reasons } = await deniedBy('r.version == 41', what);
    expect(reasons).toMatchObject([{ field: 'version', asks: 'is 41', remedy: 'it must not be 41' }]);
  });
});
