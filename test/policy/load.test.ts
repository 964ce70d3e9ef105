import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { dir, fileOf, MODEL, PROFILES } from './support.ts';

async function failure(model: string, grants: string): Promise<readonly string[]> {
  const error: unknown = await loadPolicy({ model, grants, profiles: PROFILES }).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).faults;
}

describe('loading a policy', () => {
  it('says how to get the files when they are not there, both at once', async () => {
    expect(await failure(join(dir, 'no.conf'), join(dir, 'no.csv'))).toEqual([
      `${dir}/no.conf: can not be read (ENOENT); "quaywarden init" writes starter policies`,
      `${dir}/no.csv: can not be read (ENOENT); "quaywarden init" writes starter policies`,
    ]);
  });

  it('names faults in both files at once', async () => {
    const grants = fileOf('p, a\n', 'grants.csv');
    expect(await failure(join(dir, 'no.conf'), grants)).toEqual([
      expect.stringContaining('no.conf: can not be read'),
      expect.stringContaining('.csv:1: a grant has 6 columns'),
    ]);
  });

  it('does not read a folder, nor what is not UTF-8', async () => {
    mkdirSync(join(dir, 'folder'));
    expect(await failure(MODEL, join(dir, 'folder'))).toEqual([
      `${dir}/folder: can not be read (EISDIR); check path and permissions`,
    ]);
    const latin1 = fileOf(Buffer.from('p, user:jos\xe9, **, *, true, allow\n', 'latin1'), 'grants.csv');
    expect(await failure(MODEL, latin1)).toEqual([`${latin1}: the file is not UTF-8 text; save it as such`]);
  });
});
