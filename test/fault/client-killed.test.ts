import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { tarHead } from '../clients/tar.ts';
import { docker, dockerSpawn } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { endings, exec, idle, soon, standstill, tell, tellJson, unfinished, zeros } from './client.ts';
import { connectionsOf, report } from './meter.ts';

const GB = 1_000_000_000;

describe('a client that is killed', () => {
  const engine = inject('engine');
  const children: ChildProcess[] = [];
  let id: string;
  let gateway: Gateway;
  let container: string;

  beforeEach(async () => {
    id = `killed-${randomBytes(4).toString('hex')}`;
    gateway = await startGateway({ engineSocket: engine.socket });
    container = await idle(gateway, id);
  });

  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    await removeNamed(engine.socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  const target = () => ({ host: gateway.host, certPath: gateway.certPath('admin') });

  function curl(path: string, ...args: string[]): ChildProcess {
    const certs = gateway.certPath('admin');
    const identity = [
      '--cacert',
      `${certs}/ca.pem`,
      '--cert',
      `${certs}/cert.pem`,
      '--key',
      `${certs}/key.pem`,
    ];
    const url = `https://127.0.0.1:${gateway.port}${path}`;
    const child = spawn('/usr/bin/curl', ['-sS', '-N', ...identity, ...args, url], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin?.on('error', () => {});
    children.push(child);
    return child;
  }

  const underWay = () => unfinished(gateway).map(({ request }) => request.operation);

  /** Runs a script in a container to its end. */
  async function inside(where: string, script: string): Promise<void> {
    const made = await exec(gateway, where, { Cmd: ['sh', '-c', script] });
    await tellJson(gateway, `/v1.41/exec/${made}/start`, { Detach: false });
  }

  /** The container's lock must be free: a call that needs it has to be quick. */
  async function answers(): Promise<number> {
    const started = performance.now();
    const probe = tell(gateway, { method: 'HEAD', path: `/v1.41/containers/${container}/archive?path=/etc` });
    const late = sleep(10_000).then(() => Promise.reject(new Error('the container does not answer')));
    expect((await Promise.race([probe, late])).status).toBe(200);
    return performance.now() - started;
  }

  it('in the middle of an upload frees the container at once', async () => {
    const path = `/v1.41/containers/${container}/archive?path=/tmp`;
    const child = curl(path, '-X', 'PUT', '-H', 'Content-Type: application/x-tar', '-T', '-');
    child.stdin?.write(tarHead('large', 8 * GB - 1));
    const feed = zeros(GB);
    if (child.stdin) feed.pipe(child.stdin);
    await soon(underWay).toEqual(['PutContainerArchive']);
    await sleep(700);
    feed.destroy();
    expect(endings(gateway, 'PutContainerArchive')).toEqual([]);
    child.kill('SIGKILL');
    await soon(() => endings(gateway, 'PutContainerArchive')).toEqual(['null client-closed']);
    report(`container answers ${Math.round(await answers())} ms after its uploader was killed`);
    await tell(gateway, { method: 'POST', path: `/v1.41/containers/${container}/restart?t=1` });
  });

  it('in the middle of a download that it did not read frees the container at once', async () => {
    await inside(container, 'truncate -s 1G /tmp/sparse');
    const child = curl(`/v1.41/containers/${container}/archive?path=/tmp/sparse`, '--limit-rate', '10k');
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    await sleep(700);
    child.kill('SIGKILL');
    await soon(() => endings(gateway, 'ContainerArchive')).toEqual(['200 client-closed']);
    await answers();
  });

  it('while it follows the logs of a silent container leaves nothing at the Engine', async () => {
    const followers = Array.from({ length: 10 }, () => dockerSpawn(['logs', '-f', id], target()));
    await soon(underWay).toEqual(Array(10).fill('ContainerLogs'));
    // The pool's connections of the pings stay for half a minute.
    const open = await standstill(() => connectionsOf(gateway.pid).engine);
    for (const follower of followers) follower.signal('SIGKILL');
    await soon(() => endings(gateway, 'ContainerLogs')).toEqual(
      Array(10).fill(expect.stringMatching(/^(null|200) client-closed$/)),
    );
    await soon(() => connectionsOf(gateway.pid).engine).toBeLessThanOrEqual(open - 10);
  });

  it('while it listens to events is forgotten by the Engine', async () => {
    const listeners = async () => {
      const info = await tell(gateway, { path: '/v1.41/info' });
      return (JSON.parse(info.body) as { NEventsListener: number }).NEventsListener;
    };
    const marks = `/v1.41/events?filters=${encodeURIComponent(JSON.stringify({ label: [id] }))}`;
    const before = await listeners();
    const watching = [curl(marks), curl(marks), curl(marks)];
    // Other test files listen to this Engine too: what counts is that ours come and go.
    await soon(listeners).toBeGreaterThanOrEqual(before + 3);
    for (const child of watching) child.kill('SIGKILL');
    await soon(() => endings(gateway, 'SystemEvents')).toEqual(Array(3).fill('200 client-closed'));
    await soon(listeners, 20_000).toBeLessThanOrEqual(before);
  });

  it('while it waits leaves the container as it was', async () => {
    const waiting = dockerSpawn(['wait', id], target());
    await soon(underWay).toEqual(['ContainerWait']);
    waiting.signal('SIGKILL');
    await soon(() => endings(gateway, 'ContainerWait')).toEqual([
      expect.stringMatching(/^(null|200) client-closed$/),
    ]);
    const { stdout } = await docker(['inspect', '-f', '{{.State.Running}}', id], target());
    expect(stdout).toBe('true\n');
  });

  // Until then nobody knows: a killed client and one that ended its input and reads on send the same bytes.
  it('while it is attached is missed with the next output of the container', async () => {
    const script = [
      'while [ ! -e /tmp/hush ]; do echo word; sleep 0.1; done; touch /tmp/hushed',
      'while [ ! -e /tmp/speak ]; do sleep 0.1; done; while :; do echo word; sleep 0.1; done',
    ].join('; ');
    const silent = await idle(gateway, `silent-${id}`, { Cmd: ['sh', '-c', script] });
    const attached = dockerSpawn(['attach', '--no-stdin', `silent-${id}`], target());
    await attached.waitFor('word');
    await inside(silent, 'touch /tmp/hush; while [ ! -e /tmp/hushed ]; do sleep 0.1; done');
    attached.signal('SIGKILL');
    await attached.exit();
    await inside(silent, 'touch /tmp/speak');
    await soon(() => endings(gateway, 'ContainerAttach')).toEqual(['101 client-closed']);
  });

  it('while its exec reads ends the input of that exec', async () => {
    const catting = dockerSpawn(['exec', '-i', id, 'cat'], target());
    catting.send('echoed\n');
    await catting.waitFor('echoed');
    catting.signal('SIGKILL');
    await soon(
      async () => (await tell(gateway, { path: `/v1.41/containers/${container}/top` })).body,
    ).not.toContain('"cat"');
  });

  it('in the middle of a build has the build cancelled', async () => {
    const dockerfile = `FROM busybox\nLABEL ${id}=\nRUN echo begun && sleep 600\n`;
    const running = async () => {
      const filters = encodeURIComponent(JSON.stringify({ label: [id], status: ['running'] }));
      const listed = await tell(gateway, { path: `/v1.41/containers/json?filters=${filters}` });
      return (JSON.parse(listed.body) as unknown[]).length;
    };
    const build = dockerSpawn(['build', '--no-cache', '-'], { ...target(), env: { DOCKER_BUILDKIT: '0' } });
    build.send(dockerfile);
    build.end();
    await build.waitFor('begun\n');
    await soon(running).toBe(1);
    const started = performance.now();
    build.signal('SIGKILL');
    await soon(running, 20_000).toBe(0);
    report(`build step gone ${Math.round(performance.now() - started)} ms after its client was killed`);
    await soon(() => endings(gateway, 'ImageBuild')).toEqual(['200 client-closed']);
  });
});
