import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findOperation } from '../../src/docker/operations.ts';
import { ConfigError } from '../../src/errors.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { fileOf, MODEL, PROFILES } from './support.ts';

const TENANTS = new URL('../../policies/tenants.csv', import.meta.url);

function policyOf(grants: string, tenants = true) {
  return loadPolicy({ model: MODEL, grants: fileOf(grants, 'grants.csv'), profiles: PROFILES }, { tenants });
}

function who(tenant: string, ...roles: string[]) {
  return { name: 'alice', tenant, roles, method: 'certificate' };
}

/** Whether the operation is allowed as far as that can be told before the body. */
async function allows(grants: string, tenant: string, operationId: string, resource: string, role = 'dev') {
  const policy = await policyOf(grants);
  const operation = findOperation(operationId);
  if (operation === undefined) throw new Error(operationId);
  return policy.admits({ principal: who(tenant, role), resource, operation, version: 41, query: {} }).effect;
}

describe('{tenant} in a grant', () => {
  const OWN = 'p, role:dev, container/{tenant}/**, @read, true, allow';

  it('is the tenant of whoever asks, and no other', async () => {
    expect(await allows(OWN, 'red', 'ContainerInspect', 'container/red/web')).toBe('allow');
    expect(await allows(OWN, 'blue', 'ContainerInspect', 'container/red/web')).toBe('deny');
    expect(await allows(OWN, 'red', 'ContainerInspect', 'container/-/web')).toBe('deny');
    expect(await allows(OWN, 'red', 'ContainerInspect', 'container/redder/web')).toBe('deny');
  });

  it('holds in denials too', async () => {
    const grants =
      'p, role:dev, **, *, true, allow\np, role:dev, container/{tenant}/prod-*, ContainerKill, true, deny';
    expect(await allows(grants, 'red', 'ContainerKill', 'container/red/prod-1')).toBe('deny');
    expect(await allows(grants, 'red', 'ContainerKill', 'container/blue/prod-1')).toBe('allow');
  });

  it('in the second place of several kinds is a tenant, not the registry of an image', async () => {
    const all = 'p, role:dev, */{tenant}/**, *, true, allow\np, role:dev, *e*/{tenant}/**, *, true, allow';
    expect(await allows(all, 'docker.io', 'ContainerInspect', 'container/docker.io/web')).toBe('allow');
    expect(await allows(all, 'docker.io', 'ImageInspect', 'image/docker.io/library/alpine:3')).toBe('deny');
    expect(await allows(all, 'ghcr.io', 'DistributionInspect', 'registry/ghcr.io/a')).toBe('deny');
    for (const nowhere of ['*/{tenant}/**', 'image/{tenant}/**']) {
      const grants = `p, role:dev, ${nowhere}, ImageInspect, true, allow`;
      await expect(policyOf(grants)).rejects.toThrow(ConfigError);
    }
  });

  it('takes no sign of a tenant for a pattern', async () => {
    expect(await allows(OWN, 'a.b', 'ContainerInspect', 'container/a.b/web')).toBe('allow');
    expect(await allows(OWN, 'a.b', 'ContainerInspect', 'container/axb/web')).toBe('deny');
    expect(await allows(OWN, '$&', 'ContainerInspect', 'container/{tenant}/web')).toBe('deny');
  });

  it('is a fault where tenants are not told apart', async () => {
    await expect(policyOf(OWN, false)).rejects.toThrow(/tenants are not told apart/);
  });

  it('and the name of a tenant are no faults where they are; without a name of an object they are', async () => {
    await policyOf('p, role:dev, container/red/**, @read, true, allow');
    await expect(policyOf('p, role:dev, container/{tenant}, @read, true, allow')).rejects.toThrow(
      ConfigError,
    );
    await expect(policyOf('p, role:dev, container/red/**, @read, true, allow', false)).rejects.toThrow(
      ConfigError,
    );
  });

  it('lets grants name operations for kinds that their bodies name', async () => {
    const grants = 'p, role:dev, network/{tenant}/**, ContainerCreate, true, allow';
    await policyOf(grants);
    await expect(policyOf('p, role:dev, network/-/**, ContainerCreate, true, allow', false)).rejects.toThrow(
      /covers none of them/,
    );
  });
});

describe('what a policy can say without being asked about one object', () => {
  const asked = (operation: string, tenant = 'red', role = 'dev') => ({
    principal: who(tenant, role),
    operation,
  });

  it('is whether any grant allows an operation at all', async () => {
    const policy = await policyOf(
      'p, role:dev, container/blue/x, @read, true, allow\np, role:dev, **, @exec, true, deny',
    );
    expect(policy.speaksOf(asked('ContainerInspect'))).toBe(true);
    expect(policy.speaksOf(asked('ContainerExec'))).toBe(false);
    expect(policy.speaksOf(asked('ContainerInspect', 'red', 'other'))).toBe(false);
  });

  it.each([
    ['p, role:dev, **, *, true, allow', true],
    ['p, role:dev, container/**, *, true, allow', true],
    ['p, role:dev, container/*/**, *, true, allow', true],
    ['p, role:dev, container/{tenant}/**, *, true, allow', false],
    ['p, role:dev, container/*/web-*, *, true, allow', false],
    ['p, role:dev, container/*/*, *, true, allow', false],
    ["p, role:dev, **, *, satisfies('baseline'), allow", false],
    ['p, role:dev, network/**, *, true, allow', false],
    ['p, role:dev, **, *, true, allow\np, role:dev, container/blue/**, ContainerInspect, true, deny', false],
    ['p, role:dev, **, *, true, allow\np, role:dev, network/blue/**, NetworkInspect, true, deny', true],
  ])('%j: is everything of a kind allowed? %s', async (grants, expected) => {
    expect((await policyOf(grants)).isUnlimited(asked('ContainerInspect'), 'container')).toBe(expected);
  });

  it.each([
    ['p, role:dev, image/**, *, true, allow', true],
    ['p, role:dev, **, *, true, allow', true],
    // Names have from two parts to many, and ids one.
    ['p, role:dev, image/*/**, *, true, allow', false],
    ['p, role:dev, image/*/*/*, *, true, allow', false],
    ['p, role:dev, image/docker.io/**, *, true, allow', false],
  ])('%j: is every image allowed? %s', async (grants, expected) => {
    expect((await policyOf(grants)).isUnlimited(asked('ImageInspect'), 'image')).toBe(expected);
  });

  it.each([
    ['p, role:dev, **, *, true, allow', false],
    ['p, role:dev, container/**, *, true, allow', false],
    ['p, role:dev, */{tenant}/**, *, true, allow', false],
    ['p, role:dev, container/{tenant}/web, *, true, allow', true],
    ['p, role:dev, container/{tenant}/*, *, true, allow', true],
    ['p, role:dev, container/**/web, *, true, allow', true],
    ['p, role:dev, **, *, true, allow\np, role:dev, container/*/web, ContainerInspect, true, deny', true],
    ['p, role:dev, **, *, true, allow\np, role:dev, network/*/web, NetworkInspect, true, deny', false],
    ["p, role:dev, container/**, *, r.resource != 'container/red/vault', allow", true],
    [
      "p, role:dev, **, *, true, allow\np, role:dev, **, ContainerInspect, r.resource == 'container/red/vault', deny",
      true,
    ],
  ])('%j: do names matter? %s', async (grants, expected) => {
    expect((await policyOf(grants)).mindsNames(asked('ContainerInspect'), 'container')).toBe(expected);
  });
});

describe('the starter grants for tenants', () => {
  const grants = readFileSync(TENANTS, 'utf8');

  it.each([
    ['developer', 'ContainerExec', 'container/red/web', 'allow'],
    ['developer', 'ContainerExec', 'container/blue/web', 'deny'],
    ['developer', 'ContainerExec', 'container/-/web', 'deny'],
    ['developer', 'ContainerCreate', 'image/docker.io/library/alpine:3', 'allow'],
    ['developer', 'ImageTag', 'image/docker.io/library/alpine:3', 'deny'],
    ['developer', 'ImageDelete', 'image/docker.io/library/alpine:3', 'deny'],
    ['developer', 'ImageTag', 'image/docker.io/red/app:1', 'allow'],
    ['developer', 'ImageInspect', 'image/docker.io/blue/app:1', 'deny'],
    ['developer', 'ImagePush', 'image/registry.example.com:5000/red/app:1', 'allow'],
    ['developer', 'SecretInspect', 'secret/red/key', 'deny'],
    ['developer', 'BuildPrune', 'build', 'deny'],
    ['developer', 'Session', 'engine', 'deny'],
    ['developer', 'PluginPull', 'plugin/x', 'deny'],
    ['viewer', 'ContainerInspect', 'container/red/web', 'allow'],
    ['viewer', 'ContainerInspect', 'container/blue/web', 'deny'],
    ['viewer', 'ContainerLogs', 'container/red/web', 'deny'],
    ['ci', 'ContainerCreate', 'container/red/job', 'allow'],
    ['ci', 'ContainerKill', 'container/blue/job', 'deny'],
    ['operator', 'ContainerKill', 'container/blue/job', 'allow'],
  ])('%s: %s on %s is %s for somebody of red', async (role, operation, resource, effect) => {
    expect(await allows(grants, 'red', operation, resource, role)).toBe(effect);
  });
});
