import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { writeContent } from '../../../src/docker/content.ts';
import { ConfigError } from '../../../src/errors.ts';
import { mutate } from '../../../src/policy/mutations/mutate.ts';
import { parsePorts } from '../../../src/tenancy/quota/ports.ts';
import { compileQuotas, defaultLimits, type QuotaRule } from '../../../src/tenancy/quota/rules.ts';
import { create } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'quaywarden-quotas-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(quotas: string) {
  const file = join(folder, 'quaywarden.yaml');
  writeFileSync(
    file,
    `tls: { certificate: a, key: b, clientCa: c }\ntenancy: { enabled: true }\nquotas:\n${quotas}\n`,
  );
  try {
    return loadConfig(file, {}).quotas;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fault.replace(/^.*?:\d+:\d+: /, ''));
  }
}

describe('the configuration of quotas', () => {
  it('is read, and nothing is limited that it does not name', () => {
    expect(
      load('  - { for: [team-a], containers: 2, memory: 4g, cpus: 0.5, ports: "1-2, ephemeral" }'),
    ).toEqual([{ for: ['team-a'], containers: 2, memory: '4g', cpus: 0.5, ports: '1-2, ephemeral' }]);
  });

  it.each([
    ['  - { for: [a] }', 'quotas[0]: name at least one limit'],
    ['  - { for: [], containers: 1 }', /^quotas\[0\].for must have at least one entry/],
    ['  - { for: ["a/b"], containers: 1 }', 'quotas[0].for[0] must be the name of a tenant, or *'],
    [
      '  - { for: [a], volumes: 1, container: 1 }',
      /^quotas\[0\].container is not a known key; did you mean `quotas\[0\].containers`/,
    ],
    ['  - { for: ["tenant:a"], containers: 1 }', 'quotas[0].for[0]: the bare name of a tenant: team-a'],
    ['  - { for: [a], memory: 4x }', 'quotas[0].memory must be a size such as 512m or 4g'],
    ['  - { for: [a], containers: -1 }', 'quotas[0].containers must be at least 0'],
    ['  - { for: [a], cpus: 0 }', 'quotas[0].cpus must be at least 0.01'],
    ['  - { for: [a], ports: "0-5" }', 'quotas[0].ports: ports such as 30000-30999, 8080 or ephemeral'],
    [
      '  - { for: [a, "*"], volumes: 1 }\n  - { for: [b], volumes: 1 }',
      /^quotas: only the last entry may be for \*/,
    ],
  ])('is refused: %s', (text, fault) => {
    const [first] = load(text) as string[];
    if (typeof fault === 'string') expect(first).toBe(fault);
    else expect(first).toMatch(fault);
  });
});

describe('the quota of a tenant', () => {
  const rules: readonly QuotaRule[] = [
    { for: ['a', 'b'], containers: 1, memory: '2k', cpus: 1.5, imageBytes: '1t' },
    { for: ['b', '*'], networks: 0, ports: '80' },
  ];

  it('is that of the first rule for it, alone', () => {
    const quotaFor = compileQuotas(rules);
    const first = { limits: { containers: 1n, memory: 2_048n, cpus: 1_500_000_000n }, imageBytes: 2n ** 40n };
    expect(quotaFor('a')).toEqual(first);
    expect(quotaFor('b')).toEqual(first);
    expect(quotaFor('c')).toEqual({ limits: { networks: 0n }, ports: parsePorts('80') });
    expect(compileQuotas([{ for: ['a'], containers: 1 }])('c')).toBeUndefined();
  });

  it('is refused when it is unsound', () => {
    expect(() => compileQuotas([{ for: ['a'], memory: 'much' }])).toThrow('"much" is no size');
    expect(() => compileQuotas([{ for: ['a'], ports: 'all' }])).toThrow('"all" names no ports');
  });
});

describe('ports', () => {
  it.each(['', '0', '65536', '5-4', '1-65536', '80;81', '80,', '-5', '080808', 'ephemerals'])(
    'are not %j',
    (text) => {
      expect(parsePorts(text)).toBeUndefined();
    },
  );

  it('are ranges, and those that the Engine picks', () => {
    expect(parsePorts('1-65535 ,80,ephemeral')).toEqual({
      text: '1-65535, 80, ephemeral',
      ranges: [
        { first: 1, last: 65_535 },
        { first: 80, last: 80 },
      ],
      ephemeral: true,
    });
    expect(parsePorts('ephemeral')).toEqual({ text: 'ephemeral', ranges: [], ephemeral: true });
  });
});

describe('default limits', () => {
  const mutationsFor = defaultLimits([
    { for: ['a'], containers: 5 },
    { for: ['*'], defaultMemory: '256m', defaultPids: 64 },
  ]);
  const made = (tenant: string, hostConfig: object) => {
    const { content, changes } = mutate(create(hostConfig), mutationsFor(tenant));
    const body = content === undefined ? {} : JSON.parse(writeContent(content).toString());
    return { changes, hostConfig: body.HostConfig };
  };

  it('are those of the rule that decides', () => {
    expect(made('b', {})).toEqual({
      changes: ['memory was limited to 256m', 'the number of processes was limited to 64'],
      hostConfig: { Memory: 268_435_456, PidsLimit: 64 },
    });
    expect(made('a', {}).changes).toEqual([]);
    expect(defaultLimits([{ for: ['a'], defaultPids: 1 }])('b')).toEqual([]);
  });

  it('leave alone what is asked for', () => {
    expect(made('b', { Memory: 6_291_456, PidsLimit: 7 })).toEqual({
      changes: [],
      hostConfig: { Memory: 6_291_456, PidsLimit: 7 },
    });
  });
});
