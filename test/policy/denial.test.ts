import { describe, expect, it } from 'vitest';
import { findOperation } from '../../src/docker/operations.ts';
import type { Operation } from '../../src/docker/types.ts';
import type { DecisionOn, Reason } from '../../src/policy/decision.ts';
import { denied } from '../../src/policy/denial.ts';

const asked = {
  principal: { name: 'alice', tenant: 'red', roles: ['developer'], method: 'mtls' },
  operation: findOperation('ContainerCreate') as Operation,
};
const no = (more: Partial<DecisionOn>): DecisionOn => ({
  effect: 'deny',
  reason: 'not-granted',
  policyVersion: 'v',
  resource: 'container/-/web',
  ...more,
});
const privileged: Reason = {
  check: 'privileged',
  field: 'HostConfig.Privileged',
  asks: 'gives the container full access to the host',
  remedy: 'leave --privileged out',
  grant: 'grants.csv:9',
  profile: 'baseline',
};
const memory: Reason = {
  check: 'memory-at-most',
  field: 'HostConfig.Memory',
  asks: 'asks for 4g of memory',
  remedy: 'ask for 2g or less',
  grant: 'grants.csv:9',
};

describe('a refusal by the policy', () => {
  it.each([
    [
      no({}),
      'alice (role developer) may not do ContainerCreate on container/-/web: no grant allows it; ask ops for a grant',
    ],
    [
      no({ reason: 'denied-by-grant', grant: 'grants.csv:3' }),
      'alice (role developer) may not do ContainerCreate on container/-/web: grants.csv:3 denies it; ask ops for a grant',
    ],
    [
      no({ reason: 'policy-error', resource: 'container/-/' }),
      'alice (role developer) may not do ContainerCreate on container/-: the policy could not be evaluated; ask ops for a grant',
    ],
  ])('says which rule said no, and whom to ask', (decision, sentence) => {
    const refusal = denied(asked, decision, 'ops');
    expect([refusal.status, refusal.reason, refusal.message]).toEqual([403, decision.reason, sentence]);
  });

  it('names the field, the rule and what would be accepted', () => {
    const refusal = denied(asked, no({ reason: 'privileged', reasons: [privileged] }), undefined);
    expect(refusal.message).toBe(
      'alice (role developer) may not do this ContainerCreate on container/-/web: HostConfig.Privileged gives the ' +
        'container full access to the host, which the profile baseline forbids: leave --privileged out; ' +
        'or ask the operator of this gateway for a grant',
    );
    expect([refusal.reason, refusal.field]).toEqual(['privileged', 'HostConfig.Privileged']);
  });

  it('names every reason at once', () => {
    const { message } = denied(asked, no({ reason: 'privileged', reasons: [privileged, memory] }), undefined);
    expect(message).toContain(
      ' forbids (privileged): leave --privileged out; HostConfig.Memory asks for 4g of memory, ',
    );
    expect(message).toContain(
      'which grants.csv:9 does not allow (memory-at-most): ask for 2g or less; or ask',
    );
  });

  it('names six, and how many more there are', () => {
    const { message } = denied(
      asked,
      no({ reason: 'privileged', reasons: Array(8).fill(privileged) }),
      undefined,
    );
    expect(message.split('HostConfig.Privileged')).toHaveLength(7);
    expect(message).toContain('; and 2 more, all in the audit record; or ask');
  });

  it('names all roles of somebody who has several', () => {
    const principal = { ...asked.principal, roles: ['a', 'b'] };
    expect(denied({ ...asked, principal }, no({}), undefined).message).toMatch(
      /^alice \(role a, b\) may not do/,
    );
  });

  it('says so of somebody without a role', () => {
    const principal = { ...asked.principal, roles: [] };
    expect(denied({ ...asked, principal }, no({}), undefined).message).toMatch(
      /^alice \(no role\) may not do/,
    );
  });
});
