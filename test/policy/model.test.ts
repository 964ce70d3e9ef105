import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ask, faultsOf, fileOf, MODEL, policyOf } from './support.ts';

const GRANT = 'p, user:alice, engine, SystemPing, true, allow\n';
const SHIPPED = [
  '[request_definition]',
  'r = principal, resource, operation',
  '[policy_definition]',
  'p = subject, resource, operations, condition, eft',
  '[role_definition]',
  'g = _, _',
  '[policy_effect]',
  'e = some(where (p.eft == allow)) && !some(where (p.eft == deny))',
  '[matchers]',
  'm = holds(r.principal, p.subject) && within(r.resource, p.resource) && covers(r.operation, p.operations) && meets(p.condition, p.eft)',
  '',
].join('\n');
const TERMS =
  'holds(r.principal, p.subject) && within(r.resource, p.resource) && covers(r.operation, p.operations) && meets(p.condition, p.eft)';
const LAST = 'meets(p.condition, p.eft)';

describe('model.conf', () => {
  it.each([
    ['in the same words', SHIPPED],
    [
      'in other white space and with comments',
      `; mine\r\n${SHIPPED.replaceAll(', ', ' ,').replaceAll('\n', '\r\n')}# end`,
    ],
    [
      'with the terms of the matcher in another order',
      SHIPPED.replace(
        /^m = .*$/m,
        `m = ${TERMS.split(' && ').slice(0, 3).reverse().join(' && ')} && ${LAST}`,
      ),
    ],
    [
      'with the matcher on several lines',
      SHIPPED.replaceAll(' && within', ' && \\\n  within').replaceAll(' && covers', ' \\\n && covers'),
    ],
    ['as shipped', readFileSync(MODEL, 'utf8')],
  ])('may be written %s', async (_, text) => {
    const policy = await policyOf(`${GRANT}p, *, **, SystemInfo, true, deny\n`, fileOf(text, 'model.conf'));
    expect(ask(policy, {}, 'SystemPing', 'engine').effect).toBe('allow');
    expect(ask(policy, {}, 'SystemInfo', 'engine').reason).toBe('denied-by-grant');
    expect(ask(policy, { name: 'bob' }, 'SystemPing', 'engine').reason).toBe('not-granted');
  });

  it.each([
    [
      'an effect that forgets deny',
      (t: string) => t.replace(' && !some(where (p.eft == deny))', ''),
      '8: e must be "some(where (p.eft == allow)) && !some(where (p.eft == deny))"',
    ],
    [
      'an effect that goes by the first match',
      (t: string) => t.replace(/^e = .*$/m, 'e = priority(p.eft) || deny'),
      '8: e must be "some(where (p.eft == allow)) && !some(where (p.eft == deny))"',
    ],
    [
      'other request fields',
      (t: string) => t.replace('r = principal,', 'r = sub, principal,'),
      '2: r must be "principal, resource, operation"',
    ],
    [
      'other columns',
      (t: string) => t.replace('condition, eft', 'eft'),
      '4: p must be "subject, resource, operations, condition, eft"',
    ],
    ['roles with domains', (t: string) => t.replace('g = _, _', 'g = _, _, _'), '6: g must be "_, _"'],
    [
      'an unknown function',
      (t: string) => t.replace('within(', 'keyMatch('),
      `10: the matcher is ${TERMS}; "keyMatch(r.resource, p.resource)" is none of these terms`,
    ],
    [
      'a matcher that never sees a deny',
      (t: string) => t.replace(LAST, `${LAST} && p.eft == "allow"`),
      `10: the matcher is ${TERMS}; "p.eft == "allow"" is none of these terms`,
    ],
    [
      'a matcher of alternatives',
      (t: string) => t.replace('holds(r.principal, p.subject) &&', 'holds(r.principal, p.subject) ||'),
      `10: the matcher is ${TERMS}; "holds(r.principal, p.subject) || within(r.resource, p.resource)" is none of these terms`,
    ],
    [
      'a matcher that is always true',
      (t: string) => t.replace(/^m = .*$/m, 'm = true'),
      `10: the matcher is ${TERMS}; "true" is none of these terms`,
    ],
    [
      'a matcher that leaves a column out',
      (t: string) => t.replace('holds(r.principal, p.subject) && ', ''),
      '10: the matcher must use holds(r.principal, p.subject) too',
    ],
    [
      'a matcher that leaves the condition out',
      (t: string) => t.replace(' && meets(p.condition, p.eft)', ''),
      '10: the matcher must use meets(p.condition, p.eft) too',
    ],
    [
      'a condition that is evaluated before the rest',
      (t: string) => t.replace(/^m = .*$/m, `m = ${LAST} && ${TERMS.replace(` && ${LAST}`, '')}`),
      `10: the matcher must end in ${LAST}`,
    ],
    ['a second matcher', (t: string) => `${t}m2 = true\n`, '11: "m2" has no place in [matchers]'],
    ['a matcher twice', (t: string) => `${t}m = true\n`, '11: "m" is defined twice'],
    [
      'an unknown section',
      (t: string) => `${t}[constraint_definition]\nc = sod("a", "b")\n`,
      '11: [constraint_definition] is no section that is known',
    ],
    [
      'a line that is neither',
      (t: string) => t.replace('g = _, _', 'g'),
      '6: the line is neither [section] nor key = value',
    ],
    ['an open last line', (t: string) => `${t}# x\n\\`, '12: the last line can not be continued'],
  ])('with %s is refused', async (_, change, fault) => {
    expect(await faultsOf(GRANT, fileOf(change(SHIPPED), 'model.conf'))).toContain(`model.conf:${fault}`);
  });

  it('without a section says which one is missing', async () => {
    const text = SHIPPED.slice(0, SHIPPED.indexOf('[matchers]'));
    expect(await faultsOf(GRANT, fileOf(text, 'model.conf'))).toEqual([
      `model.conf:8: "m = ${TERMS}" in [matchers] is missing`,
    ]);
    expect(await faultsOf(GRANT, fileOf('', 'model.conf'))).toHaveLength(5);
  });
});
