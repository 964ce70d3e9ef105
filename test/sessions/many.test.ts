import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readCast } from '../../src/recording/reader.ts';
import { type BulkEngine, startBulkEngine } from '../fault/bulk-engine.ts';
import { endings, soon, upgraded } from '../fault/client.ts';
import { each } from '../fault/many.ts';
import { forgetPeak, memoryOf, peakOf, report } from '../fault/meter.ts';
import { heldBy, startMetered } from '../fault/metered.ts';
import type { Gateway } from '../support/gateway.ts';

const MB = 1_000_000;
const SESSIONS = 100;
const SIZE = 10 * MB;

/** How much more sessions of 10 MB may cost at their peak than sessions of 1 MB, in MB: all of them have 900 more. */
const FLAT = 100;

let engine: BulkEngine;
let gateway: Gateway;

beforeAll(async () => {
  engine = await startBulkEngine();
  gateway = await startMetered({
    engineSocket: engine.socketPath,
    config: { sessions: { record: [{ for: ['*'] }] } },
  });
});
afterAll(async () => {
  const { code } = await gateway.stop();
  await engine.close();
  rmSync(`${gateway.dir}/sessions`, { recursive: true, force: true });
  expect(code, gateway.log()).toBe(0);
});

/** 64 KiB as a terminal shows them: lines, colours, and some letters of two bytes. */
const PAGE = Buffer.from(
  Array.from({ length: 1_024 }, (_, line) => `\x1b[32m${line}\x1b[0m é ${'x'.repeat(40)}\r\n`).join(''),
);

/** Has the Engine write that many bytes on each stream, no faster than they are taken. */
function send(size: number): void {
  engine.onUpgrade = async (socket) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    for (let left = size; left > 0 && !socket.destroyed; left -= PAGE.length) {
      if (!socket.write(PAGE.subarray(0, left))) await once(socket, 'drain');
    }
    socket.end();
  };
}

/** Reads to the end. */
async function digest(stream: Duplex): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function replayed(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const { bytes } of (await readCast(path)).events) hash.update(bytes);
  return hash.digest('hex');
}

async function run(size: number): Promise<{ peak: number; seconds: number }> {
  send(size);
  const before = endings(gateway, 'ExecStart').length;
  forgetPeak(gateway.pid);
  const started = performance.now();
  const sessions = await each(SESSIONS, (index) =>
    upgraded(gateway, `/v1.41/exec/${index}/start`, { Detach: false, Tty: true }),
  );
  const digests = await Promise.all(sessions.map(digest));
  await soon(() => endings(gateway, 'ExecStart').length, 60_000).toBe(before + SESSIONS);
  expect(new Set(digests).size).toBe(1);
  return { peak: peakOf(gateway.pid), seconds: (performance.now() - started) / 1_000 };
}

it(`${SESSIONS} concurrent recorded sessions of ${SIZE / MB} MB cost no more memory than small ones, and replay whole`, {
  timeout: 180_000,
}, async () => {
  const small = await run(SIZE / 10);
  const old = new Set(readdirSync(`${gateway.dir}/sessions`));
  const before = await heldBy(gateway);
  const large = await run(SIZE);
  const made = readdirSync(`${gateway.dir}/sessions`).filter((name) => !old.has(name));
  const after = await heldBy(gateway);
  report(
    `${SESSIONS} recorded sessions of ${SIZE / MB} MB: ${large.seconds.toFixed(1)} s ` +
      `(${Math.round((SESSIONS * SIZE) / MB / large.seconds)} MB/s), gateway RSS peak ${large.peak} MB, of 1 MB ` +
      `${small.peak} MB; ${memoryOf(gateway.pid)} MB now; live ${before.live} MB before, ${after.live} MB after`,
  );
  expect(made).toHaveLength(SESSIONS);
  expect(large.peak - small.peak).toBeLessThan(FLAT);
  expect(after.live - before.live).toBeLessThan(6);

  const bytes = createHash('sha256');
  for (let left = SIZE; left > 0; left -= PAGE.length) bytes.update(PAGE.subarray(0, left));
  const wanted = bytes.digest('hex');
  for (const name of made.slice(0, 2)) expect(await replayed(`${gateway.dir}/sessions/${name}`)).toBe(wanted);
});
