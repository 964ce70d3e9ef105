import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
import { soon } from './client.ts';
import { each } from './many.ts';
import { connectionsOf, descriptorsOf, memoryOf, report } from './meter.ts';

const LIST = http('GET /v1.41/containers/json');

describe('a crowd of clients', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({ config: { limits: { headersSeconds: 5 } } });
  });
  afterAll(() => door.close());

  it('that opens 5,000 connections: others are served meanwhile, and all is given back', async () => {
    const { gateway } = door;
    expect((await door.ask(LIST)).status).toBe(200);
    const before = { files: descriptorsOf(gateway.pid), memory: memoryOf(gateway.pid) };
    const open: Socket[] = [];
    let most = 0;
    const others: number[] = [];
    let over = false;
    const asking = (async () => {
      while (!over) others.push((await door.ask(LIST, 'viewer')).status);
    })();
    await each(5_000, async () => {
      const socket = connect({ host: '127.0.0.1', port: gateway.port }).on('error', () => {});
      await new Promise<void>((resolve) => socket.once('connect', resolve).once('close', () => resolve()));
      open.push(socket.resume());
      if (open.length % 250 === 0) most = Math.max(most, descriptorsOf(gateway.pid));
    });
    over = true;
    await asking;
    report(
      `5,000 silent connections: ${most} descriptors, ${Math.round(memoryOf(gateway.pid) - before.memory)} MB more, ${others.length} requests of another answered meanwhile`,
    );
    expect(most - before.files).toBeGreaterThan(1_000);
    expect(others.length).toBeGreaterThan(0);
    expect(new Set(others)).toEqual(new Set([200]));
    // They say nothing, and so they are closed by the gateway: their handshake has its time.
    await soon(() => open.filter((socket) => !socket.destroyed).length, 30_000).toBe(0);
    await soon(() => descriptorsOf(gateway.pid)).toBeLessThan(before.files + 10);
    expect((await door.ask(LIST)).status).toBe(200);
  });

  it('that sends one byte at a time: each has its time and is told, others are served', async () => {
    const slow = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const client = await door.connect('alice');
        let at = 0;
        const timer = setInterval(() => client.socket.writable && client.write(LIST.charAt(at++)), 1_000);
        client.socket.on('error', () => {});
        return { client, timer };
      }),
    );
    const statuses = await Promise.all(
      slow.map(async ({ client, timer }) => {
        const all = await client.closed(30_000);
        clearInterval(timer);
        client.socket.destroy();
        return readAnswer(all).status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([408]));
    expect((await door.ask(LIST, 'viewer')).status).toBe(200);
  });

  it('that pipelines and vanishes: what was asked is recorded to its end, nothing stays', async () => {
    const { gateway } = door;
    await door.records();
    await each(100, async () => {
      const client = await door.connect('alice');
      client.write(LIST.repeat(20));
      await client.until(/HTTP\/1\.1 200/);
      client.socket.destroy();
    });
    const records = await door.records();
    const decided = records.filter(({ stage }) => stage === 'decision');
    expect(records.filter(({ stage }) => stage === 'complete').length).toBe(decided.length);
    expect(decided.length).toBeGreaterThanOrEqual(100);
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
  });
});
