import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { startFakeEngine } from '../support/fake-engine.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bytes, endings, exec, idle, open, soon, unfinished, upgrade, upgraded } from './client.ts';

/** Far longer than every time limit of the gateway below. */
const SILENCE = 9_000;

describe('silence', () => {
  const { socket } = inject('engine');
  const id = `idle-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;

  beforeEach(async () => {
    const limits = { headersSeconds: 2, bodySeconds: 2, idleSeconds: 2 };
    gateway = await startGateway({ engineSocket: socket, config: { limits } });
  });

  afterEach(async () => {
    await removeNamed(socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('ends no session and no stream, whatever the time limits of requests are', async () => {
    const container = await idle(gateway, `${id}-${randomBytes(2).toString('hex')}`);
    const made = await exec(gateway, container, { AttachStdin: true, Cmd: ['cat'] });
    const session = await upgraded(gateway, `/v1.41/exec/${made}/start`, {});
    const logs = await open(gateway, { path: `/v1.41/containers/${container}/logs?follow=1&stdout=1` });
    let closed = false;
    logs.resume().once('close', () => {
      closed = true;
    });
    await sleep(SILENCE);
    session.write('awake\n');
    const echoed = await new Promise<Buffer>((resolve) => session.once('data', resolve));
    expect(echoed.subarray(8).toString()).toBe('awake\n');
    expect(closed).toBe(false);
    session.end();
    await new Promise((resolve) => session.resume().once('end', resolve));
    logs.destroy();
    await soon(() => endings(gateway, 'ContainerLogs')).toEqual(['200 client-closed']);
  });

  it('ends a connection that waits for its next request', async () => {
    const client = await bytes(gateway);
    client.write('GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n');
    await client.until(/OK$/);
    await client.closed(20_000);
  });

  it('of a client that began a body is answered with 408', async () => {
    const client = await bytes(gateway);
    client.write(
      'POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{',
    );
    expect(await client.until(/\}\n/, 20_000)).toMatch(
      /^HTTP\/1\.1 408 Request Timeout\r\n[\s\S]*the body did not arrive within 2 s \[body-timeout\]"\}\n$/,
    );
    client.socket.destroy();
  });
});

describe('half a connection', () => {
  it('goes on when the client has ended its side: output that comes later still arrives', async () => {
    const engine = await startFakeEngine(async ({ socket, ended }, head) => {
      if (!head.startsWith('POST '))
        return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      await ended();
      await sleep(1_000);
      socket.end('late output');
    });
    const gateway = await startGateway({ engineSocket: engine.socketPath });
    const client = await bytes(gateway);
    client.write(upgrade('/v1.41/containers/box/attach?stream=1&stdin=1&stdout=1'));
    await client.until(/\r\n\r\n/);
    client.write('input');
    client.end();
    expect(await client.closed()).toMatch(/\r\n\r\nlate output$/);
    expect(engine.connections.at(-1)?.received()).toMatch(/\r\n\r\ninput$/);
    await soon(() => endings(gateway, 'ContainerAttach')).toEqual(['101 finished']);
    expect((await gateway.stop()).code).toBe(0);
    await engine.close();
  });

  it('is over for the client when the Engine has ended its side: all output arrives, later input harms nobody', async () => {
    const engine = await startFakeEngine(({ socket }, head) => {
      if (!head.startsWith('POST '))
        return void socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.end('x'.repeat(3_000_000));
    });
    const gateway = await startGateway({ engineSocket: engine.socketPath });
    const client = await bytes(gateway);
    client.write(upgrade('/v1.41/containers/box/attach?stream=1&stdin=1&stdout=1'));
    const all = await client.closed();
    expect(all.length - all.indexOf('\r\n\r\n') - 4).toBe(3_000_000);
    client.write('too late');
    client.end();
    await soon(() => endings(gateway, 'ContainerAttach')).toEqual(['101 finished']);
    expect((await gateway.stop()).code).toBe(0);
    await engine.close();
  });
});
