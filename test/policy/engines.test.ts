import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import type { Policy } from '../../src/policy/decision.ts';
import { loadPolicies } from '../../src/policy/load.ts';
import { fileOf, MODEL, PROFILES } from './support.ts';

const ENGINES = [{ name: 'default' }, { name: 'build' }, { name: 'gpu' }];

function policiesOf(grants: string, engines = ENGINES): Promise<ReadonlyMap<string, Policy>> {
  return loadPolicies(
    { model: MODEL, grants: fileOf(grants, 'grants.csv'), profiles: PROFILES },
    { engines },
  );
}

async function faultsOf(grants: string, engines = ENGINES): Promise<readonly string[]> {
  const failure: unknown = await policiesOf(grants, engines).catch((error: unknown) => error);
  if (!(failure instanceof ConfigError)) throw new Error('loaded');
  return failure.faults.map((fault) => fault.replace(/^.*\.csv:/, ''));
}

/** On which Engines alice may. */
async function where(grants: string, id: string, resource: string): Promise<string[]> {
  const policies = await policiesOf(grants);
  const principal = { name: 'alice', tenant: 't', roles: ['developer'], method: 'certificate' };
  const asked = { principal, resource, operation: { id, class: 'read' }, version: 41, query: {} };
  return [...policies].flatMap(([name, policy]) => (policy.admits(asked).effect === 'allow' ? [name] : []));
}

describe('a grant', () => {
  it.each([
    ['**', 'container/-/web', ['default']],
    ['container/**', 'container/-/web', ['default']],
    ['engine/default/container/**', 'container/-/web', ['default']],
    ['engine/build/container/**', 'container/-/web', ['build']],
    ['engine/build/**', 'container/-/web', ['build']],
    ['engine/*/container/-/w*', 'container/-/web', ['default', 'build', 'gpu']],
    ['engine/*/container/-/w*', 'container/-/api', []],
    ['*/-/**', 'container/-/web', ['default']],
  ])('for %s on %s is one on %j', async (pattern, resource, engines) => {
    expect(
      await where(`p, user:alice, ${pattern}, ContainerInspect, true, allow\n`, 'ContainerInspect', resource),
    ).toEqual(engines);
  });

  it.each([
    ['engine', ['default']],
    ['engine/**', ['default']],
    ['engine/build/engine', ['build']],
    ['engine/build/engine/**', ['build']],
    ['engine/*/engine', ['default', 'build', 'gpu']],
  ])('for %s is one for the Engine itself on %j', async (pattern, engines) => {
    expect(
      await where(`p, user:alice, ${pattern}, SystemInfo, true, allow\n`, 'SystemInfo', 'engine'),
    ).toEqual(engines);
  });

  it('denies where it says, and nowhere else', async () => {
    const grants =
      'p, user:alice, engine/*/container/**, ContainerInspect, true, allow\n' +
      'p, user:alice, engine/build/container/**, ContainerInspect, true, deny\n';
    expect(await where(grants, 'ContainerInspect', 'container/-/web')).toEqual(['default', 'gpu']);
  });

  it('is cited by its line, and all Engines have one version', async () => {
    const policies = await policiesOf(
      '# a comment\np, user:alice, engine/build/engine, SystemInfo, true, allow\n',
    );
    const versions = [...policies.values()].map(({ version }) => version);
    expect(new Set(versions).size).toBe(1);
    const principal = { name: 'alice', tenant: 't', roles: [], method: 'certificate' };
    const operation = { id: 'SystemInfo', class: 'read' };
    const decision = policies
      .get('build')
      ?.admits({ principal, resource: 'engine', operation, version: 41, query: {} });
    expect(decision?.grant).toMatch(/^grants-\d+\.csv:2$/);
  });
});

describe('a membership', () => {
  it('holds on every Engine, and its role may be spoken of on one alone', async () => {
    const grants =
      'p, role:builder, engine/build/container/**, ContainerInspect, true, allow\n' +
      'p, role:reader, engine/gpu/container/**, ContainerInspect, true, allow\n' +
      'g, role:developer, role:builder\ng, user:alice, role:reader\n';
    expect(await where(grants, 'ContainerInspect', 'container/-/web')).toEqual(['build', 'gpu']);
  });

  it('of a role that nothing is said of is a fault, once', async () => {
    const grants = 'p, role:builder, engine/build/**, *, true, allow\ng, user:alice, role:bilder\n';
    expect(await faultsOf(grants)).toEqual([
      '2: nothing is granted or denied to role:bilder; did you mean role:builder?',
    ]);
  });
});

describe('what is wrong', () => {
  const line = (resource: string): string => `p, user:alice, ${resource}, ContainerInspect, true, allow\n`;

  it.each([
    [
      'engine/biuld/container/**',
      '"engine/biuld/container/**" names no Engine: there are default, build, gpu, and * for all of them; did you mean engine/build/?',
    ],
    ['engine/b*/container/**', 'names no Engine'],
    ['engine/**/container/**', 'names no Engine'],
    ['engine//container/**', 'names no Engine'],
    ['engine/build', 'says which Engine and not what on it: write engine/build/engine'],
    ['engine/*', 'says which Engine and not what on it'],
    ['engine/build/', 'is no pattern of the form kind/tenant/name'],
    ['engine/build/conatiner/**', 'begins with no known kind'],
    ['engine/build/engine/gpu/container/**', 'can match nothing: there is one engine'],
    ['engine/*/container/team-a/**', 'can match nothing: write container/-/'],
  ])('with %s is told once, with its line', async (resource, sentence) => {
    expect(await faultsOf(`# first\n${line(resource)}`)).toEqual([expect.stringContaining(sentence)]);
    expect((await faultsOf(`# first\n${line(resource)}`))[0]).toMatch(/^2: the resource /);
  });

  it('is told of an Engine where there is one', async () => {
    expect(await faultsOf(line('engine/build/container/**'), [{ name: 'default' }])).toEqual([
      '1: the resource "engine/build/container/**" names no Engine: there are default, and * for all of them',
    ]);
  });

  it('is told of lines for every Engine, in their order', async () => {
    const grants = `p, nobody, engine/gpu/**, *, true, allow\np, user:a, **, Nothing, true, allow\np, user:a, engine/*/**, *, true, perhaps\n`;
    const faults = await faultsOf(grants);
    expect(faults.map((fault) => fault.split(':', 1)[0])).toEqual(['1', '2', '3']);
  });
});
