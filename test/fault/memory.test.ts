import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { type BulkEngine, drain, startBulkEngine } from './bulk-engine.ts';
import { begin, exec, idle, open, soon, tell, unfinished, upgraded, zeros } from './client.ts';
import { cpuOf, forgetPeak, memoryOf, peakOf, report } from './meter.ts';

const MB = 1_000_000;
const GB = 1_000 * MB;
const TAR = { 'Content-Type': 'application/x-tar' };
const ARCHIVE = '/v1.41/containers/box/archive?path=/';

/** Reads to the end as fast as it comes; resolves with the number of bytes. */
async function readAll(stream: Readable): Promise<number> {
  let size = 0;
  for await (const chunk of stream) size += (chunk as Buffer).length;
  return size;
}

/** Runs a transfer and reports what the gateway needed for it; returns the peak in MB. */
async function measured(gateway: Gateway, what: string, run: () => Promise<number>): Promise<number> {
  const before = memoryOf(gateway.pid);
  const cpu = cpuOf(gateway.pid);
  forgetPeak(gateway.pid);
  const started = performance.now();
  const size = await run();
  const seconds = (performance.now() - started) / 1_000;
  const peak = peakOf(gateway.pid);
  report(
    `${what}: ${size / MB} MB in ${seconds.toFixed(1)} s (${Math.round(size / MB / seconds)} MB/s), ` +
      `gateway RSS ${before} MB before, peak ${peak} MB, ${(cpuOf(gateway.pid) - cpu).toFixed(1)} s CPU`,
  );
  return peak;
}

describe('bodies of gigabytes', () => {
  let engine: BulkEngine;
  let gateway: Gateway;

  beforeAll(async () => {
    engine = await startBulkEngine();
    gateway = await startGateway({ engineSocket: engine.socketPath });
  });

  afterAll(async () => {
    const { code } = await gateway.stop();
    await engine.close();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  async function upload(size: number): Promise<number> {
    const body = zeros(size);
    const told = await tell(gateway, { method: 'PUT', path: ARCHIVE, headers: TAR, body });
    expect(told).toMatchObject({ status: 200, body: `{"size":${size}}`, whole: true });
    return size;
  }

  it('an upload of 2 GB needs no more memory than one of 20 MB', { timeout: 120_000 }, async () => {
    engine.act = drain;
    await upload(20 * MB); // compiles
    const small = await measured(gateway, 'upload, chunked', () => upload(20 * MB));
    const large = await measured(gateway, 'upload, chunked', () => upload(2 * GB));
    expect(large - small).toBeLessThan(40);
    const record = gateway.auditRecords().at(-1);
    expect(record?.outcome).toMatchObject({ status: 200, bytesIn: 2 * GB, ending: 'finished' });
  });

  it('an upload that the Engine does not read waits, and costs nothing', async () => {
    let resume = (): void => {};
    let left = false;
    engine.act = (request) => {
      resume = () => void request.resume();
      request.once('close', () => {
        left = true;
      });
    };
    const before = memoryOf(gateway.pid);
    const sent = begin(gateway, { method: 'PUT', path: ARCHIVE, headers: TAR });
    sent.on('error', () => {});
    zeros(GB).pipe(sent);
    await sleep(1_500);
    const early = sent.socket?.bytesWritten ?? 0;
    await sleep(1_500);
    expect(sent.socket?.bytesWritten).toBe(early);
    expect(early).toBeLessThan(16 * MB);
    expect(memoryOf(gateway.pid) - before).toBeLessThan(25);
    sent.destroy();
    // What is on the way already comes before the end of the connection, and waits for the Engine too.
    resume();
    await soon(() => gateway.auditRecords().at(-1)?.outcome?.ending).toBe('client-closed');
    await soon(() => left).toBe(true);
  });

  it('a download of 1 GB by a client that pauses keeps the Engine waiting and memory flat', {
    timeout: 90_000,
  }, async () => {
    let handedOver = 0;
    engine.act = (_request, response) => {
      response.writeHead(200, TAR);
      const source = zeros(GB);
      source.on('data', (chunk: Buffer) => {
        handedOver += chunk.length;
      });
      source.pipe(response);
    };
    const peak = await measured(gateway, 'download with a pause of 3 s, stream road', async () => {
      const answer = await open(gateway, { path: ARCHIVE });
      await sleep(1_500);
      const early = handedOver;
      await sleep(1_500);
      expect(handedOver).toBe(early);
      expect(early).toBeLessThan(16 * MB);
      return readAll(answer);
    });
    expect(handedOver).toBe(GB);
    expect(peak).toBeLessThan(200);
  });
});

describe('a slow reader of a real Engine', () => {
  const { socket } = inject('engine');
  const id = `memory-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: socket });
  });

  afterAll(async () => {
    await removeNamed(socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('of 1 GB of exec output holds memory flat, and gets every byte', { timeout: 90_000 }, async () => {
    const container = await idle(gateway, id);
    const made = await exec(gateway, container, { Cmd: ['head', '-c', String(GB), '/dev/zero'], Tty: false });
    const peak = await measured(gateway, 'exec output with a pause of 3 s, tunnel', async () => {
      const stream = await upgraded(gateway, `/v1.41/exec/${made}/start`, { Detach: false, Tty: false });
      await sleep(1_500);
      const early = memoryOf(gateway.pid);
      await sleep(1_500);
      expect(memoryOf(gateway.pid) - early).toBeLessThan(5);
      let payload = 0;
      let skip = 0;
      let head = Buffer.alloc(0);
      // Counts what the frames carry without keeping it.
      for await (const part of stream) {
        let chunk = part as Buffer;
        while (chunk.length > 0) {
          if (skip > 0) {
            const taken = Math.min(skip, chunk.length);
            skip -= taken;
            payload += taken;
            chunk = chunk.subarray(taken);
            continue;
          }
          const missing = 8 - head.length;
          head = Buffer.concat([head, chunk.subarray(0, missing)]);
          chunk = chunk.subarray(missing);
          if (head.length < 8) break;
          skip = head.readUInt32BE(4);
          head = Buffer.alloc(0);
        }
      }
      return payload;
    });
    await soon(() => gateway.auditRecords().at(-1)?.outcome).toMatchObject({
      status: 101,
      ending: 'finished',
    });
    expect(gateway.auditRecords().at(-1)?.outcome?.bytesOut).toBeGreaterThanOrEqual(GB);
    expect(peak).toBeLessThan(200);
  });
});
