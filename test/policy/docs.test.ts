import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { ask, policyOf } from './support.ts';

const doc = readFileSync(new URL('../../docs/policies.md', import.meta.url), 'utf8');

describe('docs/policies.md', () => {
  it('lists every class with its operations', () => {
    for (const group of new Set(OPERATIONS.map((operation) => operation.class))) {
      const ids = OPERATIONS.filter((operation) => operation.class === group).map(({ id }) => id);
      expect(doc).toContain(`| \`@${group}\` | ${ids.sort().join(', ')} |`);
    }
  });

  it('says on what each operation acts', () => {
    const others: Record<string, string> = {
      ImageBuild: 'build',
      ImageSearch: 'registry',
      DistributionInspect: 'registry',
      SystemAuth: 'registry',
      PutContainerArchive: 'container',
      GetPluginPrivileges: 'plugin',
      Session: 'engine',
      Grpc: 'engine',
    };
    for (const id of Object.keys(others)) expect(doc).toContain(`\`${id}\``);
    for (const { id, kind } of OPERATIONS) {
      const named = /^(?:System|Debug)/.test(id)
        ? 'engine'
        : (/^[A-Z][a-z]+/.exec(id)?.[0].toLowerCase() as string);
      expect(others[id] ?? named, id).toBe(kind);
    }
  });

  it('teaches by grants that load and do what is said of them', async () => {
    const own = doc.slice(doc.indexOf('## Your own'));
    const block = /```\n([^`]*)```/.exec(own)?.[1] as string;
    const policy = await policyOf(`${block}\np, role:developer, **, @lifecycle @exec, true, allow\n`);
    const tried = (name: string, id: string, resource: string): string =>
      ask(policy, { name }, id, resource).effect;
    expect(tried('dashboard', 'ContainerList', 'container/-/')).toBe('allow');
    expect(tried('dashboard', 'ContainerInspect', 'container/-/web')).toBe('deny');
    expect(tried('alice', 'ContainerStop', 'container/-/web')).toBe('allow');
    expect(tried('alice', 'ContainerStop', 'container/-/prod-1')).toBe('deny');
    expect(tried('bot', 'ImagePush', 'image/registry.example.com/team/app:1')).toBe('allow');
    expect(tried('bot', 'ImagePush', 'image/registry.example.com/other/app:1')).toBe('deny');
    expect(tried('bot', 'SystemAuth', 'registry')).toBe('allow');
  });
});
