import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/policy/checks/all.ts';

const HERE = import.meta.dirname;
const NO_CHECK = ['all', 'check', 'words'];
const ids = CHECKS.map(({ id }) => id);

function names(folder: string, ending: string): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length))
    .filter((name) => !NO_CHECK.includes(name))
    .sort();
}

describe('the checks', () => {
  it('are the files of their folder, each named as its id', () => {
    expect(ids).toEqual(names(join(HERE, '../../../src/policy/checks'), '.ts'));
  });

  it('have a test each', () => {
    expect(names(HERE, '.test.ts')).toEqual(expect.arrayContaining(ids));
  });

  it('have each an id of its own, in kebab-case', () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  });
});
