import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { imageFact } from '../../src/docker/facts/image.ts';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { Facts } from '../../src/docker/facts/types.ts';
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

/** A condition, and what it means in other words; undefined where it can not be told. */
interface Clause {
  readonly text: string;
  readonly met: (question: Question, effect: 'allow' | 'deny') => boolean | undefined;
}

const CLAUSES: readonly Clause[] = [
  { text: 'true', met: () => true },
  { text: 'false', met: () => false },
  { text: 'r.version >= 41', met: ({ version }) => version >= 41 },
  {
    text: "r.facts.runs == 'exec'",
    met: ({ facts: { runs } }, effect) =>
      runs !== null ? runs === 'exec' : effect === 'allow' ? undefined : false,
  },
  {
    text: "r.facts.runs != 'exec'",
    met: ({ facts: { runs } }, effect) =>
      runs !== null ? runs !== 'exec' : effect === 'allow' ? undefined : true,
  },
  { text: 'r.facts.runs == null', met: ({ facts: { runs } }) => runs === null },
  { text: "satisfies('baseline')", met: ({ facts }) => facts.privileged.length === 0 },
  { text: "anyOf(r.principal.roles, 'a')", met: ({ principal }) => principal.roles.includes('a') },
  {
    text: "imageFrom('docker.io/**')",
    met: ({ facts: { images } }) =>
      images.length === 0 ? true : images[0]?.name === null ? undefined : false,
  },
];

const clause = fc.letrec<{ tree: Clause }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'clause' },
    fc.constantFrom(...CLAUSES),
    tie('tree').map(({ text, met }) => ({
      text: `!(${text})`,
      met: (question: Question, effect: 'allow' | 'deny') => {
        const inner = met(question, effect);
        return inner === undefined ? undefined : !inner;
      },
    })),
    fc.tuple(tie('tree'), tie('tree'), fc.boolean()).map(([left, right, and]) => ({
      text: `(${left.text}) ${and ? '&&' : '||'} (${right.text})`,
      met: (question: Question, effect: 'allow' | 'deny') => {
        const both = [left.met(question, effect), right.met(question, effect)];
        return both.includes(!and) ? !and : both.includes(undefined) ? undefined : and;
      },
    })),
  ),
})).tree;

/** The language of grants in other words, without Casbin. */
function reference(
  { grants, memberships }: Grants,
  question: Question,
  clauses: ReadonlyMap<string, Clause>,
): string {
  const { principal, resource, operation } = question;
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
  const hits = grants
    .filter(
      (grant) =>
        held.includes(grant.subject) &&
        compileGlob(grant.resource)(resource) &&
        grant.covered.has(operation.id),
    )
    .map(({ effect, condition }) => ({ effect, met: clauses.get(condition.text)?.met(question, effect) }));
  if (hits.some(({ effect, met }) => effect === 'deny' && met !== false)) return 'denied-by-grant';
  if (hits.some(({ effect, met }) => effect === 'allow' && met === true)) return 'granted';
  return hits.some(({ effect }) => effect === 'allow') ? 'by its condition' : 'not-granted';
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
      .tuple(subject, resource, operations, clause, effect)
      .map(([who, what, deeds, condition, verdict]) => ({
        condition: condition as Clause | undefined,
        text: ['p', who, what, deeds, `"${condition.text}"`, verdict].join(', '),
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('user:a', 'tenant:b', 'role:a', 'role:b'), fc.constantFrom('role:b', 'role:c'))
      .map((columns) => ({ condition: undefined, text: ['g', ...columns].join(', ') })),
  },
);
const question: fc.Arbitrary<Question> = fc.record({
  principal: fc.record({
    name,
    tenant: name,
    roles: fc.array(name, { maxLength: 2 }),
    method: fc.constant('certificate'),
  }),
  version: fc.constantFrom(40, 41),
  query: fc.constant({}),
  body: fc.constant(undefined),
  facts: fc
    .record({
      runs: fc.constantFrom('exec', 'container', null),
      privileged: fc.constantFrom([], [], [{ field: 'Privileged' }]),
      images: fc.constantFrom([], [imageFact('Image', 'cafe')], [imageFact('Image', 'evil.com/a')]),
    })
    .map((some): Facts => ({ ...NO_FACTS, ...some })),
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
          const parsed = parseGrants(lines.map(({ text }) => text).join('\n'), VOCABULARY);
          expect(parsed.faults).toEqual(
            parsed.faults.filter(({ sentence }) => !sentence.includes('condition')),
          );
          const clauses = new Map(
            lines.flatMap(({ condition }) => (condition ? [[condition.text, condition]] : [])),
          );
          const [full, indexed] = await Promise.all([build(parsed, false), build(parsed, true)]);
          for (const asked of questions) {
            const decision = indexed.decide(asked);
            expect(decision).toEqual(full.decide(asked));
            const expected = reference(parsed, asked, clauses);
            expect(decision.effect).toBe(expected === 'granted' ? 'allow' : 'deny');
            if (expected === 'by its condition') expect(decision.reasons).not.toEqual([]);
            else expect(decision.reason).toBe(expected);
            seen.add(expected);
            const before = indexed.admits(asked);
            expect(before).toEqual(full.admits(asked));
            if (before.effect === 'deny') expect(decision.effect).toBe('deny');
            seen.add(`before: ${before.effect}`);
            expect(indexed.needs(asked)).toEqual(full.needs(asked));
          }
        },
      ),
      { numRuns: 300 },
    );
    expect([...seen].sort()).toEqual([
      'before: allow',
      'before: deny',
      'by its condition',
      'denied-by-grant',
      'granted',
      'not-granted',
    ]);
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
