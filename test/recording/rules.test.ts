import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { compileRules } from '../../src/recording/rules.ts';

function ruleOf(record: unknown, operation: string, ...subjects: string[]) {
  const { sessions } = configSchema.parse({ tls: { certificate: 'a', key: 'b' }, sessions: { record } });
  return compileRules(sessions.record)(operation, new Set(['*', ...subjects]));
}

describe('compileRules', () => {
  const record = [
    { for: ['user:healthcheck'], skip: true },
    { for: ['role:operator', 'tenant:team-a'], operations: ['ExecStart'], input: true },
    { for: ['*'], operations: ['ContainerAttach'] },
  ];

  it.each([
    ['ExecStart', ['user:healthcheck', 'role:operator'], undefined],
    ['ExecStart', ['user:alice', 'role:operator'], { input: true }],
    ['ExecStart', ['user:bob', 'tenant:team-a'], { input: true }],
    ['ExecStart', ['user:carol'], undefined],
    ['ContainerAttach', ['user:carol'], { input: false }],
    ['ContainerAttach', ['role:operator'], { input: false }],
    ['ContainerAttachWebsocket', ['role:operator'], undefined],
  ])('lets the first entry that fits decide on %s by %j', (operation, subjects, rule) => {
    expect(ruleOf(record, operation, ...subjects)).toEqual(rule);
  });

  it('records nothing by default, and all three operations where an entry names none', () => {
    expect(ruleOf([], 'ExecStart')).toBeUndefined();
    for (const operation of ['ExecStart', 'ContainerAttach', 'ContainerAttachWebsocket']) {
      expect(ruleOf([{ for: ['*'] }], operation)).toEqual({ input: false });
    }
  });

  it('never records what is none of them', () => {
    expect(ruleOf([{ for: ['*'] }], 'Session')).toBeUndefined();
  });
});
