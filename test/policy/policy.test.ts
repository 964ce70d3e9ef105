import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/policy/decision.ts';
import { ask, fileOf, MODEL, policyOf, questionOf, type Who } from './support.ts';

const effects = (decisions: readonly Decision[]): string[] => decisions.map(({ effect }) => effect);

describe('a decision', () => {
  it('is a denial when nothing grants', async () => {
    const policy = await policyOf('p, role:x, **, *, true, allow\n');
    expect(ask(policy, {}, 'SystemPing', 'engine')).toEqual({
      effect: 'deny',
      reason: 'not-granted',
      policyVersion: policy.version,
    });
  });

  it('cites the line of the grant that allowed', async () => {
    const policy = await policyOf('# comment\n\np, user:alice, engine, SystemPing, true, allow\n');
    const decision = ask(policy, {}, 'SystemPing', 'engine');
    expect(decision).toMatchObject({ effect: 'allow', reason: 'granted' });
    expect(decision.grant).toMatch(/^grants-\d+\.csv:3$/);
  });

  it('is a denial when a grant denies, before or after the one that allows, and cites the one that denied', async () => {
    const allow = 'p, user:alice, **, *, true, allow';
    const deny = 'p, user:alice, container/**, ContainerDelete, true, deny';
    for (const [lines, line] of [
      [[allow, deny], 2],
      [[deny, allow], 1],
    ] as const) {
      const policy = await policyOf(lines.join('\n'));
      const decision = ask(policy, {}, 'ContainerDelete', 'container/-/web');
      expect(decision).toMatchObject({ effect: 'deny', reason: 'denied-by-grant' });
      expect(decision.grant).toMatch(new RegExp(`:${line}$`));
      expect(ask(policy, {}, 'ContainerInspect', 'container/-/web').effect).toBe('allow');
    }
  });

  it('knows a principal by name, tenant, role, and as anybody', async () => {
    const policy = await policyOf(
      [
        'p, user:alice, engine, SystemPing, true, allow',
        'p, tenant:red, engine, SystemVersion, true, allow',
        'p, role:dev, engine, SystemInfo, true, allow',
        'p, *, engine, SystemEvents, true, allow',
      ].join('\n'),
    );
    const tried = (who: Who): string[] =>
      effects(
        ['SystemPing', 'SystemVersion', 'SystemInfo', 'SystemEvents'].map((id) =>
          ask(policy, who, id, 'engine'),
        ),
      );
    expect(tried({ name: 'alice' })).toEqual(['allow', 'deny', 'deny', 'allow']);
    expect(tried({ name: 'bob', tenant: 'red' })).toEqual(['deny', 'allow', 'deny', 'allow']);
    expect(tried({ name: 'bob', roles: ['other', 'dev'] })).toEqual(['deny', 'deny', 'allow', 'allow']);
  });

  it('does not take a principal for what its name, tenant or role looks like', async () => {
    const policy = await policyOf(
      'p, role:operator, **, *, true, allow\ng, role:operator, role:root\np, role:root, **, *, true, allow\n',
    );
    for (const who of [
      { name: 'operator' },
      { name: 'role:operator' },
      { tenant: 'operator' },
      { tenant: 'role:operator' },
      { roles: ['role:operator'] },
      { roles: ['Operator'] },
      { roles: ['*'] },
      { name: '*' },
    ]) {
      expect(ask(policy, who, 'SystemPing', 'engine').effect).toBe('deny');
    }
  });

  it('follows memberships through roles', async () => {
    const policy = await policyOf(
      [
        'g, user:alice, role:lead',
        'g, role:lead, role:dev',
        'g, tenant:red, role:dev',
        'p, role:dev, engine, SystemInfo, true, allow',
      ].join('\n'),
    );
    expect(ask(policy, { name: 'alice' }, 'SystemInfo', 'engine').effect).toBe('allow');
    expect(ask(policy, { name: 'bob', roles: ['lead'] }, 'SystemInfo', 'engine').effect).toBe('allow');
    expect(ask(policy, { name: 'bob', tenant: 'red' }, 'SystemInfo', 'engine').effect).toBe('allow');
    expect(ask(policy, { name: 'bob', tenant: 'blue' }, 'SystemInfo', 'engine').effect).toBe('deny');
    expect(ask(policy, { name: 'lead' }, 'SystemInfo', 'engine').effect).toBe('deny');
  });

  it.each([1, 9, 10, 11, 30, 200])('finds a denial behind %i memberships', async (depth) => {
    const links = Array.from({ length: depth - 1 }, (_, i) => `g, role:r${i}, role:r${i + 1}`);
    const policy = await policyOf(
      [
        'p, *, **, *, true, allow',
        'g, user:alice, role:r0',
        ...links,
        `p, role:r${depth - 1}, **, ContainerDelete, true, deny`,
      ].join('\n'),
    );
    expect(ask(policy, {}, 'ContainerDelete', 'container/-/web').reason).toBe('denied-by-grant');
    expect(ask(policy, { name: 'bob' }, 'ContainerDelete', 'container/-/web').reason).toBe('granted');
  });

  it('gives a member of several roles what each of them has, and takes what one of them may not', async () => {
    const policy = await policyOf(
      [
        'g, user:alice, role:a',
        'g, user:alice, role:b',
        'p, role:a, engine, SystemInfo, true, allow',
        'p, role:b, engine, SystemEvents, true, allow',
        'p, role:b, engine, SystemInfo, true, deny',
      ].join('\n'),
    );
    expect(ask(policy, {}, 'SystemEvents', 'engine').effect).toBe('allow');
    expect(ask(policy, {}, 'SystemInfo', 'engine').reason).toBe('denied-by-grant');
    expect(ask(policy, { name: 'bob', roles: ['a'] }, 'SystemInfo', 'engine').effect).toBe('allow');
  });

  it('is a denial for an operation that is not in the catalogue, whatever is granted', async () => {
    const policy = await policyOf('p, *, **, *, true, allow\n');
    const operation = { id: 'FutureThing', class: 'read' };
    expect(policy.decide({ ...questionOf({}, 'SystemPing', 'engine'), operation }).reason).toBe(
      'not-granted',
    );
  });

  it('is a denial over no grants at all', async () => {
    expect(ask(await policyOf('# nobody yet\n'), {}, 'SystemPing', 'engine').reason).toBe('not-granted');
  });

  it('is a denial when Casbin fails', async () => {
    const policy = await policyOf('p, *, **, *, true, allow\n');
    const roles = {
      map(): never {
        throw new Error('broken');
      },
    } as unknown as string[];
    expect(ask(policy, { roles }, 'SystemPing', 'engine')).toEqual({
      effect: 'deny',
      reason: 'policy-error',
      policyVersion: policy.version,
    });
  });

  it('knows the name of somebody with a comma in it', async () => {
    const policy = await policyOf('p, "user:Doe, Jane ""JD""", engine, SystemPing, true, allow\n');
    expect(ask(policy, { name: 'Doe, Jane "JD"' }, 'SystemPing', 'engine').effect).toBe('allow');
    expect(ask(policy, { name: 'Doe' }, 'SystemPing', 'engine').effect).toBe('deny');
  });

  it('reads lines that end as on Windows, and a file that begins with a byte order mark', async () => {
    const policy = await policyOf('\ufeffp, user:alice, engine, SystemPing, true, allow\r\n# end\r\n');
    expect(ask(policy, {}, 'SystemPing', 'engine').effect).toBe('allow');
  });

  it('keeps to the resource and the operations of the grant', async () => {
    const policy = await policyOf(
      'p, user:alice, image/docker.io/team/**, Image* !ImageDelete @build, true, allow\n',
    );
    const tried = (id: string, resource: string): string => ask(policy, {}, id, resource).effect;
    expect(tried('ImagePush', 'image/docker.io/team/app:1')).toBe('allow');
    expect(tried('ImagePush', 'image/docker.io/team')).toBe('allow');
    expect(tried('ImagePush', 'image/docker.io/teams/app:1')).toBe('deny');
    expect(tried('ImagePush', 'image/docker.io/team2')).toBe('deny');
    expect(tried('ImageDelete', 'image/docker.io/team/app:1')).toBe('deny');
    expect(tried('ImageBuild', 'image/docker.io/team/app:1')).toBe('allow');
    expect(tried('ContainerInspect', 'image/docker.io/team/app:1')).toBe('deny');
  });

  it('cites the last of several grants that allow, and the first of several that deny', async () => {
    const allow = 'p, user:alice, engine, SystemPing, true, allow';
    const deny = 'p, *, engine, @read, true, deny';
    expect(ask(await policyOf(`${allow}\n${allow}\n`), {}, 'SystemPing', 'engine').grant).toMatch(/:2$/);
    const denied = ask(await policyOf(`${allow}\n${deny}\n${allow}\n${deny}\n`), {}, 'SystemPing', 'engine');
    expect(denied.reason).toBe('denied-by-grant');
    expect(denied.grant).toMatch(/:2$/);
  });

  it('names a version that minds in which file something stands', async () => {
    const model = readFileSync(MODEL, 'utf8');
    const split = await policyOf('#\np, *, **, *, true, allow\n', fileOf(model, 'model.conf'));
    const joined = await policyOf('p, *, **, *, true, allow\n', fileOf(`${model}#\n`, 'model.conf'));
    expect(split.version).not.toBe(joined.version);
  });

  it('names a version that changes with either file', async () => {
    const grant = 'p, user:alice, engine, SystemPing, true, allow\n';
    const one = await policyOf(grant);
    const otherGrants = await policyOf(grant.replace('allow', 'deny'));
    const otherModel = await policyOf(
      grant,
      fileOf(`${readFileSync(MODEL, 'utf8')}# a word\n`, 'model.conf'),
    );
    expect(one.version).toMatch(/^[0-9a-f]{12}$/);
    expect((await policyOf(grant)).version).toBe(one.version);
    expect(new Set([one.version, otherGrants.version, otherModel.version]).size).toBe(3);
    expect(ask(one, {}, 'SystemPing', 'engine').policyVersion).toBe(one.version);
  });
});
