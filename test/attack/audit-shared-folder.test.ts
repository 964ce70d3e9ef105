import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyFolder } from '../../src/audit/verify.ts';
import { keys, open, record } from '../audit/log.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync('/tmp/quaywarden-shared-');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('two gateways that can not see each other’s processes do not write one chain', async () => {
  const first = await open(folder);
  await first.commit(record('first'));
  // What a gateway in another container or on another host reads there: a process that it does not know.
  writeFileSync(`${folder}/lock`, '999999999 1\n');
  const second = await open(folder);
  await second.commit(record('second'));
  await expect(first.commit(record('late'))).rejects.toMatchObject({ code: 'ESHARED' });
  await expect(first.commit(record('later'))).rejects.toMatchObject({ code: 'ESHARED' });
  await second.commit(record('third'));
  await first.close();
  await second.close();
  const text = readFileSync(`${folder}/segment-000001.jsonl`, 'utf8');
  expect([...text.matchAll(/"id":"(\w+)"/g)].map(([, id]) => id).filter((id) => id?.length !== 64)).toEqual([
    'first',
    'second',
    'third',
  ]);
  expect(verifyFolder(folder, { keys: keys() })).toMatchObject({ ok: true });
});
