import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import type { Gateway } from '../support/gateway.ts';
import { type BulkEngine, drain, startBulkEngine } from './bulk-engine.ts';
import { begin, exec, idle, open, soon, standstill, tell, unfinished, upgraded, zeros } from './client.ts';
import { cpuOf, forgetPeak, memoryOf, peakOf, report } from './meter.ts';
import { heldBy, startMetered } from './metered.ts';

const MB = 1_000_000;
const GB = 1_000 * MB;
const SMALL = 20 * MB;

/**
 * How much more a large body may cost than a small one, in MB: Node collects dead buffers only when there are 64 MB
 * of them, or more while it can not keep pace. A gateway that kept what it forwards would need the size of the body.
 */
const FLAT = 200;
/** How much a gateway and the kernel may have taken from a sender that is to wait. */
const ON_THE_WAY = 30 * MB;
/** How much a gateway may hold for a receiver that does not read, in MB. */
const WAITING = 5;

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
    gateway = await startMetered({ engineSocket: engine.socketPath });
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
    await upload(SMALL); // compiles
    const small = await measured(gateway, 'upload, chunked', () => upload(SMALL));
    const large = await measured(gateway, 'upload, chunked', () => upload(2 * GB));
    expect(large - small).toBeLessThan(FLAT);
    const outcome = { status: 200, bytesIn: 2 * GB, ending: 'finished' };
    await soon(() => gateway.auditRecords().at(-1)?.outcome).toMatchObject(outcome);
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
    const before = await heldBy(gateway);
    const sent = begin(gateway, { method: 'PUT', path: ARCHIVE, headers: TAR });
    sent.on('error', () => {});
    zeros(GB).pipe(sent);
    await soon(() => sent.socket?.bytesWritten ?? 0).toBeGreaterThan(0);
    expect(await standstill(() => sent.socket?.bytesWritten ?? 0)).toBeLessThan(ON_THE_WAY);
    const waiting = await heldBy(gateway);
    report(`an upload that waits: live ${before.live} MB before, ${waiting.live} MB meanwhile`);
    expect(waiting.live - before.live).toBeLessThan(WAITING);
    sent.destroy();
    // What is on the way already comes before the end of the connection, and waits for the Engine too.
    resume();
    await soon(() => gateway.auditRecords().at(-1)?.outcome?.ending).toBe('client-closed');
    await soon(() => left).toBe(true);
  });

  it('a download of 600 MB by a client that pauses keeps the Engine waiting, and needs no more memory than a small one', {
    timeout: 120_000,
  }, async () => {
    let handedOver = 0;
    const send = (size: number) => {
      engine.act = (_request, response) => {
        handedOver = 0;
        response.writeHead(200, TAR);
        const source = zeros(size);
        source.on('data', (chunk: Buffer) => {
          handedOver += chunk.length;
        });
        source.pipe(response);
      };
    };
    const download = async () => readAll(await open(gateway, { path: ARCHIVE }));
    send(SMALL);
    await download(); // compiles
    const small = await measured(gateway, 'download, stream road', download);
    const before = await heldBy(gateway);
    send(600 * MB);
    const large = await measured(gateway, 'download with a pause, stream road', async () => {
      const answer = await open(gateway, { path: ARCHIVE });
      expect(await standstill(() => handedOver)).toBeLessThan(ON_THE_WAY);
      const waiting = await heldBy(gateway);
      report(`a download that waits: live ${before.live} MB before, ${waiting.live} MB meanwhile`);
      expect(waiting.live - before.live).toBeLessThan(WAITING);
      return readAll(answer);
    });
    expect(handedOver).toBe(600 * MB);
    expect(large - small).toBeLessThan(FLAT);
  });
});

describe('a slow reader of a real Engine', () => {
  const { socket } = inject('engine');
  const id = `memory-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startMetered({ engineSocket: socket });
  });

  afterAll(async () => {
    await removeNamed(socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('of 300 MB of exec output gets every byte, and needs no more memory than one of 20 MB', {
    timeout: 120_000,
  }, async () => {
    const container = await idle(gateway, `${id}-${randomBytes(2).toString('hex')}`);
    const output = async (size: number) => {
      const Cmd = ['head', '-c', String(size), '/dev/zero'];
      const made = await exec(gateway, container, { Cmd, Tty: false });
      return upgraded(gateway, `/v1.41/exec/${made}/start`, { Detach: false, Tty: false });
    };
    expect(await payload(await output(SMALL))).toBe(SMALL); // compiles
    const small = await measured(gateway, 'exec output, tunnel', async () => payload(await output(SMALL)));
    const before = await heldBy(gateway);
    const size = 300 * MB;
    const large = await measured(gateway, 'exec output with a pause, tunnel', async () => {
      const stream = await output(size);
      await standstill(() => memoryOf(gateway.pid));
      const waiting = await heldBy(gateway);
      report(`exec output that waits: live ${before.live} MB before, ${waiting.live} MB meanwhile`);
      expect(waiting.live - before.live).toBeLessThan(WAITING);
      const read = await payload(stream);
      expect(read).toBe(size);
      return read;
    });
    await soon(() => gateway.auditRecords().at(-1)?.outcome).toMatchObject({
      status: 101,
      ending: 'finished',
    });
    expect(gateway.auditRecords().at(-1)?.outcome?.bytesOut).toBeGreaterThanOrEqual(size);
    expect(large - small).toBeLessThan(FLAT);
  });
});

/** Reads frames to the end and counts what they carry, without keeping it. */
async function payload(stream: Readable): Promise<number> {
  let carried = 0;
  let left = 0;
  let head = Buffer.alloc(0);
  for await (const part of stream) {
    let chunk = part as Buffer;
    while (chunk.length > 0) {
      if (left > 0) {
        const taken = Math.min(left, chunk.length);
        left -= taken;
        carried += taken;
        chunk = chunk.subarray(taken);
        continue;
      }
      const missing = 8 - head.length;
      head = Buffer.concat([head, chunk.subarray(0, missing)]);
      chunk = chunk.subarray(missing);
      if (head.length < 8) break;
      left = head.readUInt32BE(4);
      head = Buffer.alloc(0);
    }
  }
  return carried;
}
