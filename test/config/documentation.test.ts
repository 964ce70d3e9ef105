import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ConfigKey, configKeys } from '../../src/config/keys.ts';
import { configSchema } from '../../src/config/schema.ts';

interface Row {
  readonly path: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

const text = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const rows: Row[] = [...text.matchAll(/^\| `([a-zA-Z.[\]]+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, path = '', type = '', fallback = '', meaning = '']) => ({ path, type, fallback, meaning }),
);
const keys = configKeys(configSchema).filter(({ kind }) => kind !== 'section');

const TYPES: Readonly<Record<ConfigKey['kind'], RegExp>> = {
  section: /^$/,
  list: /^list\b/,
  map: /^mapping\b/,
  text: /^(text|file|name|URL)\b/,
  number: /^number, \d/,
  boolean: /^true or false$/,
  choice: /^`/,
};

function defaultOf({ required, fallback }: ConfigKey): string {
  if (required) return 'required';
  if (fallback === undefined) return '–';
  return `\`${typeof fallback === 'object' ? JSON.stringify(fallback) : String(fallback)}\``;
}

/** The bounds of a number, as the schema enforces them. */
function accepts(path: string, value: number): boolean {
  const given = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
  const parsed = configSchema.safeParse({ tls: { certificate: 'a', key: 'b' }, ...(given as object) });
  return parsed.success;
}

describe('docs/configuration.md', () => {
  it('describes every key of the schema, and none that it does not have, each once', () => {
    expect(rows.map(({ path }) => path)).toEqual(expect.arrayContaining(keys.map(({ path }) => path)));
    expect(rows.map(({ path }) => path).sort()).toEqual(keys.map(({ path }) => path).sort());
    expect(keys.length).toBeGreaterThan(50);
  });

  it.each(keys.map((key) => [key.path, key] as const))(
    'tells type, words and default of %s as they are',
    (path, key) => {
      const row = rows.find((candidate) => candidate.path === path);
      expect(row?.type).toMatch(TYPES[key.kind]);
      expect(row?.fallback).toBe(defaultOf(key));
      expect(row?.meaning).toMatch(/\.$/);
      if (key.kind === 'choice')
        expect([...(row?.type.matchAll(/`([^`]+)`/g) ?? [])].map(([, word]) => word)).toEqual(key.choices);
    },
  );

  const bounded = rows.filter(
    ({ path, type }) => /^(limits|shutdown)\.[^[]+$/.test(path) && type.startsWith('number'),
  );
  it.each(bounded.map(({ path, type }) => [path, type] as const))(
    'tells the bounds of %s as they are',
    (path, type) => {
      const [, least = '', most = ''] = /^number, (\d+) to (\d+)(?: (?:seconds|bytes))?$/.exec(type) ?? [];
      expect(least).not.toBe('');
      expect([accepts(path, Number(least)), accepts(path, Number(most))]).toEqual([true, true]);
      expect([accepts(path, Number(least) - 1), accepts(path, Number(most) + 1)]).toEqual([false, false]);
    },
  );
});
