import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { docker, dockerSpawn, type RunningDocker } from '../support/docker.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { endings, open, soon, tell, unfinished } from './client.ts';
import { connectionsOf, descriptorsOf, report } from './meter.ts';

const SILENT = 'trap "exit 0" TERM; echo started; while :; do sleep 0.1; done';

/** An Engine of this file's own, that may be killed. */
describe('an Engine that goes away under open streams', () => {
  let engine: Engine;
  let gateway: Gateway;

  beforeAll(async () => {
    engine = await startEngine();
  });

  beforeEach(async () => {
    if (engine.pid() === null) await engine.start();
    gateway = await startGateway({ engineSocket: engine.socket });
  });

  afterEach(async () => {
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  afterAll(() => engine?.destroy());

  const target = () => ({ host: gateway.host, certPath: gateway.certPath('admin') });
  const cli = (...args: string[]) => docker(args, target());

  /** A registry that takes connections and never answers, in the Engine's network; returns its address. */
  async function muteRegistry(): Promise<{ address: string; stop: () => void }> {
    const listener = spawn(
      'nsenter',
      [`--net=${engine.netns}`, 'socat', 'TCP-LISTEN:5999,bind=127.0.0.1,reuseaddr,fork', 'EXEC:sleep 600'],
      { stdio: 'ignore', detached: true },
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    return {
      address: '127.0.0.1:5999',
      stop: () => void process.kill(-(listener.pid ?? 0), 'SIGKILL'),
    };
  }

  it.each([
    { how: 'killed', end: () => engine.kill() },
    { how: 'stopped', end: () => engine.stop() },
  ])(
    'when it is $how, every client learns of it, nothing stays open, and it works again after a start',
    {
      timeout: 120_000,
    },
    async ({ how, end }) => {
      const name = `${how}-${randomBytes(2).toString('hex')}`;
      const atRest = descriptorsOf(gateway.pid);
      const registry = await muteRegistry();
      const streams: Record<string, RunningDocker> = {};
      try {
        expect((await cli('run', '-d', '--name', name, 'busybox', 'sh', '-c', SILENT)).code).toBe(0);
        const resting = gateway.auditRecords().length;
        for (const [kind, args] of Object.entries({
          logs: ['logs', '-f', name],
          events: ['events'],
          exec: ['exec', '-i', name, 'cat'],
          attach: ['attach', '--no-stdin', name],
          wait: ['wait', name],
          pull: ['pull', `${registry.address}/no/such`],
          run: ['run', '-i', '--rm', 'busybox', 'cat'],
        })) {
          streams[kind] = dockerSpawn(args, target());
        }
        await streams['logs']?.waitFor('started');
        streams['exec']?.send('echoed\n');
        await streams['exec']?.waitFor('echoed');
        streams['run']?.send('echoed\n');
        await streams['run']?.waitFor('echoed');
        const events = await open(gateway, { path: '/v1.41/events' });
        const stats = await open(gateway, { path: `/v1.41/containers/${name}/stats` });
        stats.on('error', () => {}).resume();
        await soon(() => underWay(gateway, resting)).toEqual(
          expect.arrayContaining([
            'ContainerAttach',
            'ContainerLogs',
            'ContainerStats',
            'ContainerWait',
            'ExecStart',
            'ImageCreate',
            'SystemEvents',
          ]),
        );

        const started = performance.now();
        const broken = new Promise<boolean>((resolve) =>
          events
            .on('error', () => {})
            .resume()
            .once('close', () => resolve(!events.complete)),
        );
        await end();
        const exits = await Promise.all(
          Object.entries(streams).map(async ([kind, stream]) => `${kind} ${await stream.exit(30_000)}`),
        );
        const seconds = ((performance.now() - started) / 1_000).toFixed(1);
        report(
          `Engine ${how} under ${Object.keys(streams).length + 2} streams: all clients ended within ${seconds} s (${exits.join(', ')})`,
        );
        // An Engine that is killed breaks its answers off, and they must not look whole.
        if (how === 'killed') expect(await broken).toBe(true);
        await soon(() => unfinished(gateway)).toEqual([]);
        await soon(() => connectionsOf(gateway.pid)).toEqual({ engine: 0, clients: 0 });
        expect(descriptorsOf(gateway.pid) - atRest).toBeLessThan(15);
        if (how === 'killed') {
          expect(new Set(endings(gateway, 'SystemEvents').slice(-2))).toEqual(new Set(['200 engine-closed']));
        }

        const down = await tell(gateway, { path: '/v1.41/containers/json' });
        expect(down.status).toBe(503);
        expect(down.body).toContain(`no Docker Engine answers at ${engine.socket} (`);
        await engine.start();
        expect((await cli('start', name)).stdout).toBe(`${name}\n`);
        expect((await cli('rm', '-f', name)).stdout).toBe(`${name}\n`);
        expect((await cli('run', '--rm', 'busybox', 'echo', 'again')).stdout).toBe('again\n');
      } finally {
        registry.stop();
        for (const stream of Object.values(streams)) stream.signal('SIGKILL');
      }
    },
  );
});

/** Operations that have been decided since the `from`th record and have no end yet. */
function underWay(gateway: Gateway, from: number): string[] {
  const fresh = new Set(
    gateway
      .auditRecords()
      .slice(from)
      .map(({ id }) => id),
  );
  return unfinished(gateway)
    .filter(({ id }) => fresh.has(id))
    .map(({ request }) => request.operation ?? '');
}
