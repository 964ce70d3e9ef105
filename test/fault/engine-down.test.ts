import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { docker } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bytes, endings, soon, tell, unfinished, upgrade } from './client.ts';

describe('a gateway that starts before its Engine', () => {
  const engine = inject('engine');
  const dir = mkdtempSync('/tmp/qwd-');
  const socket = `${dir}/docker.sock`;
  let gateway: Gateway;

  const sentence = (code: string) =>
    `quaywarden: no Docker Engine answers at ${socket} (${code}); is dockerd running? [engine-down]`;
  const cli = (...args: string[]) =>
    docker(args, { host: gateway.host, certPath: gateway.certPath('admin') });

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: socket });
  });

  afterAll(async () => {
    const { code } = await gateway.stop();
    rmSync(dir, { recursive: true });
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('says so and listens', async () => {
    await soon(() => gateway.log()).toContain(`no Docker Engine yet: there is no socket ${socket}`);
  });

  it('lets the docker CLI print what is wrong', async () => {
    expect(await cli('ps')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `Error response from daemon: ${sentence('ENOENT')}\n`,
    });
    const run = await cli('run', '--rm', 'busybox', 'true');
    expect([run.code, run.stderr]).toEqual([
      125,
      `docker: Error response from daemon: ${sentence('ENOENT')}.\nSee 'docker run --help'.\n`,
    ]);
    expect((await cli('exec', 'box', 'true')).stderr).toContain(sentence('ENOENT'));
    expect((await cli('events')).stderr).toContain(sentence('ENOENT'));
  });

  it('answers 503 with Retry-After on every road, and records it', async () => {
    const plain = await tell(gateway, { path: '/containers/json' });
    const stream = await tell(gateway, { path: '/v1.41/containers/box/logs?stdout=1' });
    const upload = await tell(gateway, {
      method: 'PUT',
      path: '/v1.41/containers/box/archive?path=/',
      headers: { 'Content-Type': 'application/x-tar' },
      body: Buffer.alloc(5_000_000),
    });
    for (const { status, headers, body, whole } of [plain, stream, upload]) {
      expect({ status, body: JSON.parse(body), retry: headers['retry-after'], whole }).toEqual({
        status: 503,
        body: { message: sentence('ENOENT') },
        retry: '1',
        whole: true,
      });
    }
    const client = await bytes(gateway);
    client.write(upgrade('/v1.41/containers/box/attach?stream=1&stdout=1'));
    expect(await client.closed()).toMatch(
      /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*\[engine-down\]"\}\n$/,
    );
    await soon(() => endings(gateway, 'ContainerAttach').at(-1)).toBe('503 engine-error');
    await soon(() => endings(gateway, 'ContainerLogs').at(-1)).toBe('503 engine-error');
  });

  it('names a socket that nobody listens on', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(socket)})`;
    const listener = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
    await soon(() => existsSync(socket)).toBe(true);
    const gone = new Promise((resolve) => listener.once('exit', resolve));
    listener.kill('SIGKILL');
    await gone;
    expect((await cli('ps')).stderr).toBe(`Error response from daemon: ${sentence('ECONNREFUSED')}\n`);
    rmSync(socket);
  });

  it('works as soon as the Engine is up, and tells of it again when it has gone', async () => {
    // An Engine that goes takes its connections along: a way to the real one that can be taken away.
    const joined = new Set<Socket>();
    const way = createServer({ allowHalfOpen: true }, (client) => {
      const onward = connect({ path: engine.socket, allowHalfOpen: true });
      for (const each of [client, onward]) {
        joined.add(each);
        each.on('error', () => {});
        each.on('close', () => joined.delete(each));
      }
      client.pipe(onward).pipe(client);
    }).listen(socket);
    expect((await cli('version', '-f', '{{.Server.APIVersion}}')).stdout).toBe('1.41\n');
    expect((await cli('run', '--rm', 'busybox', 'echo', 'up')).stdout).toBe('up\n');
    way.close();
    for (const each of joined) each.destroy();
    expect((await cli('run', '--rm', 'busybox', 'true')).code).toBe(125);
  });
});
