import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/policy/checks/all.ts';
import { parseProfiles } from '../../src/policy/profiles.ts';
import { ask, faultsOf, fileOf, MODEL, PROFILES, policyOf } from './support.ts';

const read = (text: string) => parseProfiles('p.yaml', text, CHECKS);
const ids = (text: string, name: string) =>
  read(text)
    .profiles.get(name)
    ?.checks.map(({ id }) => id);

describe('profiles.yaml', () => {
  it('makes profiles of checks, of other profiles, and of exceptions from these', () => {
    const text = [
      'profiles:',
      '  c: {extends: b, except: [privileged], checks: [sysctl]}',
      '  a: {checks: [privileged, host-path]}',
      '  b: {extends: a, checks: [runtime]}',
      '  same: {extends: b}',
      '  none: {checks: []}',
    ].join('\n');
    expect(read(text).faults).toEqual([]);
    expect(ids(text, 'a')).toEqual(['privileged', 'host-path']);
    expect(ids(text, 'b')).toEqual(['privileged', 'host-path', 'runtime']);
    expect(ids(text, 'c')).toEqual(['host-path', 'runtime', 'sysctl']);
    expect(ids(text, 'same')).toEqual(ids(text, 'b'));
    expect(ids(text, 'none')).toEqual([]);
  });

  it.each([
    ['nothing in it', '', '1:1: the file holds a mapping "profiles", of names to checks'],
    ['a list', '- a', '1:1: the file holds a mapping "profiles", of names to checks'],
    [
      'profiles that are a list',
      'profiles: [a]',
      '1:1: the file holds a mapping "profiles", of names to checks',
    ],
    ['another key', 'profiles: {}\nprofile: {}', '2:1: "profile" is not a known key; did you mean profiles?'],
    [
      'a name that is none',
      'profiles:\n  Base Line: {checks: []}',
      '2:3: "Base Line" is no name of a profile: a-z, 0-9 and - only',
    ],
    [
      'a profile that is a list',
      'profiles:\n  a: [privileged]',
      '2:6: a is a mapping of extends, checks and except',
    ],
    [
      'an empty profile',
      'profiles:\n  a: {}',
      '2:6: a has neither checks nor a profile that it extends; write checks: [] for none',
    ],
    [
      'an unknown key',
      'profiles:\n  a:\n    check: [privileged]\n    checks: []',
      '3:5: "check" is not a known key; did you mean checks?',
    ],
    [
      'an unknown check',
      'profiles:\n  a:\n    checks:\n      - privileged\n      - host-paths',
      '5:9: "host-paths" is no check; did you mean host-path?',
    ],
    [
      'an unknown exception',
      'profiles:\n  b: {checks: []}\n  a: {extends: b, except: [root]}',
      '3:28: "root" is no check; docs/checks.md lists them',
    ],
    [
      'checks that are no list',
      'profiles:\n  a: {checks: privileged}',
      '2:15: a.checks is a list of checks in [ ]',
    ],
    [
      'a number for a check',
      'profiles:\n  a: {checks: [1]}',
      '2:16: "1" is no check; docs/checks.md lists them',
    ],
    [
      'a check twice',
      'profiles:\n  a: {checks: [privileged, privileged]}',
      '2:28: privileged stands twice in this list',
    ],
    [
      'a profile twice',
      'profiles:\n  a: {checks: []}\n  a: {checks: []}',
      '3:3: this key stands twice in the same mapping; keep one of them',
    ],
    [
      'an unknown parent',
      'profiles:\n  baseline: {checks: []}\n  a: {extends: basline}',
      '3:16: there is no profile basline; did you mean baseline?',
    ],
    [
      'several parents',
      'profiles:\n  b: {checks: []}\n  a: {extends: [b]}',
      '3:16: a.extends is the name of one profile',
    ],
    [
      'itself for a parent',
      'profiles:\n  a: {extends: a}',
      '2:16: the profiles extend one another in a circle: a -> a',
    ],
    [
      'a circle',
      'profiles:\n  a: {extends: b}\n  b: {extends: c}\n  c: {extends: a}',
      '4:16: the profiles extend one another in a circle: a -> b -> c -> a',
    ],
    [
      'a check that the parent has',
      'profiles:\n  b: {checks: [privileged]}\n  a: {extends: b, checks: [privileged]}',
      '3:28: b has privileged already',
    ],
    [
      'an exception from nothing',
      'profiles:\n  b: {checks: [privileged]}\n  a: {extends: b, except: [sysctl]}',
      '3:28: sysctl is none of what a extends',
    ],
    [
      'an exception without a parent',
      'profiles:\n  a: {checks: [privileged], except: [sysctl]}',
      '2:38: sysctl is none of what a extends',
    ],
    ['no YAML', 'profiles: {', /^1:\d+: not valid YAML/],
    [
      'a variable',
      `profiles:\n  a: {extends: "\${HOME}"}`,
      /^2:16: .*the environment variable HOME is not set/,
    ],
  ])('with %s is refused with the place', (_, text, fault) => {
    const { faults } = read(text);
    expect(faults).toHaveLength(1);
    const [first = ''] = faults.map((one) => one.replace(/^p\.yaml:/, ''));
    if (fault instanceof RegExp) expect(first).toMatch(fault);
    else expect(first).toBe(fault);
  });

  it('with several faults is refused with all of them', () => {
    expect(read('profiles:\n  a: {chekcs: [], extends: x}\n  b: {checks: [nix]}').faults).toHaveLength(3);
  });
});

describe('a policy with other profiles', () => {
  it('is held against them', async () => {
    const grants = "p, user:alice, **, ContainerCreate, satisfies('mine'), allow";
    const profiles = fileOf('profiles: {mine: {checks: [privileged]}}', 'profiles.yaml');
    const policy = await policyOf(grants, MODEL, profiles);
    const what = { facts: { privileged: [{ field: 'HostConfig.Privileged' }] } };
    expect(ask(policy, {}, 'ContainerCreate', 'container/-/web', what)).toMatchObject({
      reason: 'privileged',
      reasons: [{ profile: 'mine' }],
    });
    expect(ask(policy, {}, 'ContainerCreate', 'container/-/web').effect).toBe('allow');
  });

  it('has another version', async () => {
    const grants = 'p, user:alice, **, ContainerCreate, true, allow';
    const other = fileOf(`${readFileSync(PROFILES, 'utf8')}# a word\n`, 'profiles.yaml');
    expect((await policyOf(grants, MODEL, other)).version).not.toBe((await policyOf(grants)).version);
  });

  it('is not loaded when they have a fault, which stands with its file', async () => {
    const profiles = fileOf('profiles: {mine: {checks: [x]}}', 'profiles.yaml');
    expect(await faultsOf('p, a\n', MODEL, profiles)).toEqual([
      'profiles.yaml:1:28: "x" is no check; docs/checks.md lists them',
    ]);
  });
});

describe('the shipped profiles', () => {
  const { profiles, faults } = read(readFileSync(PROFILES, 'utf8'));
  const of = (name: string) => profiles.get(name)?.checks.map(({ id }) => id) ?? [];

  it('are privileged, baseline and restricted', () => {
    expect(faults).toEqual([]);
    expect([...profiles.keys()]).toEqual(['privileged', 'baseline', 'restricted']);
    expect(of('privileged')).toEqual([]);
  });

  it('have every check there is', () => {
    expect([...of('restricted')].sort()).toEqual(CHECKS.map(({ id }) => id).sort());
  });

  // Typed in: a check that moves from one to the other must not do so unseen.
  it('differ in these checks', () => {
    expect(of('restricted').filter((id) => !of('baseline').includes(id))).toEqual([
      ...['drop-all-capabilities', 'restricted-capability', 'no-new-privileges', 'run-as-non-root'],
      ...['unconfined-build', 'host-port', 'group'],
    ]);
  });
});
