import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { dockerSpawn } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bytes, endings, exec, idle, open, soon, tell, tellJson, unfinished, upgraded } from './client.ts';

const GRACE = 5;

describe(`SIGTERM with a grace of ${GRACE} seconds`, () => {
  const { socket } = inject('engine');
  const id = `shutdown-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;
  let count = 0;

  beforeEach(async () => {
    gateway = await startGateway({ engineSocket: socket, config: { shutdown: { graceSeconds: GRACE } } });
    count += 1;
  });

  afterAll(() => removeNamed(socket, id));

  /** Stops the gateway; resolves with its exit code and how many seconds it took. */
  async function stopped(): Promise<{ code: number | null; seconds: number }> {
    const started = performance.now();
    const { code } = await gateway.stop();
    expect(unfinished(gateway)).toEqual([]);
    return { code, seconds: (performance.now() - started) / 1_000 };
  }

  it('ends at once when nothing is open but connections that wait for their next request', async () => {
    const client = await bytes(gateway);
    client.write('GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(/OK$/);
    const { code, seconds } = await stopped();
    expect(code, gateway.log()).toBe(0);
    expect(seconds).toBeLessThan(GRACE);
    await client.closed();
  });

  it('lets a session go on until it ends by itself, and takes no new connections meanwhile', async () => {
    const container = await idle(gateway, `${id}-${count}`);
    const made = await exec(gateway, container, { AttachStdin: true, Cmd: ['cat'] });
    const session = await upgraded(gateway, `/v1.41/exec/${made}/start`, {});
    let seen = '';
    session.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
    });
    const ended = new Promise((resolve) => session.once('end', resolve));
    const stopping = stopped();
    await sleep(500);
    session.write('still here\n');
    await soon(() => seen).toContain('still here\n');
    await expect(tell(gateway, { path: '/_ping' })).rejects.toThrow(/ECONNREFUSED/);
    session.end();
    await ended;
    const { code, seconds } = await stopping;
    expect(code, gateway.log()).toBe(0);
    expect(seconds).toBeLessThan(GRACE);
    expect(endings(gateway, 'ExecStart')).toEqual(['101 finished']);
  });

  it('closes what is still open when the grace is over', async () => {
    const name = `${id}-${count}`;
    const container = await idle(gateway, name);
    const made = await exec(gateway, container, { AttachStdin: true, Cmd: ['cat'] });
    const session = await upgraded(gateway, `/v1.41/exec/${made}/start`, {});
    const cut = new Promise((resolve) => session.resume().once('close', resolve));
    const target = { host: gateway.host, certPath: gateway.certPath('admin') };
    const logs = dockerSpawn(['logs', '-f', name], target);
    const events = await open(gateway, { path: '/v1.41/events' });
    const broken = new Promise<boolean>((resolve) =>
      events
        .on('error', () => {})
        .resume()
        .once('close', () => resolve(!events.complete)),
    );
    await soon(() =>
      unfinished(gateway)
        .map(({ request }) => request.operation)
        .sort(),
    ).toEqual(['ContainerLogs', 'ExecStart', 'SystemEvents']);
    const { code, seconds } = await stopped();
    expect(code, gateway.log()).toBe(0);
    expect(seconds).toBeGreaterThan(GRACE - 0.5);
    expect(seconds).toBeLessThan(GRACE + 10);
    await cut;
    expect(await broken).toBe(true);
    await logs.exit();
    for (const operation of ['ExecStart', 'ContainerLogs', 'SystemEvents']) {
      expect(endings(gateway, operation)).toEqual([expect.stringMatching(/^(101|200) shutdown$/)]);
    }
  });

  it('answers what was under way', async () => {
    const container = await idle(gateway, `${id}-${count}`);
    const wait = tell(gateway, { method: 'POST', path: `/v1.41/containers/${container}/wait` });
    const quick = await tellJson(gateway, `/v1.41/containers/${container}/exec`, {
      Cmd: ['sh', '-c', 'sleep 1.5; kill 1'],
    });
    const { Id } = JSON.parse(quick.body) as { Id: string };
    await tellJson(gateway, `/v1.41/exec/${Id}/start`, { Detach: true });
    const { code, seconds } = await stopped();
    expect([code, seconds < GRACE]).toEqual([0, true]);
    expect(await wait).toMatchObject({ status: 200, whole: true });
  });
});
