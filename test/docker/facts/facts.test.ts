import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN } from '../../../src/docker/body/types.ts';
import { factsOf } from '../../../src/docker/facts/facts.ts';
import { mergeFacts } from '../../../src/docker/facts/merge.ts';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { FACTS_SHAPE } from '../../../src/docker/facts/shape.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { ask, askHost } from './ask.ts';

describe('facts', () => {
  it('of an operation that asks for nothing are none', () => {
    expect(ask('GET /v1.41/containers/json')).toBe(NO_FACTS);
  });

  it('are every fact there is, whatever the operation', () => {
    const names = Object.keys(FACTS_SHAPE.fields).sort();
    expect(Object.keys(NO_FACTS).sort()).toEqual(names);
    expect(Object.keys(askHost({})).sort()).toEqual(names);
  });

  it('name unknown fields that a grant let through, at every depth', () => {
    const api = parseRequest(
      { method: 'POST', target: '/v1.41/containers/create' },
      { floor: 24, ceiling: 56, engine: 41 },
    );
    const body = {
      [UNKNOWN]: { New: 'x', 'odd name': 1 },
      Labels: { a: 'b' },
      HostConfig: { Mounts: [{ Type: 'tmpfs', [UNKNOWN]: { HostPath: '/' } }] },
    };
    expect(factsOf(api, body).unknownFields).toEqual([
      { field: 'New' },
      { field: '["odd name"]' },
      { field: 'HostConfig.Mounts[0].HostPath' },
    ]);
  });

  it('hold as many things as a body has room for', () => {
    const Binds = Array.from({ length: 32_000 }, (_, index) => `/x/${index}:/h`);
    expect(askHost({ Binds }).hostPaths).toHaveLength(32_000);
  });

  it('leave what they are made of as it was', () => {
    askHost({ Binds: ['/etc:/h'], CapAdd: ['ALL'], SecurityOpt: ['x'], Labels: {} });
    expect(NO_FACTS).toMatchObject({ hostPaths: [], capabilities: { added: [] }, security: { others: [] } });
  });
});

describe('parts of facts', () => {
  const fact = fc.record({ field: fc.constantFrom('a', 'b') });
  const part = fc.record(
    {
      privileged: fc.array(fact, { maxLength: 2 }),
      user: fc.constantFrom(null, { field: 'User', value: 'a', root: null }),
      labels: fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor'), fc.constantFrom('1', '2')),
      security: fc.record({
        others: fc.array(fc.record({ field: fc.constant('x'), option: fc.string() }), { maxLength: 2 }),
      }),
    },
    { requiredKeys: [] },
  );

  it('are put together by the rules, however many there are, and stay as they are', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const before = JSON.stringify(parts);
        const { privileged = [], user = null, labels = {}, security } = mergeFacts(...parts);
        assert.deepEqual(
          [privileged, user, Object.entries(labels), security?.others ?? []],
          [
            parts.flatMap((each) => each.privileged ?? []),
            parts.findLast((each) => each.user)?.user ?? null,
            [...new Map(parts.flatMap((each) => Object.entries(each.labels ?? {})))],
            parts.flatMap((each) => each.security?.others ?? []),
          ],
        );
        assert.equal(JSON.stringify(parts), before);
      }),
    );
  });

  it('are put together: lists behind each other, groups by member', () => {
    const fact = (field: string) => ({ field });
    expect(
      mergeFacts(
        {
          privileged: [fact('a')],
          labels: { a: '1', b: '1' },
          security: { others: [], writableCgroups: fact('x') },
        },
        { privileged: [fact('b')], labels: { b: '2' }, security: { others: [{ field: 'y', option: 'o' }] } },
      ),
    ).toEqual({
      privileged: [fact('a'), fact('b')],
      labels: { a: '1', b: '2' },
      security: { others: [{ field: 'y', option: 'o' }], writableCgroups: fact('x') },
    });
  });

  it('replace a single fact as a whole, but not by null', () => {
    const user = (value: string, root: boolean | null) => ({ field: 'User', value, root });
    expect(mergeFacts({ user: user('0', true) }, { user: user('app', null) }).user).toEqual(
      user('app', null),
    );
    expect(mergeFacts({ user: user('0', true), build: null }, { user: null }).user).toEqual(user('0', true));
    expect(mergeFacts({ user: null }).user).toBeNull();
  });

  it('are not changed by it', () => {
    const part = { privileged: [{ field: 'a' }], labels: { a: 'b' } };
    mergeFacts(part, { privileged: [{ field: 'b' }], labels: { c: 'd' } });
    expect(part).toEqual({ privileged: [{ field: 'a' }], labels: { a: 'b' } });
  });
});
