import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ConfigError } from '../../src/errors.ts';
import { inheritedSocket } from '../../src/listener/inherited.ts';
import { type FakeEngine, polite, startFakeEngine } from '../support/fake-engine.ts';
import { quaywarden, startGateway } from '../support/gateway.ts';
import { rawClient } from '../support/http.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const PARENT = fileURLToPath(new URL('./hand-over.py', import.meta.url));
const RESTARTS = 2;

describe('a gateway whose socket systemd holds', () => {
  let folder: string;
  let engine: FakeEngine;
  beforeAll(async () => {
    folder = mkdtempSync('/tmp/qw-activation-');
    engine = await startFakeEngine(polite);
    await quaywarden(['init', '--dir', folder]);
    const config = parse(readFileSync(`${folder}/quaywarden.yaml`, 'utf8')) as Record<string, unknown>;
    const over = {
      listen: '127.0.0.1:1',
      admin: { listen: 'off' },
      engine: { address: `unix://${engine.socketPath}` },
    };
    writeFileSync(`${folder}/quaywarden.yaml`, stringify({ ...config, ...over }));
  });
  afterAll(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });

  it('is restarted under load and refuses nobody; systemd hears when it is ready and when it stops', async () => {
    const command = [process.execPath, MAIN, 'serve', '--config', `${folder}/quaywarden.yaml`];
    const parent = spawn('/usr/bin/python3', [PARENT, `${folder}/notify`, ...command], { cwd: folder });
    let said = '';
    let logged = '';
    parent.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    parent.stderr.on('data', (chunk: Buffer) => {
      logged += chunk.toString();
    });
    const until = async (pattern: RegExp): Promise<string> => {
      for (const deadline = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
        const found = pattern.exec(said);
        if (found !== null) return found[1] ?? '';
        if (Date.now() > deadline || parent.exitCode !== null)
          throw new Error(`no ${pattern} in\n${said}\n${logged}`);
      }
    };
    try {
      const port = Number(await until(/^port (\d+)$/m));
      const pem = (name: string) => readFileSync(`${folder}/certs/admin/${name}.pem`);
      const identity = { ca: pem('ca'), cert: pem('cert'), key: pem('key') };
      const ask = (): Promise<string> =>
        new Promise((resolve) => {
          const asked = request(
            { host: '127.0.0.1', port, servername: 'localhost', path: '/_ping', agent: false, ...identity },
            (answer) => {
              answer.resume().once('end', () => resolve(String(answer.statusCode)));
            },
          );
          asked.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
          asked.end();
        });
      let loading = true;
      const answers = new Map<string, number>();
      const worker = async (): Promise<void> => {
        while (loading) {
          const answer = await ask();
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
        }
      };
      const workers = Array.from({ length: 4 }, worker);
      await until(/^READY=1$/m);
      const total = (): number => [...answers.values()].reduce((sum, count) => sum + count, 0);
      for (let restart = 1; restart <= RESTARTS; restart += 1) {
        for (const before = total(); total() < before + 30; )
          await new Promise((resolve) => setTimeout(resolve, 5));
        parent.stdin.write('again\n');
        await until(new RegExp(`(?:^again$[^]*){${restart}}`, 'm'));
      }
      loading = false;
      await Promise.all(workers);
      parent.stdin.write('end\n');
      await new Promise((resolve) => parent.once('exit', resolve));
      expect([...answers.keys()], logged).toEqual(['200']);
      expect(answers.get('200')).toBeGreaterThan(RESTARTS * 30);
      const states = said.split('\n').filter((line) => /^(READY|STOPPING|ended)/.test(line));
      expect(states.filter((line) => line === 'ended 0')).toHaveLength(RESTARTS + 1);
      expect(states.filter((line) => line === 'READY=1')).toHaveLength(RESTARTS + 1);
      expect(states.filter((line) => line === 'STOPPING=1').length).toBeGreaterThan(0);
      // Not the address of the configuration, which this user could not even have.
      expect(logged).toContain(`quaywarden listening on https://127.0.0.1:${port}`);
    } finally {
      parent.stdin.end();
      parent.kill('SIGTERM');
    }
  });
});

describe('SIGTERM', () => {
  it('waits for a client that is on its way to its first request', async () => {
    const engine = await startFakeEngine(polite);
    const gateway = await startGateway({ engineSocket: engine.socketPath });
    const early = connect(gateway.port, '127.0.0.1');
    await new Promise((resolve) => early.once('connect', resolve));
    // Served, so the gateway has accepted what came before it.
    const other = await rawClient(
      gateway.port,
      `${gateway.certPath('admin')}/ca.pem`,
      gateway.certPath('admin'),
    );
    other.write('GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n');
    await other.answered();
    const stopping = gateway.stop();
    await other.closed();
    const late = await rawClient(
      gateway.port,
      `${gateway.certPath('admin')}/ca.pem`,
      gateway.certPath('admin'),
      { socket: early },
    );
    late.write('GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await late.answered()).toMatch(/^HTTP\/1\.1 200 OK/);
    expect((await stopping).code).toBe(0);
    await engine.close();
  });
});

describe('inheritedSocket', () => {
  it('takes what is meant for this process, once', () => {
    const env = { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'x', HOME: '/' };
    expect(inheritedSocket(env, 8)).toBeUndefined();
    expect(inheritedSocket(env, 7)).toBe(3);
    expect(env).toEqual({ HOME: '/' });
    expect(inheritedSocket(env, 7)).toBeUndefined();
  });

  it('can not tell several apart', () => {
    expect(() => inheritedSocket({ LISTEN_PID: '7', LISTEN_FDS: '2' }, 7)).toThrow(ConfigError);
  });
});
