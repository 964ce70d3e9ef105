import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import { open, record } from '../audit/log.ts';
import { readAuditLines } from '../support/audit.ts';

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
  for (let index = 0; index < 4_000; index += 1) {
    log.append(refusal(index));
    // The fault is known from the first turn on.
    if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  rmSync(`${folder}/audit`);
  renameSync(`${folder}/away`, `${folder}/audit`);
  await log.close();
  const lines = readAuditLines(`${folder}/audit`);
  const kept = lines.filter(({ type }) => type === 'request').length;
  const lost = lines.reduce((sum, line) => sum + (line.type === 'gap' ? line.lost : 0), 0);
  expect(kept + lost).toBe(4_000);
  // 65,000 characters each, 32 MB of them.
  expect(kept).toBeGreaterThan(400);
  expect(kept).toBeLessThan(800);
});
