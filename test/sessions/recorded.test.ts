import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Cast, type CastEvent, readCast } from '../../src/recording/reader.ts';
import { digestOf } from '../../src/recording/recording-file.ts';
import { removeNamed } from '../cli/cleanup.ts';
import { idle, soon } from '../fault/client.ts';
import { requestLines } from '../support/audit.ts';
import { type DockerOptions, docker, dockerPty, dockerSpawn } from '../support/docker.ts';
import { type Gateway, quaywarden, startGateway } from '../support/gateway.ts';

const { socket } = inject('engine');
const id = `recorded-${randomBytes(4).toString('hex')}`;
const box = `${id}-box`;
const SECRET = 'correct horse battery staple';
let gateway: Gateway;
let container: string;

beforeAll(async () => {
  gateway = await startGateway({
    engineSocket: socket,
    config: {
      sessions: {
        record: [{ for: ['*'], operations: ['ContainerAttach'], input: true }, { for: ['*'] }],
      },
    },
  });
  container = await idle(gateway, box, { Env: [`PASSWORD=${SECRET}`] });
});
afterAll(async () => {
  await removeNamed(socket, id);
  await gateway.stop();
});

const folder = () => `${gateway.dir}/sessions`;
const as = (options: DockerOptions = {}): DockerOptions => ({
  host: gateway.host,
  certPath: gateway.certPath('admin'),
  ...options,
});
const session = (command: string, ...args: string[]) =>
  quaywarden(['session', command, ...args, '--config', gateway.config]);

const seen = new Map<string, number>();

/** The records of the next session of an operation that is over. */
async function lastSession(operation: string) {
  const ended = () =>
    gateway.auditRecords().filter((r) => r.request.operation === operation && r.stage === 'complete');
  const before = seen.get(operation) ?? 0;
  await soon(() => ended().length).toBeGreaterThan(before);
  seen.set(operation, before + 1);
  const id = ended()[before]?.id ?? '';
  const records = requestLines(gateway.auditLines()).filter((each) => each.id === id);
  return { id, path: `${folder()}/${id}.cast`, records };
}

async function read(path: string): Promise<{ header: Cast['header']; events: CastEvent[] }> {
  const { header, events } = await readCast(path);
  const all: CastEvent[] = [];
  for await (const event of events) all.push(event);
  return { header, events: all };
}

const textOf = (events: readonly CastEvent[], code: string): string =>
  Buffer.concat(events.filter((event) => event.code === code).map(({ bytes }) => bytes)).toString();

describe('a recorded docker exec -it', () => {
  it('plays back what the client saw, resizes included, and its records tell of it', async () => {
    const terminal = dockerPty(['exec', '-it', '-u', '0:0', '-e', `TOKEN=${SECRET}`, box, 'sh'], as());
    await terminal.waitFor('/ # ');
    terminal.resize(40, 132);
    await expect
      .poll(
        () => {
          terminal.signal('SIGWINCH');
          terminal.send('stty size\r');
          return terminal.output();
        },
        { timeout: 20_000, interval: 500 },
      )
      .toContain('40 132\r\n');
    terminal.send('printf "\\303\\251 \\377\\n"; stty -echo\r');
    await terminal.waitFor('é ');
    terminal.send('read secret\rsesame\rexit 3\r');
    expect(await terminal.exit()).toBe(3);

    const { id: name, path, records } = await lastSession('ExecStart');
    const { header, events } = await read(path);
    const { stdout } = await session('play', name.slice(0, 8), '--speed', '999999');
    expect(stdout).toBe(terminal.output());
    expect(textOf(events, 'o')).toBe(terminal.output());
    expect(events.filter(({ code }) => code === 'r').map(({ text }) => text)).toContain('132x40');
    expect(header).toMatchObject({
      version: 2,
      title: `admin: exec ${box}`,
      command: 'sh',
      quaywarden: {
        session: name,
        kind: 'exec',
        container,
        containerName: box,
        command: ['sh'],
        user: '0:0',
      },
    });
    expect(events.some(({ code }) => code === 'i')).toBe(false);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain('sesame');
    expect(text).not.toContain(SECRET);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    expect(records.map(({ stage }) => stage)).toEqual(['decision', 'stream-start', 'stream-end', 'complete']);
    const about = { id: name, kind: 'exec', container, command: ['sh'], user: '0:0', tty: true };
    expect(records[0]?.session).toEqual({
      ...about,
      recording: {
        file: `${name}.cast`,
        sha256: null,
        bytes: null,
        events: null,
        durationMs: null,
        failed: false,
      },
    });
    expect(records[2]?.session).toMatchObject({
      ...about,
      recording: { file: `${name}.cast`, ...(await digestOf(path)), failed: false },
    });
    expect(records[2]?.session?.recording?.durationMs).toBeGreaterThan(100);
    expect(JSON.stringify(records)).not.toContain(SECRET);
  });

  it('can be listed, exported and ended while it goes on', async () => {
    const terminal = dockerPty(['exec', '-it', box, 'sh'], as());
    await terminal.waitFor('/ # ');
    const { stdout } = await session('list', '--json');
    const live = (JSON.parse(stdout) as { sessions: { id: string; state: string }[] }).sessions.filter(
      ({ state }) => state === 'live',
    );
    expect(live).toMatchObject([
      { kind: 'exec', principal: 'admin', container, containerName: box, command: ['sh'], tty: true },
    ]);
    const name = live[0]?.id ?? '';
    expect((await session('list')).stdout).toMatch(
      new RegExp(`${name.slice(0, 12)} +live +exec +admin +${box}`),
    );
    expect((await session('export', name, '--format', 'text')).stdout).toContain('/ # ');
    expect((await session('end', name.slice(0, 13))).stdout).toBe(`${name} is ended\n`);
    expect(await terminal.exit()).toBe(0);
    expect(terminal.output()).toMatch(/\r\nquaywarden: this session was ended by an operator\r\n$/);
    const { records, path } = await lastSession('ExecStart');
    expect(records.at(-1)?.outcome?.ending).toBe('ended-by-operator');
    expect(textOf((await read(path)).events, 'o')).toBe(terminal.output());
    const again = { code: 1, stdout: `${name} was over already\n` };
    await expect(session('end', name)).rejects.toMatchObject(again);
    await expect(session('end', 'ffffffff')).rejects.toThrow(/there is no session/);
    expect((await session('export', name, '--format', 'text')).stdout).toMatch(
      /^quaywarden: this session was/m,
    );
  });
});

describe('a recorded process without a terminal', () => {
  it('has its two streams told apart', async () => {
    const result = await docker(['exec', box, 'sh', '-c', 'echo out; echo err >&2; exit 4'], as());
    expect(result).toMatchObject({ code: 4, stdout: 'out\n', stderr: 'err\n' });
    const { path, id: name } = await lastSession('ExecStart');
    const { header, events } = await read(path);
    expect(header.quaywarden?.command).toEqual(['sh', '-c', 'echo out; echo err >&2; exit 4']);
    expect([textOf(events, 'o'), textOf(events, 'e')]).toEqual(['out\n', 'err\n']);
    expect(await session('play', name)).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  it('gives back bytes that are no text', async () => {
    const made = await docker(['exec', box, 'head', '-c', '300000', '/dev/urandom'], as());
    const { id: name, path } = await lastSession('ExecStart');
    const output = `${gateway.dir}/raw`;
    await session('export', name, '--format', 'raw', '--output', output);
    expect(createHash('sha256').update(readFileSync(output)).digest('hex')).toBe(made.sha256);
    expect(statSync(output).mode & 0o777).toBe(0o600);
    expect((await read(path)).events.length).toBeGreaterThan(1);
  });

  it('is recorded where it is attached to, with its input when that is asked for', async () => {
    const child = dockerSpawn(['run', '-i', '--rm', '--name', `${id}-cat`, 'busybox', 'cat'], as());
    child.send('typed\n');
    await child.waitFor('typed\n');
    child.end();
    expect(await child.exit()).toBe(0);
    const { path, records } = await lastSession('ContainerAttach');
    const { header, events } = await read(path);
    expect([textOf(events, 'i'), textOf(events, 'o')]).toEqual(['typed\n', 'typed\n']);
    expect(header.quaywarden).toMatchObject({ kind: 'attach', containerName: `${id}-cat`, command: ['cat'] });
    expect(records.at(-1)?.session).toMatchObject({ kind: 'attach', command: null, tty: false });
  });

  it('leaves no recording when nothing came of it', async () => {
    const before = readdirSync(folder());
    const unknown = await docker(['attach', `${id}-none`], as());
    expect(unknown.code).toBe(1);
    const stopped = `${id}-stopped`;
    await docker(['create', '--name', stopped, 'busybox', 'true'], as());
    expect((await docker(['exec', '-d', box, 'true'], as())).code).toBe(0);
    expect((await docker(['attach', stopped], as())).code).toBe(1);
    expect(readdirSync(folder())).toEqual(before);
  });
});

it('the control socket is for the gateway alone, and gone with it; recordings can be listed still', async () => {
  const path = `${gateway.dir}/quaywarden.sock`;
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await gateway.stop()).code, gateway.log()).toBe(0);
  expect(existsSync(path)).toBe(false);
  const listed = await session('list');
  expect(listed.stderr).toMatch(/the gateway does not run/);
  expect(listed.stdout.match(/ ended /g)?.length).toBe(readdirSync(folder()).length);
});
