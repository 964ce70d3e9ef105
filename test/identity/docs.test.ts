import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configSchema } from '../../src/config/schema.ts';

const page = readFileSync(new URL('../../docs/identity.md', import.meta.url), 'utf8');
const sources = new URL('../../src/identity/', import.meta.url);

describe('docs/identity.md', () => {
  it('has a remedy for every reason that identity gives, and for no other', () => {
    const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(new URL(file, sources), 'utf8'))
      .join('\n');
    const reasons =
      code.match(
        /(?<=')(certificate|token|no|authorization|identity|keys|principal|revocation)-[a-z-]+(?=')/g,
      ) ?? [];
    const table = page.slice(page.indexOf('## Every refusal'));
    const documented = [...table.matchAll(/^\| `([a-z-]+)`/gm)].map(([, reason]) => reason);
    const settings = ['token-names'];
    expect([...documented].sort()).toEqual(
      [...new Set(reasons)].filter((reason) => !settings.includes(reason)).sort(),
    );
  });

  it('shows configuration that the schema takes', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => block ?? '');
    expect(blocks).toHaveLength(6);
    const keys = { file: 'keys.json' };
    for (const block of blocks) {
      const parsed: unknown = parse(block);
      if (block.startsWith('identity:')) {
        configSchema.shape.identity.parse((parsed as { identity: unknown }).identity);
        continue;
      }
      const entries = Array.isArray(parsed)
        ? parsed
        : [{ issuer: 'x', audience: ['x'], algorithms: ['ES256'], ...(parsed as object) }];
      configSchema.shape.identity.parse({
        jwt: { issuers: entries.map((entry: object) => ({ keys, ...entry })) },
      });
    }
  });
});
