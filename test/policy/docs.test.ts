import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageFact } from '../../src/docker/facts/image.ts';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { CHECKS } from '../../src/policy/checks/all.ts';
import { denied } from '../../src/policy/denial.ts';
import { FUNCTIONS } from '../../src/policy/functions/all.ts';
import { parseProfiles } from '../../src/policy/profiles.ts';
import { column } from './conditions/support.ts';
import { ask, PROFILES, policyOf, questionOf, type What, type Who } from './support.ts';

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
    const own = block('## Your own');
    const policy = await policyOf(`${own}\np, role:developer, **, @lifecycle @exec, true, allow\n`);
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

  it('documents every function in the words of its file, with an example', () => {
    const rows = [...doc.matchAll(/^\| `(\w+)\(.*$/gm)].map(([row]) => row);
    expect(rows).toEqual(
      FUNCTIONS.map(({ name, example, means, reason }) => {
        const id = name === 'satisfies' ? "the check's" : `\`${reason}\``;
        return `| \`${example}\` | ${means} | ${id} |`;
      }),
    );
  });

  it('gives examples that compile, each a call of its function', async () => {
    for (const { name, example } of FUNCTIONS) {
      expect(example.startsWith(`${name}(`)).toBe(true);
      await policyOf(`p, *, **, *, ${column(example)}, allow\n`);
    }
  });

  it('teaches by conditions that load and do what is said of them', async () => {
    const policy = await policyOf(block('## Conditions'));
    const developer = { roles: ['developer'] };
    const create = (what: What, who: Who = developer): string =>
      ask(policy, who, 'ContainerCreate', 'container/-/web', what).reason;
    const small = {
      runs: 'container' as const,
      images: [imageFact('Image', 'registry.example.com/team/app:1')],
      resources: { memory: { field: 'HostConfig.Memory', value: 2n ** 30n }, ulimits: [] },
    };
    const port = (address: string) => ({
      ...{ field: 'PortBindings', container: '80/tcp', address },
      host: { first: 8080, last: 8080 },
    });
    expect(create({ facts: small })).toBe('granted');
    expect(create({ facts: { ...small, images: [imageFact('Image', 'alpine')] } })).toBe(
      'image-not-permitted',
    );
    expect(create({ facts: { ...small, resources: { ulimits: [] } } })).toBe('memory-limit');
    expect(create({ facts: { ...small, privileged: [{ field: 'HostConfig.Privileged' }] } })).toBe(
      'privileged',
    );
    expect(create({ facts: { ...small, ports: [port('127.0.0.1')] } })).toBe('granted');
    expect(create({ facts: { ...small, ports: [port('')] } })).toBe('denied-by-grant');
    expect(create({ facts: small, body: { HostConfig: { NanoCpus: 17_000_000_000n } } })).toBe(
      'denied-by-grant',
    );
    const volume = (name: string) => ({
      field: 'Name',
      name,
      driver: 'local',
      options: [],
      mode: 'rw' as const,
    });
    const question = questionOf({ roles: ['ci'] }, 'VolumeCreate', 'volume/-/x', {
      facts: { volumes: [volume('x')] },
    });
    expect(policy.decide(question).reason).toBe('granted');
    const byToken = { ...question, principal: { ...question.principal, method: 'jwt' } };
    expect(policy.decide(byToken).reason).toBe('volume-not-permitted');
    expect(policy.decide({ ...byToken, facts: { ...byToken.facts, volumes: [volume('ci-1')] } }).reason).toBe(
      'granted',
    );
  });

  it('teaches by a profile that loads beside the shipped ones', () => {
    const own = block('## Profiles', 'yaml').slice('profiles:\n'.length);
    const { profiles, faults } = parseProfiles('p.yaml', `${readFileSync(PROFILES, 'utf8')}\n${own}`, CHECKS);
    expect(faults).toEqual([]);
    const ids = profiles.get('build-farm')?.checks.map(({ id }) => id) ?? [];
    expect(ids).toContain('drop-all-capabilities');
    expect(ids).toContain('host-path');
    expect(ids).not.toContain('privileged-port');
  });

  it('teaches by a grant of unknown fields', async () => {
    const policy = await policyOf(block('## Unknown fields'));
    const asked = questionOf({ roles: ['early-adopter'] }, 'ContainerCreate', 'container/-/web');
    expect(policy.allowsUnknownFields(asked)).toBe(true);
    expect(policy.decide(asked).reason).toBe('not-granted');
  });

  it('shows a refusal as it is', async () => {
    const policy = await policyOf(
      `${'\n'.repeat(11)}p, *, **, *, "satisfies('baseline') && memoryAtMost('2g')", allow`,
    );
    const asked = questionOf({ roles: ['developer'] }, 'ContainerCreate', 'container/-/web', {
      facts: { runs: 'container', privileged: [{ field: 'HostConfig.Privileged' }] },
    });
    const decision = { ...policy.decide(asked), resource: 'container/-/web' };
    const { publicMessage } = denied(asked, decision, undefined);
    const shown = publicMessage.replaceAll(/grants-\d+\.csv/g, 'grants.csv');
    expect(doc.replaceAll(/\s+/g, ' ')).toContain(shown);
  });
});

/** The first block of code behind a heading. */
function block(heading: string, language = ''): string {
  const text = doc.slice(doc.indexOf(`\n${heading}\n`));
  return new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(text)?.[1] as string;
}
