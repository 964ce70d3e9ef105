import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { indexCandidates } from '../../src/policy/candidates.ts';
import type { Policy, Question } from '../../src/policy/decision.ts';
import { createPolicy } from '../../src/policy/enforcer.ts';
import { compileGlob } from '../../src/policy/glob.ts';
import { type Grants, parseGrants } from '../../src/policy/grants.ts';
import { parseModel } from '../../src/policy/model.ts';
import { ask, MODEL, policyOf, VOCABULARY } from './support.ts';

const PLACE = { file: 'grants.csv', version: 'v' };

function build(parsed: Grants, indexed: boolean): Promise<Policy> {
  const { model } = parseModel(readFileSync(MODEL, 'utf8'));
  if (model === undefined) throw new Error('the shipped model has faults');
  return createPolicy(model, parsed, indexed ? indexCandidates(parsed.grants) : () => parsed.grants, PLACE);
}

/** The language of grants in other words, without Casbin. */
function reference({ grants, memberships }: Grants, { principal, resource, operation }: Question): string {
  const held = [
    '*',
    `user:${principal.name}`,
    `tenant:${principal.tenant}`,
    ...principal.roles.map((r) => `role:${r}`),
  ];
  for (let grown = true; grown; ) {
    const more = memberships.filter(({ member, role }) => held.includes(member) && !held.includes(role));
    held.push(...more.map(({ role }) => role));
    grown = more.length > 0;
  }
  const hits = grants.filter(
    (grant) =>
      held.includes(grant.subject) &&
      compileGlob(grant.resource)(resource) &&
      grant.covered.has(operation.id),
  );
  if (hits.some(({ effect }) => effect === 'deny')) return 'denied-by-grant';
  return hits.length > 0 ? 'granted' : 'not-granted';
}

const name = fc.constantFrom('a', 'b', 'c');
const subject = fc.oneof(
  fc.constant('*'),
  fc.tuple(fc.constantFrom('user', 'role', 'tenant'), name).map(([prefix, of]) => `${prefix}:${of}`),
);
const resource = fc.constantFrom(
  '**',
  'container/**',
  'container/-/web',
  'container/-/w*',
  '*/-/web',
  'engine',
  'volume/**',
);
const operations = fc.constantFrom(
  '*',
  '@read',
  '@lifecycle @read',
  '* !ContainerDelete',
  '*List',
  '@read !System*',
  '@volume *Inspect',
);
const effect = fc.constantFrom('allow', 'allow', 'deny');
const line = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(subject, resource, operations, effect)
      .map((columns) => ['p', ...columns.slice(0, 3), 'true', columns[3]].join(', ')),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('user:a', 'tenant:b', 'role:a', 'role:b'), fc.constantFrom('role:b', 'role:c'))
      .map((columns) => ['g', ...columns].join(', ')),
  },
);
const question: fc.Arbitrary<Question> = fc.record({
  principal: fc.record({
    name,
    tenant: name,
    roles: fc.array(name, { maxLength: 2 }),
    method: fc.constant('certificate'),
  }),
  version: fc.constant(41),
  query: fc.constant({}),
  body: fc.constant(undefined),
  facts: fc.constant(NO_FACTS),
  resource: fc.constantFrom(
    'container/-/web',
    'container/-/',
    'container/-/db',
    'engine',
    'volume/-/web',
    'image',
  ),
  operation: fc.constantFrom(
    ...OPERATIONS.filter(({ id }) =>
      /^(?:Container(?:Delete|List|Inspect)|System(?:Info|Ping)|Volume.*)$/.test(id),
    ),
  ),
});

describe('the index of candidates', () => {
  it('decides like Casbin over all grants, and like the language in other words', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(question, { minLength: 10, maxLength: 10 }),
        async (lines, questions) => {
          const parsed = parseGrants(lines.join('\n'), VOCABULARY);
          const [full, indexed] = await Promise.all([build(parsed, false), build(parsed, true)]);
          for (const asked of questions) {
            const decision = indexed.decide(asked);
            expect(decision).toEqual(full.decide(asked));
            expect(decision.reason).toBe(reference(parsed, asked));
            seen.add(decision.reason);
          }
        },
      ),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual(['denied-by-grant', 'granted', 'not-granted']);
  });

  it('decides over 10,000 grants as fast as over a few', async () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, i) => `p, user:u${i}, container/-/app${i}-*, @read @lifecycle !ContainerPrune, true, allow`,
    );
    const policy = await policyOf([...lines, 'p, *, **, ContainerKill, true, deny'].join('\n'));
    const started = performance.now();
    for (let i = 0; i < 1_000; i += 1) {
      const of = (i * 7) % 10_000;
      expect(ask(policy, { name: `u${of}` }, 'ContainerStop', `container/-/app${of}-1`).effect).toBe('allow');
      expect(ask(policy, { name: `u${of}` }, 'ContainerStop', `container/-/app${of + 1}-1`).effect).toBe(
        'deny',
      );
      expect(ask(policy, { name: `u${of}` }, 'ContainerKill', `container/-/app${of}-1`).reason).toBe(
        'denied-by-grant',
      );
    }
    // Casbin alone takes 30 ms for one of these; 3,000 of them fit here with room for a busy machine.
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
