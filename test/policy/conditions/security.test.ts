import { describe, expect, it } from 'vitest';
import { compare } from '../../../src/policy/conditions/compare.ts';
import { createOperators } from '../../../src/policy/conditions/operators.ts';
import { FUNCTIONS } from '../../../src/policy/functions/all.ts';
import { faultsOf, policyOf, questionOf } from '../support.ts';
import { allowedBy, column, deniedBy, faultsIn } from './support.ts';

describe('a condition reaches nothing but plain data', () => {
  it.each([
    'r.constructor == null',
    'r.facts.constructor == null',
    'r.facts.__proto__ == null',
    "r.facts['__proto__'] == null",
    'r.facts.images.length == 1',
    'r.facts.images.map == null',
    'r.query.name.length == 3',
    'r.principal.name.constructor == null',
    'r.facts.toString == null',
    'isEmpty.constructor == null',
    "constructor('return 1')()",
    'isEmpty.call(r.facts.images)',
    "satisfies('baseline').constructor('x')",
    "[].constructor('x')",
    "r['constructor']['constructor']('x')()",
    '(r.facts).constructor == null',
    "''.constructor == null",
    'process.exit(1)',
    'globalThis',
    "require('fs')",
    "eval('1')",
    "p.condition == 'x'",
    "r_principal == 'x'",
  ])('%s is a fault', async (condition) => {
    expect((await faultsIn(condition)).length).toBeGreaterThan(0);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '__defineGetter__'])(
    'a label %s is there only when the request sets it',
    async (name) => {
      const condition = `r.facts.labels['${name}'] == null`;
      expect((await allowedBy(condition, { facts: { labels: {} } })).effect).toBe('allow');
      const labels: Record<string, string> = Object.create(null);
      labels[name] = 'x';
      expect((await allowedBy(condition, { facts: { labels } })).effect).toBe('deny');
      expect((await allowedBy(`r.facts.labels['${name}'] == 'x'`, { facts: { labels } })).effect).toBe(
        'allow',
      );
    },
  );

  it('what is inherited is not read', async () => {
    const body = Object.create({ Image: 'alpine' });
    expect((await allowedBy("r.body.Image == 'alpine'", { body })).effect).toBe('deny');
  });

  it('the functions that operators become can not be called by name', () => {
    const names = FUNCTIONS.map(({ name }) => name);
    const inner = Object.keys(
      createOperators(() => {
        throw new Error('never');
      }),
    ).filter((name) => !names.includes(name));
    expect(inner.sort()).toEqual([
      'all',
      'any',
      'compare',
      'constant',
      'isIn',
      'items',
      'not',
      'reading',
      'value',
    ]);
  });
});

describe('a condition of any size', () => {
  it.each([
    ['many brackets', `${'('.repeat(1_900)}true${')'.repeat(1_900)}`, 'is nested too deeply to be read'],
    ['many negations', `${'!'.repeat(3_000)}true`, 'is nested too deeply to be read'],
    ['many negations apart', `${'! '.repeat(1_900)}true`, 'is nested too deeply to be read'],
    ['many negated brackets', `${'!('.repeat(900)}true${')'.repeat(900)}`, 'is nested too deeply to be read'],
    ['many lists', `${'['.repeat(1_900)}${']'.repeat(1_900)}`, 'is nested too deeply to be read'],
    [
      '10,000 characters',
      `true${' && true'.repeat(1_250)}`,
      'is longer than 4000 characters; split the grant',
    ],
    ['many members', `r${'.a'.repeat(1_900)} == 1`, /^names r\.a, which is not there/],
    ['many calls', `isEmpty${'()'.repeat(1_900)}`, /^calls isEmpty\(\)/],
    ['many comparisons', `r.version${' == 1'.repeat(790)}`, /which is no value/],
  ])('%s is a fault', async (_, condition, sentence) => {
    const [fault] = await faultsIn(condition);
    expect(fault).toMatch(sentence);
    expect((fault as string).length).toBeLessThan(1_000);
  });

  it('of 4,000 characters is evaluated', async () => {
    const condition = `false${' || r.version == 1'.repeat(221)}`;
    expect(condition.length).toBeLessThanOrEqual(4_000);
    expect((await allowedBy(condition, { version: 1 })).effect).toBe('allow');
    expect((await allowedBy(condition, { version: 2 })).effect).toBe('deny');
  });

  it('is read with its brackets inside texts left alone', async () => {
    expect((await allowedBy(`r.query.name != '${'('.repeat(1_000)}'`, { query: { name: 'a' } })).effect).toBe(
      'allow',
    );
    expect((await allowedBy(`r.query.name != 'it\\'s ((('`, { query: { name: 'a' } })).effect).toBe('allow');
  });
});

describe('a condition that can not be evaluated', () => {
  // What no model would let through: the values are of another kind than the field.
  const body = { HostConfig: { Memory: 'much' } };
  const broken = 'r.body.HostConfig.Memory > 5';

  it('denies the whole request, in a grant that allows and in one that denies, whatever else is granted', async () => {
    for (const effect of ['allow', 'deny']) {
      const lines = [
        'p, *, **, *, true, allow',
        `p, user:alice, **, ContainerCreate, ${column(broken)}, ${effect}`,
        'p, *, **, *, true, allow',
      ];
      const policy = await policyOf(lines.join('\n'));
      expect(policy.decide(questionOf({}, 'ContainerCreate', 'container/-/web', { body }))).toEqual({
        effect: 'deny',
        reason: 'policy-error',
        condition: broken,
        policyVersion: policy.version,
      });
      expect(
        policy.decide(questionOf({ name: 'bob' }, 'ContainerCreate', 'container/-/web', { body })).effect,
      ).toBe('allow');
      const sound = { body: { HostConfig: { Memory: 6n } } };
      expect(policy.decide(questionOf({}, 'ContainerCreate', 'container/-/web', sound)).reason).not.toBe(
        'policy-error',
      );
    }
  });

  it('denies even where another part of it would have been enough', async () => {
    expect((await allowedBy(`true || ${broken}`, { body })).reason).toBe('policy-error');
    expect((await allowedBy(`false && ${broken}`, { body })).reason).toBe('policy-error');
    expect((await deniedBy(`false && ${broken}`, { body })).reason).toBe('policy-error');
  });

  it.each([
    ['a list is compared', () => compare('==', { value: [], field: '', untold: false }, 1, words, 'allow')],
    ['texts are ordered', () => compare('<', 'a', 'b', words, 'allow')],
    ['true is a number', () => compare('==', true, 1, words, 'allow')],
    ['a text is a number', () => compare('==', '1', 1, words, 'deny')],
  ])('is one in which %s', (_, evaluate) => {
    expect(evaluate).toThrow(TypeError);
  });

  it('leaves no trace in the next decision', async () => {
    const policy = await policyOf(`p, user:alice, **, ContainerCreate, ${column(broken)}, allow\n`);
    policy.decide(questionOf({}, 'ContainerCreate', 'container/-/web', { body }));
    expect(policy.decide(questionOf({ name: 'bob' }, 'ContainerCreate', 'container/-/web'))).toEqual({
      effect: 'deny',
      reason: 'not-granted',
      policyVersion: policy.version,
    });
  });
});

describe('a column that breaks its quoting', () => {
  it('is a fault of the line, not another condition', async () => {
    expect(await faultsOf(`p, *, **, *, r.version == "44", allow\n`)).toEqual([
      'grants.csv:1: the quoting is broken: write "..." around a column, and "" for a quote in it',
    ]);
    expect(await faultsOf(`p, *, **, *, anyOf(r.principal.roles, 'a'), allow\n`)).toEqual([
      expect.stringContaining('a grant has 6 columns'),
    ]);
  });
});

const words = { must: '', mustNot: '', about: '', open: false };
