import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { HostPathFact } from '../../src/docker/facts/types.ts';
import { realPathHere, withResolvedPaths } from '../../src/tenancy/host-paths.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'qw-paths-')));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(`${root}/allowed/deep`, { recursive: true });
writeFileSync(`${root}/allowed/file`, '');
symlinkSync('/etc', `${root}/allowed/link`);
symlinkSync('deep', `${root}/allowed/inner`);
symlinkSync('/nowhere/to/be/found', `${root}/allowed/dangling`);
symlinkSync('loop', `${root}/allowed/loop`);

const fact = (path: string | null): HostPathFact => ({
  path,
  mode: 'rw',
  via: 'bind',
  field: 'HostConfig.Binds[0]',
});

describe('a path of this host', () => {
  it.each([
    ['allowed/deep', 'allowed/deep'],
    ['allowed/inner', 'allowed/deep'],
    ['allowed/inner/new/folder', 'allowed/deep/new/folder'],
    ['allowed/new', 'allowed/new'],
  ])('%s leads to %s', (path, to) => {
    expect(realPathHere(`${root}/${path}`)).toBe(`${root}/${to}`);
  });

  it('leads out of its folder through a link (E005)', () => {
    expect(realPathHere(`${root}/allowed/link`)).toBe('/etc');
    expect(realPathHere(`${root}/allowed/link/cron.d.new`)).toBe('/etc/cron.d.new');
  });

  it.each(['allowed/dangling', 'allowed/dangling/x', 'allowed/loop', 'allowed/file/below'])(
    'can not be told of %s',
    (path) => {
      expect(realPathHere(`${root}/${path}`)).toBeNull();
    },
  );

  it('is / for /', () => {
    expect(realPathHere('/')).toBe('/');
  });
});

describe('facts with resolved paths', () => {
  it('hold a path that leads elsewhere twice, and one that can not be told as such', () => {
    const leads: Record<string, string | null> = { '/a': '/a', '/l': '/etc', '/d': null };
    const facts = { ...NO_FACTS, hostPaths: [fact('/a'), fact('/l'), fact('/d'), fact(null)] };
    expect(withResolvedPaths(facts, (path) => leads[path] ?? null).hostPaths).toEqual([
      fact('/a'),
      fact('/l'),
      fact('/etc'),
      fact('/d'),
      fact(null),
      fact(null),
    ]);
  });

  it('are the same where nothing leads elsewhere', () => {
    const facts = { ...NO_FACTS, hostPaths: [fact('/a')] };
    expect(withResolvedPaths(facts, (path) => path)).toBe(facts);
  });
});
