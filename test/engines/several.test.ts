import { copyFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { adminOf, scrape } from '../observe/scrape.ts';
import { docker } from '../support/docker.ts';
import { type FakeConnection, polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { type Answer, rawClient, readAnswer } from '../support/http.ts';

/**
 * Three Engines behind one gateway: the default one is a fake, which tells what reached it; `real` is the private dockerd,
 * as localhost; `away` is not there.
 */
const { socket } = inject('engine');
const folder = mkdtempSync('/tmp/qw-engines-');
const LOCAL = `${folder}/real.sock`;
const CONTAINER = `engines-${process.pid}`;

const GRANTS = [
  'p, user:alice, **, *, true, allow',
  'p, user:alice, engine/real/**, *, true, allow',
  'p, user:alice, engine/away/**, *, true, allow',
  'p, user:viewer, **, *, true, allow',
  'p, user:bob, engine/*/engine, SystemPing SystemInfo, true, allow',
  'p, user:watched, engine, SystemPing, true, allow',
  'p, role:agent, engine/real/engine, SystemVersion SystemPing, true, allow',
  '',
].join('\n');

let door: FrontDoor;
let ca: string;
/** Until then the fake one answers nothing but pings. */
let hanging: FakeConnection[] | undefined;

beforeAll(async () => {
  door = await openFrontDoor({
    script: (connection, head) => {
      if (hanging === undefined || head.includes('/_ping')) return polite(connection, head);
      hanging.push(connection);
    },
    config: {
      admin: { listen: '127.0.0.1:0' },
      policy: { roles: [{ role: 'watched', observe: true }] },
      sessions: { record: [{ for: ['user:alice'] }] },
      limits: { requests: 16 },
      engines: {
        real: { address: `unix://${socket}`, hosts: ['localhost', 'real.test'], listen: '127.0.0.1:0' },
        away: { address: `unix://${folder}/nothing.sock`, hosts: ['away.test'] },
      },
      listeners: [
        {
          listen: `unix://${LOCAL}`,
          engine: 'real',
          principal: { name: 'agent', tenant: 'local', roles: ['agent'] },
        },
      ],
    },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
  });
  ca = `${door.gateway.certPath('admin')}/ca.pem`;
  while (!/away: no Docker Engine yet/.test(door.gateway.log()))
    await new Promise((resolve) => setTimeout(resolve, 10));
});
afterAll(async () => {
  await docker(['rm', '-f', CONTAINER, `engines-seen`], { host: `unix://${socket}` });
  await door.close();
  rmSync(folder, { recursive: true });
});

/** The certificate of a client and the CA of the gateway, as a docker CLI wants them. */
async function cliFolder(name: string): Promise<string> {
  const made = `${folder}/${name}`;
  cpSync(await door.certPath(name), made, { recursive: true });
  copyFileSync(ca, `${made}/ca.pem`);
  return made;
}

interface By {
  readonly as?: string;
  /** In the TLS handshake; none unless named. */
  readonly sni?: string;
  readonly port?: number;
}

async function connectBy({ as = 'alice', sni = '', port = door.gateway.port }: By = {}) {
  return rawClient(port, ca, await door.certPath(as), {
    servername: sni,
    checkServerIdentity: () => undefined,
  });
}

async function ask(bytes: string, by: By = {}): Promise<Answer> {
  const client = await connectBy(by);
  client.write(bytes);
  const all = await client.answered();
  client.socket.destroy();
  return readAnswer(all);
}

const get = (target: string, host: string): string => `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

/** The port of the listener that is `real`'s own. */
function ownPort(): number {
  return Number(/"engine":"real","address":"127.0.0.1","port":(\d+)/.exec(door.gateway.log())?.[1]);
}

/** Nothing was forwarded to either, and there is one record that says why. */
async function expectMisdirected(bytes: string, by: By): Promise<RequestLine> {
  door.engine.taken();
  await door.records();
  const { status, body } = await ask(bytes, by);
  expect([status, body]).toEqual([421, expect.stringContaining('[misdirected-request]')]);
  const records = await door.records(1);
  expect(records.map(({ stage, decision: { reason } }) => [stage, reason])).toEqual([
    ['refused', 'misdirected-request'],
  ]);
  expect(records[0]).not.toHaveProperty('engine');
  expect(records[0]).toMatchObject({ principal: null, outcome: { status: 421 } });
  expect(door.engine.taken()).toEqual([]);
  return records[0] as RequestLine;
}

describe('a docker CLI', () => {
  it('reaches the Engine whose name it connects to, sessions included', async () => {
    const certPath = await cliFolder('alice');
    door.engine.taken();
    await door.records();
    const real = { host: `tcp://localhost:${door.gateway.port}`, certPath };
    const run = await docker(['run', '-i', '--name', CONTAINER, 'busybox', 'cat'], {
      ...real,
      input: 'through the right door\n',
    });
    expect([run.code, run.stdout, run.stderr]).toEqual([0, 'through the right door\n', '']);
    const there = await docker(['ps', '-a', '--format', '{{.Names}}'], { host: `unix://${socket}` });
    expect(there.stdout.split('\n')).toContain(CONTAINER);
    expect(door.engine.taken()).toEqual([]);
    const records = await door.records(6);
    expect(new Set(records.map(({ engine }) => engine))).toEqual(new Set(['real']));
  });

  it('reaches the default one by every other name', async () => {
    const certPath = await cliFolder('alice');
    door.engine.taken();
    await door.records();
    const listed = await docker(['inspect', '--type', 'container', CONTAINER], {
      host: `tcp://127.0.0.1:${door.gateway.port}`,
      certPath,
    });
    expect(listed.stdout.trim()).toBe('[\n    {}\n]');
    expect(door.engine.taken().join('')).toContain(`/containers/${CONTAINER}/json`);
    const [record] = await door.records(2);
    expect(record?.engine).toBe('default');
  });

  it('reads what is not granted on the Engine that it speaks to', async () => {
    const certPath = await cliFolder('viewer');
    const real = { host: `tcp://localhost:${door.gateway.port}`, certPath };
    const { code, stderr } = await docker(['inspect', '--type', 'container', CONTAINER], real);
    expect(code).not.toBe(0);
    expect(stderr).toContain(
      `may not do ContainerInspect on container/-/${CONTAINER} of the Engine real: no grant allows it`,
    );
  });
});

describe('the choice', () => {
  it('is made of each request on a connection by itself', async () => {
    const client = await connectBy();
    door.engine.taken();
    await door.records();
    for (const [host, engine] of [
      ['real.test', 'real'],
      ['docker', 'default'],
      ['REAL.test.:2376', 'real'],
      ['other', 'default'],
    ] as const) {
      client.write(get('/v1.41/info', host));
      expect((await door.records(2)).map((record) => record.engine)).toEqual([engine, engine]);
    }
    client.socket.destroy();
    expect(
      door.engine
        .taken()
        .join('')
        .match(/GET \/v1\.41\/info/g),
    ).toHaveLength(2);
  });

  it('is made of pipelined requests one by one', async () => {
    const client = await connectBy();
    await door.records();
    client.write(
      get('/v1.41/info', 'docker') + get('/v1.41/info', 'localhost') + get('/v1.41/info', 'docker'),
    );
    const records = await door.records(6);
    const decided = records.filter(({ stage }) => stage === 'decision').map(({ engine }) => engine);
    expect(decided).toEqual(['default', 'real', 'default']);
    client.socket.destroy();
  });

  it('is made by the TLS name where there is no Host', async () => {
    await door.records();
    const client = await connectBy({ sni: 'localhost' });
    client.write('GET /v1.41/info HTTP/1.0\r\n\r\n');
    expect(await client.closed()).toMatch(/^HTTP\/1\.[01] 200[\s\S]*"ServerVersion":"20/);
    const [record] = await door.records(2);
    expect(record?.engine).toBe('real');
  });

  it('gives no right that a grant does not give there', async () => {
    await door.records();
    expect((await ask(get('/v1.41/info', 'localhost'), { as: 'bob' })).status).toBe(200);
    expect((await ask(get('/v1.41/info', 'docker'), { as: 'bob' })).status).toBe(200);
    expect((await ask(get('/v1.41/info', 'docker'), { as: 'viewer' })).status).toBe(200);
    expect((await ask(get('/v1.41/info', 'localhost'), { as: 'viewer' })).status).toBe(403);
    expect((await ask(get('/v1.41/containers/json', 'localhost'), { as: 'bob' })).status).toBe(403);
  });

  it.each([
    ['the Host header is another’s than the TLS name', 'docker', 'localhost'],
    ['the TLS name is nobody’s', 'localhost', 'example.org'],
    ['both are Engines', 'away.test', 'localhost'],
  ])('is refused where %s', async (_, host, sni) => {
    await expectMisdirected(get('/v1.41/info', host), { sni });
  });

  it('is refused of what would become a stream too', async () => {
    const attach = `POST /v1.41/containers/${CONTAINER}/attach?stream=1 HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
    const { decision } = await expectMisdirected(attach, { sni: 'localhost' });
    expect(decision).toMatchObject({ field: 'host', policyVersion: null });
  });

  it('is not made of two Host headers', async () => {
    door.engine.taken();
    const { status, body } = await ask('GET /info HTTP/1.1\r\nHost: docker\r\nHost: localhost\r\n\r\n');
    expect([status, body]).toEqual([400, expect.stringContaining('[header-duplicate]')]);
    expect(door.engine.taken()).toEqual([]);
  });
});

describe('listeners of their own', () => {
  it('lead to their Engine whatever the name, unless it is that of another', async () => {
    await door.records();
    const port = ownPort();
    expect((await ask(get('/v1.41/info', 'docker'), { port })).body).toContain('"ServerVersion":"20');
    expect((await ask(get('/v1.41/info', 'real.test'), { port, sni: 'whatever' })).status).toBe(200);
    const records = await door.records(4);
    expect(records.map(({ engine }) => engine)).toEqual(['real', 'real', 'real', 'real']);
    await expectMisdirected(get('/v1.41/info', 'away.test'), { port });
    await expectMisdirected(get('/v1.41/info', 'docker'), { port, sni: 'away.test' });
  });

  it('ask for certificates as the one of all does', async () => {
    const client = await rawClient(ownPort(), ca, undefined, { servername: '' });
    client.write(get('/v1.41/info', 'docker'));
    expect(readAnswer(await client.answered()).status).toBe(401);
    client.socket.destroy();
  });

  it('without TLS lead to the one that they name', async () => {
    await door.records();
    const local = (bytes: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const client = connect(LOCAL);
        let all = '';
        client.setEncoding('latin1').on('data', (text: string) => {
          all += text;
          if (all.endsWith('\n')) client.destroy();
        });
        client.once('error', reject).once('close', () => resolve(all));
        client.write(bytes);
      });
    expect(readAnswer(await local(get('/v1.41/version', 'docker'))).body).toContain('"Version":"20');
    const [record] = await door.records(2);
    expect(record).toMatchObject({ engine: 'real', principal: { name: 'agent', method: 'listener' } });
    expect(readAnswer(await local(get('/v1.41/info', 'docker'))).status).toBe(403);
  });
});

describe('an Engine that is away', () => {
  it('is so for its own clients alone', async () => {
    const gone = await ask(get('/v1.41/info', 'away.test'));
    expect([gone.status, gone.body]).toEqual([503, expect.stringContaining(`${folder}/nothing.sock`)]);
    expect((await ask(get('/info', 'away.test'))).status).toBe(503);
    expect((await ask(get('/info', 'localhost'))).status).toBe(200);
    expect((await ask(get('/info', 'docker'))).status).toBe(200);
  });

  it('is told of, and the gateway is ready all the same', async () => {
    const answer = await fetch(`${adminOf(door.gateway)}/readyz`);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      ready: true,
      checks: { engine: { ok: true } },
      engines: {
        default: { ok: true },
        real: { ok: true },
        away: { ok: false, reason: expect.stringContaining('nothing.sock') },
      },
    });
    const now = await scrape(door.gateway);
    const up = ['default', 'real', 'away'].map((engine) => now.of('quaywarden_engine_up', { engine }));
    expect(up).toEqual([1, 1, 0]);
  });

  it('takes no room of the others where it hangs', async () => {
    hanging = [];
    const clients = await Promise.all(Array.from({ length: 16 }, () => connectBy()));
    try {
      for (const client of clients) client.write(get('/v1.41/info', 'docker'));
      await expect.poll(() => hanging?.length, { timeout: 10_000 }).toBe(16);
      const full = await ask(get('/v1.41/info', 'docker'));
      expect([full.status, full.body]).toEqual([
        503,
        expect.stringContaining('16 requests under way to the Engine default'),
      ]);
      expect((await ask(get('/v1.41/info', 'localhost'))).status).toBe(200);
    } finally {
      const late = hanging;
      hanging = undefined;
      for (const { socket: of } of late)
        of.write(reply('200 OK', '{}\n', ['Content-Type: application/json']));
      for (const client of clients) await client.answered();
      for (const { socket: of } of clients) of.destroy();
    }
    expect((await ask(get('/v1.41/info', 'docker'))).status).toBe(200);
  });
});

describe('somebody who is only observed', () => {
  it('is learned on each Engine what was done there', async () => {
    await door.certPath('watched', { cn: 'watched', o: 'default', ou: 'watched' });
    const create = (host: string) =>
      ask(
        `POST /v1.41/containers/create?name=engines-seen HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"Image":"busybox"}`,
        { as: 'watched' },
      );
    expect((await ask(get('/v1.41/info', 'docker'), { as: 'watched' })).status).toBe(200);
    expect((await create('localhost')).status).toBe(201);
    const at = ['--config', door.gateway.config, '--principal', 'watched', '--since', '1h'];
    const { stdout } = await quaywarden(['policy', 'suggest', ...at]);
    const granted = stdout.split('\n').filter((line) => line.startsWith('p, '));
    expect(granted.map((line) => line.split(', ').slice(2, 4))).toEqual([
      ['engine', 'SystemInfo'],
      [`engine/real/container/-/engines-seen`, 'ContainerCreate'],
    ]);
    const learned = `${folder}/learned`;
    await quaywarden(['policy', 'suggest', ...at, '--out', learned]);
    const tested = ['policy', 'test', `${learned}/grants.test.yaml`, '--config', door.gateway.config];
    expect((await quaywarden(tested)).stdout).toMatch(/^\d+ passed, 0 failed/m);
    expect((await quaywarden(['policy', 'replay', learned, ...at])).stdout).toContain('0 newly refused');
    const bare = `${folder}/bare.csv`;
    writeFileSync(bare, `p, user:watched, **, *, true, allow\n`);
    const replayed = (await quaywarden(['policy', 'replay', bare, ...at]).catch(
      (error: { stdout: string }) => error,
    )) as { stdout: string };
    expect(replayed.stdout).toMatch(
      /^newly refused +1 {2}watched {2}ContainerCreate on real \[not-granted\]/m,
    );
  });
});

describe('the commands', () => {
  it('say which Engine', async () => {
    expect(door.gateway.log()).toMatch(/^default: in front of Docker Engine 20/m);
    expect(door.gateway.log()).toMatch(/^real: in front of Docker Engine 20/m);
    const query = (...args: string[]): Promise<{ stdout: string }> =>
      quaywarden(['audit', 'query', '--config', door.gateway.config, ...args]);
    const { stdout } = await query('--engine', 'real', '--operation', 'ContainerCreate');
    expect(stdout).toMatch(/ContainerCreate +engine\/real\/container\/-\//);
    expect((await query('--engine', 'default', '--operation', 'ContainerCreate')).stdout).not.toMatch(
      /alice/,
    );
    const { sessions } = JSON.parse(
      (await quaywarden(['session', 'list', '--json', '--config', door.gateway.config])).stdout,
    ) as { sessions: { containerName: string; engine: string }[] };
    expect(sessions).toMatchObject([{ containerName: CONTAINER, engine: 'real' }]);
    const listed = await quaywarden(['session', 'list', '--config', door.gateway.config]);
    expect(listed.stdout).toMatch(/ENGINE.*\n.* real /);
    const doctor = quaywarden(['doctor', '--config', door.gateway.config, '--json']);
    const told = await doctor.catch((error: { stdout: string }) => error);
    const { findings } = JSON.parse(told.stdout) as {
      findings: { subject: string; level: string; sentence: string }[];
    };
    const unnamed = findings.filter(({ sentence }) => /by which clients reach the Engine/.test(sentence));
    expect(unnamed.map(({ level }) => level)).toEqual(['warn', 'warn']);
    expect(unnamed[0]?.sentence).toMatch(/does not name real\.test, .* the Engine real/);
    const engines = findings.filter(({ subject }) => subject.startsWith('Engine '));
    expect(engines.map(({ subject, level }) => [subject, level])).toEqual([
      ['Engine default', 'ok'],
      ['Engine real', 'ok'],
      ['Engine away', 'fail'],
    ]);
  });
});
