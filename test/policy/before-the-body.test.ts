import { describe, expect, it } from 'vitest';
import type { Decision, Need } from '../../src/policy/decision.ts';
import { column } from './conditions/support.ts';
import { policyOf, questionOf, type What, type Who } from './support.ts';

type Line = readonly [condition: string, effect?: 'allow' | 'deny', operations?: string];

function file(lines: readonly Line[]): string {
  return lines
    .map(([condition, effect = 'allow', operations = '*']) =>
      ['p', 'user:alice', '**', operations, column(condition), effect].join(', '),
    )
    .join('\n');
}

async function admits(lines: readonly Line[], what: What = {}, who: Who = {}): Promise<Decision> {
  return (await policyOf(file(lines))).admits(questionOf(who, 'ContainerCreate', 'container/-/web', what));
}

describe('before the body is read', () => {
  it.each<[string, readonly Line[]]>([
    ['a grant without a condition', [['true']]],
    ['a grant whose condition a body could meet', [["satisfies('baseline')"]]],
    ['a condition over a field', [['r.body.HostConfig.Memory > 5', 'allow', 'ContainerCreate']]],
    ['a condition whose negation a body could meet', [["!imageFrom('docker.io/**')"]]],
    ['an alternative that is known not to be', [["r.version == 1 || satisfies('baseline')"]]],
    ['a denial that a body could escape', [['true'], ["!satisfies('baseline')", 'deny']]],
    ['a denial that is known not to be', [['true'], ['r.version == 1', 'deny']]],
    ['a null that may be', [['r.facts.runtime == null']]],
    ['a list that may be empty', [['isEmpty(r.facts.privileged)']]],
  ])('goes on for %s', async (_, lines) => {
    expect(await admits(lines)).toMatchObject({ effect: 'allow' });
  });

  it.each<[string, string, readonly Line[]]>([
    ['nothing that is granted', 'not-granted', [['true', 'allow', 'ContainerList']]],
    ['a denial without a condition', 'denied-by-grant', [['true'], ['true', 'deny']]],
    ['a denial that is known to be', 'denied-by-grant', [['true'], ['r.version > 1', 'deny']]],
    [
      'a denial that is known to be whatever the body is',
      'denied-by-grant',
      [['true'], ["r.version > 1 || satisfies('baseline')", 'deny']],
    ],
    ['a condition that is known not to be', 'condition-not-met', [['r.version == 1']]],
    [
      'a condition that is known not to be whatever the body is',
      'condition-not-met',
      [["r.version == 1 && satisfies('baseline')"]],
    ],
    ['a condition that says false', 'condition-not-met', [['false']]],
  ])('stops for %s', async (_, reason, lines) => {
    expect(await admits(lines)).toMatchObject({ effect: 'deny', reason });
  });

  it('looks at nothing of a body that came along', async () => {
    const what: What = { body: { HostConfig: { Memory: 1n } }, facts: { privileged: [{ field: 'x' }] } };
    expect(await admits([["satisfies('baseline')"]], what)).toMatchObject({ effect: 'allow' });
    expect(await admits([['r.body.HostConfig.Memory > 5', 'allow', 'ContainerCreate']], what)).toMatchObject({
      effect: 'allow',
    });
  });

  it('denies where a condition can not be evaluated', async () => {
    expect(
      await admits([['true'], ["r.query.name == 'a'", 'allow', 'ContainerCreate']], { query: { name: 5n } }),
    ).toMatchObject({
      effect: 'deny',
      reason: 'policy-error',
    });
  });
});

describe('the permission to send unknown fields', () => {
  const allows = async (text: string, who: Who = {}, id = 'ContainerCreate', resource = 'container/-/web') =>
    (await policyOf(text)).allowsUnknownFields(questionOf(who, id, resource, { query: { name: 'web' } }));

  it('is given by its own word and nothing else', async () => {
    expect(await allows('p, user:alice, **, UnknownFields, true, allow')).toBe(true);
    expect(await allows('p, user:alice, **, @read UnknownFields, true, allow')).toBe(true);
    for (const operations of [
      '*',
      'Unknown* *',
      '@lifecycle',
      'ContainerCreate',
      '** *',
      '* !UnknownFields',
    ]) {
      expect(
        await allows(`p, user:alice, **, ${operations}, true, allow`).catch(() => false),
        operations,
      ).toBe(false);
    }
  });

  it('is for a subject and a resource', async () => {
    const text = 'p, role:dev, volume/**, UnknownFields, true, allow\ng, user:alice, role:dev';
    expect(await allows(text)).toBe(false);
    expect(await allows(text, {}, 'VolumeCreate', 'volume/-/a')).toBe(true);
    expect(await allows(text, { name: 'bob' }, 'VolumeCreate', 'volume/-/a')).toBe(false);
  });

  it('may depend on what is known before the body, the operation included', async () => {
    const text = "p, *, **, UnknownFields, r.operation == 'ContainerCreate' && r.version >= 41, allow";
    expect(await allows(text)).toBe(true);
    expect(await allows(text, {}, 'VolumeCreate', 'volume/-/a')).toBe(false);
    expect(await allows("p, *, **, UnknownFields, r.query.name == 'web', allow")).toBe(true);
    expect(await allows("p, *, **, UnknownFields, r.query.name != 'web', allow")).toBe(false);
  });

  it('is taken by a denial', async () => {
    const allow = 'p, *, **, UnknownFields, true, allow\n';
    expect(await allows(`${allow}p, user:alice, **, UnknownFields, true, deny`)).toBe(false);
    expect(await allows(`${allow}p, user:alice, **, *, true, deny`)).toBe(true);
  });

  it('allows no operation', async () => {
    const policy = await policyOf('p, user:alice, **, UnknownFields, true, allow');
    expect(policy.decide(questionOf({}, 'ContainerCreate', 'container/-/web')).reason).toBe('not-granted');
  });
});

describe('what the facts must tell', () => {
  const needs = async (lines: readonly Line[], who: Who = {}): Promise<readonly Need[]> =>
    [...(await policyOf(file(lines))).needs(questionOf(who, 'ImageBuild', 'build'))].sort();

  it.each<[string, readonly Need[]]>([
    ['true', []],
    ["satisfies('baseline')", []],
    ["satisfies('restricted')", ['imageUser']],
    ["usersWithin('1000')", ['imageUser']],
    ['r.facts.user.root == false', ['imageUser']],
    ["imageFrom('docker.io/**')", ['baseImages', 'loadedImages']],
    ["anyOf(r.facts.images.name.domain, 'docker.io')", ['baseImages', 'loadedImages']],
    ["baseImagesFrom('docker.io/**')", ['baseImages']],
    ["allIn(r.facts.build.baseImages.reference, 'docker.io/**')", ['baseImages']],
    ["r.facts.build.builder == 'classic'", []],
    ["r.facts.image.reference == 'a'", []],
    [
      "true || !(satisfies('restricted') && imageFrom('docker.io/**'))",
      ['baseImages', 'imageUser', 'loadedImages'],
    ],
  ])('for %s is %j', async (condition, expected) => {
    expect(await needs([[condition]])).toEqual(expected);
    expect(await needs([['true'], [condition, 'deny']])).toEqual(expected);
  });

  it('is asked of grants that could match only', async () => {
    const condition = "imageFrom('docker.io/**')";
    expect(await needs([[condition]], { name: 'bob' })).toEqual([]);
    expect(await needs([[condition, 'allow', 'ImageLoad']])).toEqual([]);
    const elsewhere = `p, user:alice, image/**, ImageBuild, ${column(condition)}, allow`;
    expect([...(await policyOf(elsewhere)).needs(questionOf({}, 'ImageBuild', 'build'))]).toEqual([]);
    expect([...(await policyOf(elsewhere)).needs(questionOf({}, 'ImageBuild', 'image/a'))]).toHaveLength(2);
  });
});
