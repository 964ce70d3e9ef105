import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { type RawClient, readAnswer } from '../support/http.ts';
import { soon } from './client.ts';
import { descriptorsOf } from './meter.ts';

const LIST = http('GET /v1.41/containers/json');
const STREAM = http('GET /v1.41/events');

describe('a gateway that has no file descriptor left', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({ config: { audit: { checkpoint: { seconds: 1 } } } });
  });
  afterAll(() => door.close());

  async function again(on: RawClient, bytes: string): Promise<ReturnType<typeof readAnswer>> {
    const before = on.received().length;
    on.write(bytes);
    await soon(() => /\r\n\r\n\{.*\n$/.test(on.received().slice(before))).toBe(true);
    return readAnswer(on.received().slice(before));
  }

  it('refuses in words on connections that stand, records that, says so in its log, and recovers by itself', {
    timeout: 120_000,
  }, async () => {
    const { gateway } = door;
    const kept = await door.connect('alice');
    expect((await again(kept, LIST)).status).toBe(200);
    const limit = descriptorsOf(gateway.pid) + 12;
    const before = descriptorsOf(gateway.pid);
    execFileSync('prlimit', ['--pid', `${gateway.pid}`, `--nofile=${limit}:${limit}`]);

    const many: Socket[] = [];
    let closed = 0;
    // Whatever the gateway itself closes meanwhile is taken as well.
    const more = setInterval(() => {
      if (many.length >= 1_000) return;
      for (let i = 0; i < 20; i += 1) {
        const socket = connect({ host: '127.0.0.1', port: gateway.port }).on('error', () => {});
        many.push(socket.resume().once('close', () => (closed += 1)));
      }
    }, 200);
    await soon(() => gateway.log()).toContain('no file descriptor is left');
    // As many stay as there are descriptors; the others are closed, and do not hang.
    await soon(() => closed).toBeGreaterThan(40);

    await door.records();
    const refused = await again(kept, STREAM);
    expect([refused.status, refused.body, refused.header('retry-after')]).toEqual([
      503,
      expect.stringContaining('no file descriptor left'),
      ['1'],
    ]);
    const records = await door.records(2);
    expect(records.map(({ stage, outcome }) => [stage, outcome?.status])).toEqual([
      ['decision', undefined],
      ['complete', 503],
    ]);

    clearInterval(more);
    for (const socket of many) socket.destroy();
    // Whoever is gone before its handshake is noticed ten seconds later, and on a busy machine there are more of them than descriptors.
    await soon(() => gateway.log(), 60_000).toContain('there are file descriptors again');
    expect((await again(kept, LIST)).status).toBe(200);
    expect((await door.ask(LIST, 'viewer')).status).toBe(200);
    await soon(() => descriptorsOf(gateway.pid)).toBeLessThanOrEqual(before + 2);
    const { stdout } = await quaywarden(['audit', 'verify', '--config', gateway.config]);
    expect(stdout).toMatch(/verified|ok/i);
    kept.end();
    await once(kept.socket, 'close');
  });
});
