import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import { open, record } from '../audit/log.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync('/tmp/quaywarden-fault-');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A refusal as it is recorded with a body: 64 KiB of it, each with other bytes. */
function refusal(index: number): AuditRecord {
  const { request, ...rest } = record(`r${index}`);
  const body = { Cmd: [Buffer.alloc(65_000, `${index} `).toString('latin1')] };
  return { ...rest, stage: 'refused', level: 'Request', request: { ...request, body } };
}

it('what waits for a log that can not be written is bounded by its size too', async () => {
  const log = await open(`${folder}/audit`);
  renameSync(`${folder}/audit`, `${folder}/away`);
  writeFileSync(`${folder}/audit`, 'no folder');
  const before = process.memoryUsage();
  for (let index = 0; index < 4_000; index += 1) {
    log.append(refusal(index));
    if (index % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  globalThis.gc?.();
  const { heapUsed } = process.memoryUsage();
  rmSync(`${folder}/audit`);
  renameSync(`${folder}/away`, `${folder}/audit`);
  await log.close();
  expect(heapUsed - before.heapUsed).toBeLessThan(128 * 1_048_576);
});
