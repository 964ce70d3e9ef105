import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const small = createRequire(import.meta.url)(`${root}deploy/undici.cjs`) as Record<string, unknown>;

/** All that a folder's files match. */
function found(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:js|ts)$/.test(entry.name))
    .flatMap(({ parentPath, name }) => [...readFileSync(`${parentPath}/${name}`, 'utf8').matchAll(pattern)])
    .map(([, name = '']) => name);
}

describe('what is built in the place of undici', () => {
  it('has every name of it that @fastify/reply-from uses', () => {
    const names = found(`${root}node_modules/@fastify/reply-from/lib`, /\bundici\.([A-Z]\w*|get\w+)/g);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect([name, typeof small[name]]).toEqual([name, 'function']);
  });

  it('has every name of it that the program uses', () => {
    const names = found(`${root}src`, /\bundici\.([A-Z]\w*)/g);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) expect([name, typeof small[name]]).toEqual([name, 'function']);
  });

  it('is the same as undici has', async () => {
    const all = (await import('undici')) as unknown as Record<string, unknown>;
    for (const name of ['Pool', 'Agent', 'Client', 'Dispatcher'])
      expect((small[name] as { name: string }).name).toBe((all[name] as { name: string }).name);
    expect((small['Pool'] as { prototype: { request: unknown } }).prototype.request).toBeTypeOf('function');
  });
});
