import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWord } from '../../../src/identity/names.ts';
import { privateNames, SHARED } from '../../../src/tenancy/names/names.ts';
import { isOfAnyTenant, ownName, prefixOf } from '../../../src/tenancy/names/prefix.ts';

const tenant = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,12}$/);
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{1,12}$/);

describe('the prefix of a tenant', () => {
  it.each([
    ['team-a', 'team-a__'],
    ['a.b', 'a_2eb__'],
    ['a_b', 'a_5fb__'],
    ['x@y:z+', 'x_40y_3az_2b__'],
  ])('of %s is %s', (of, prefix) => {
    expect(prefixOf(of)).toBe(prefix);
    expect(isOfAnyTenant(`${prefix}web`)).toBe(true);
  });

  it('never lets two tenants meet, and makes names that the Engine takes', () => {
    fc.assert(
      fc.property(tenant, tenant, name, name, (a, b, one, other) => {
        fc.pre(isWord(a) && isWord(b));
        expect(prefixOf(a) + one).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
        if (a !== b) expect(prefixOf(a) + one).not.toBe(prefixOf(b) + other);
        expect(ownName(a, prefixOf(a) + one)).toBe(one);
        if (a !== b) expect(ownName(b, prefixOf(a) + one)).toBe(prefixOf(a) + one);
      }),
    );
  });

  it('leaves what is nobody’s as it is', () => {
    expect(ownName('-', 'team-a__web')).toBe('team-a__web');
    expect(isOfAnyTenant('shop_web_1')).toBe(false);
  });
});

describe('names of one’s own', () => {
  const names = privateNames('team-a');

  it('are found as they are shown', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          name,
          name.map((each) => `team-a__${each}`),
        ),
        (onEngine) => {
          expect(names.meant('container', names.shown(onEngine))).toContain(onEngine);
          for (const meant of names.meant('volume', onEngine)) expect(names.shown(meant)).toBe(onEngine);
        },
      ),
    );
  });

  it('come before those that were there already, and never mean everybody’s bridge', () => {
    expect(names.meant('container', 'web')).toEqual(['team-a__web', 'web']);
    expect(names.meant('network', 'bridge')).toEqual(['team-a__bridge']);
    expect(names.meant('service', 'web')).toEqual(['web']);
  });

  it('of another are in the space of its owner, and of nobody in no tenant’s', () => {
    expect(names.made('web', 'team-a', 'name')).toBe('team-a__web');
    expect(names.made('web', 'team-b', 'name')).toBe('team-b__web');
    expect(names.made('team-b__web', 'team-b', 'name')).toBe('team-b__web');
    expect(names.made('web', '-', 'name')).toBe('web');
    expect(() => names.made('team-b__web', '-', 'name')).toThrow('take a name of a tenant');
  });

  it('have to fit into what the Engine takes', () => {
    expect(names.made('x'.repeat(247), 'team-a', 'Name')).toHaveLength(255);
    expect(() => names.made('x'.repeat(248), 'team-a', 'Name')).toThrow('247 is the most for your tenant');
  });

  it('stand in texts without the prefix, which is left where it is part of another word', () => {
    expect(names.text('"/team-a__web" and /x/team-a__db/_data, my-team-a__web, team-a__')).toBe(
      '"/web" and /x/db/_data, my-team-a__web, team-a__',
    );
  });

  it('are those of the Engine where they are shared', () => {
    expect(SHARED.meant('container', 'team-a__web')).toEqual(['team-a__web']);
    expect([
      SHARED.shown('team-a__web'),
      SHARED.made('web', 'team-a', 'name'),
      SHARED.text('team-a__web'),
    ]).toEqual(['team-a__web', 'web', 'team-a__web']);
  });
});
