import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { Policy, Question } from '../../src/policy/decision.ts';
import { policyOf, questionOf } from './support.ts';

const GRANTS = `
p, role:dev, container/**, ContainerList ContainerInspect, "r.version >= 41", allow
p, role:dev, container/-/secret*, ContainerInspect, true, deny
p, role:dev, container/**, ContainerStart, "r.query.detachKeys != 'x'", allow
p, role:dev, container/**, ContainerCreate, "satisfies('baseline')", allow
p, role:dev, container/**, ContainerCreate, "r.body.Image == 'evil'", deny
p, role:dev, container/**, ContainerDelete, "r.query.force == null", allow
p, *, engine, SystemPing, true, allow
p, tenant:red, container/-/web, ContainerPause, true, allow
`;

/** A principal as identity makes it, for whom answers are remembered. */
function frozen({ principal, ...rest }: Question): Question {
  const roles = Object.freeze([...principal.roles]);
  return { ...rest, principal: Object.freeze({ ...principal, roles }) };
}

const asked = fc.record({
  id: fc.constantFrom(
    'ContainerList',
    'ContainerInspect',
    'ContainerStart',
    'ContainerCreate',
    'ContainerDelete',
    'ContainerPause',
    'SystemPing',
  ),
  resource: fc.constantFrom('container/-/web', 'container/-/secret-1', 'container/-/', 'engine'),
  version: fc.constantFrom(40, 41, 42),
  query: fc.constantFrom({}, { detachKeys: 'x' }, { detachKeys: 'y' }, { force: true }, { force: false }),
  body: fc.constantFrom(undefined, undefined, { Image: 'evil' }, { Image: 'good' }),
  facts: fc.constantFrom(NO_FACTS, NO_FACTS, {
    ...NO_FACTS,
    privileged: [{ field: 'HostConfig.Privileged' }] as never,
  }),
  how: fc.constantFrom('admits' as const, 'decide' as const, 'allowsUnknownFields' as const),
});

function answer(policy: Policy, how: 'admits' | 'decide' | 'allowsUnknownFields', question: Question) {
  return policy[how](question);
}

describe('what is remembered of a principal', () => {
  it('is what would be found anew, whatever was asked before', async () => {
    const policy = await policyOf(GRANTS);
    const of = (who: { name: string; tenant: string }) =>
      frozen(questionOf({ ...who, roles: ['dev'] }, 'SystemPing', 'engine')).principal;
    const people = [of({ name: 'alice', tenant: 'blue' }), of({ name: 'bob', tenant: 'red' })];
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), asked), { maxLength: 40 }), (sequence) => {
        for (const [who, { id, resource, version, query, body, facts, how }] of sequence) {
          const principal = people[who] as Question['principal'];
          const { operation } = questionOf({}, id, resource);
          const question = { principal, operation, resource, version, query, body, facts };
          // One who is not frozen may still change, and nothing is remembered of them.
          const anew = { ...question, principal: { ...principal } };
          expect(answer(policy, how, question)).toEqual(answer(policy, how, anew));
        }
      }),
      { numRuns: 300 },
    );
  });
});
