import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrontDoor } from '../support/front-door.ts';
import { CASES } from './cases/all.ts';
import { observe } from './corpus/observe.ts';
import { openForCorpus, openForTenants } from './corpus/persona.ts';
import { faultsOf } from './corpus/verify.ts';

// `npm run attack` prints the same as a table.

let one: FrontDoor;
let tenants: FrontDoor;
beforeAll(async () => {
  one = await openForCorpus();
  tenants = await openForTenants();
});
afterAll(async () => {
  await one.close();
  await tenants.close();
});

describe('the corpus of attacks', () => {
  it('has every case of the table', () => {
    const table = readFileSync(new URL('../data/attacks.md', import.meta.url), 'utf8');
    const listed = [...table.matchAll(/^\| ([A-G]\d{3}) \|/gm)].map(([, id]) => id);
    expect(listed).toHaveLength(123);
    const covered = new Set(CASES.map(({ id }) => id));
    expect(listed.filter((id) => !covered.has(id as string))).toEqual([]);
    const apart = new Set(CASES.filter((each) => each.tenants !== undefined).map(({ id }) => id));
    expect(listed.filter((id) => /^[FG]/.test(id as string) && !apart.has(id as string))).toEqual([]);
  });

  it.each(CASES.map((each) => [each.id, each.title, each] as const))('%s: %s', async (_id, _title, each) => {
    const door = each.tenants === undefined ? one : tenants;
    const faults: string[] = [];
    for (const attempt of each.attempts) faults.push(...faultsOf(each, await observe(door, each, attempt)));
    expect(faults).toEqual([]);
  });
});
