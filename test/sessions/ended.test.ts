import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { type CastEvent, readCast } from '../../src/recording/reader.ts';
import { digestOf } from '../../src/recording/recording-file.ts';
import { soon } from '../fault/client.ts';
import { requestLines } from '../support/audit.ts';
import { EXEC_CONTAINER, polite, type Script } from '../support/fake-engine.ts';
import { expectRefused, type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { issueToken } from '../support/gateway.ts';
import type { RawClient } from '../support/http.ts';

const TCP = ['Connection: Upgrade', 'Upgrade: tcp'];
const SWITCHED = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

/** Raw, so that the fake Engine's welcome is no bad frame. */
const start = (...headers: string[]) =>
  json('POST /v1.41/exec/abc/start', '{"Detach":false,"Tty":true}', ...TCP, ...headers);
const framed = json('POST /v1.41/exec/abc/start', '{"Detach":false}', ...TCP);

let door: FrontDoor;

/** Opens a session and resolves when its stream stands. */
async function session(request = start(), as?: string | null): Promise<RawClient> {
  const client = await door.connect(as);
  client.write(request);
  await client.until(/welcome/);
  return client;
}

/** The records of a client's session, once it is over. */
async function recordsOf(client: RawClient): Promise<RequestLine[]> {
  const id = /quaywarden-request-id: (\S+)/i.exec(client.received())?.[1];
  const records = () => requestLines(door.gateway.auditLines()).filter((record) => record.id === id);
  await soon(() => records().at(-1)?.stage).toBe('complete');
  return records();
}

async function endingOf(client: RawClient): Promise<string | undefined> {
  return (await recordsOf(client)).at(-1)?.outcome?.ending;
}

/** What the record of its end says of a recording. */
async function recordingOf(client: RawClient) {
  return (await recordsOf(client)).find(({ stage }) => stage === 'stream-end')?.session?.recording;
}

/** Everything that the client sees until the gateway has closed. */
async function leave(client: RawClient): Promise<string> {
  client.end();
  return client.closed(20_000);
}

describe('limits', () => {
  beforeAll(async () => {
    door = await openFrontDoor({
      config: {
        tls: { clientCa: 'clients/ca.pem', clientCertificate: 'optional' },
        sessions: { idleSeconds: 2, totalSeconds: 10, endAtExpiry: true },
      },
    });
  });
  afterAll(() => door.close());

  /** Sends a byte every half a second; resolves with how long the session lasted, in seconds. */
  async function busy(client: RawClient): Promise<number> {
    const begun = performance.now();
    const writing = setInterval(() => client.write('x'), 500);
    await client.closed(30_000);
    clearInterval(writing);
    client.end();
    return (performance.now() - begun) / 1_000;
  }

  it('end a session that is idle, one that lasts too long, one of which the token expires, and one whose client does not read', async () => {
    const idle = await session();
    const long = await session();
    const lasting = busy(long);
    const token = await issueToken(door.gateway, 'tom', '--role', 'operator', '--ttl', '6s');
    const expiring = await session(start(`Authorization: Bearer ${token}`), null);
    const expiry = busy(expiring);
    door.engine.script = flood;
    const deaf = await door.connect();
    deaf.write(start());
    await deaf.until(/welcome/);
    deaf.socket.pause();

    const [lasted, expired] = await Promise.all([lasting, expiry, idle.closed(20_000)]);
    idle.end();
    expect(await endingOf(idle)).toBe('idle-limit');
    expect([await endingOf(long), lasted > 8]).toEqual(['time-limit', true]);
    expect([await endingOf(expiring), expired < lasted]).toEqual(['identity-expired', true]);
    expect(await endingOf(deaf)).toBe('idle-limit');
    deaf.socket.destroy();
  });

  const flood: Script = ({ socket }) => {
    socket.write(`${SWITCHED}welcome`);
    const more = (): void => {
      while (socket.writable && socket.write(Buffer.alloc(65_536)));
      socket.once('drain', more);
    };
    more();
  };
});

/** More than the disk of these tests can take. */
const large: Script = async ({ socket, ended }) => {
  socket.write(`${SWITCHED}welcome`);
  await sleep(300);
  for (let line = 0; line < 200 && socket.writable; line += 1) {
    socket.write('x'.repeat(1_000));
    await sleep(8); // each is a chunk of its own, on a busy machine too
  }
  socket.write('the last line');
  await ended();
  socket.end();
};

/** A gateway that records on a small disk. */
function recording(sessions: object): { folder: () => string; names: () => string[] } {
  let disk: string;
  const folder = () => `${disk}/sessions`;
  beforeAll(async () => {
    disk = mkdtempSync('/tmp/quaywarden-disk-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    mkdirSync(folder());
    door = await openFrontDoor({ config: { sessions: { folder: folder(), ...sessions } } });
    await door.certPath('bob', { cn: 'bob', o: 'team-a', ou: 'operator' });
  });
  afterEach(() => {
    door.engine.script = polite;
    rmSync(folder(), { recursive: true, force: true });
    mkdirSync(folder());
  });
  afterAll(async () => {
    await door.close();
    execFileSync('umount', ['-l', disk]);
    rmdirSync(disk);
  });
  return { folder, names: () => readdirSync(folder()) };
}

describe('a session that has to be recorded', () => {
  const { folder, names } = recording({
    record: [
      { for: ['user:bob'], skip: true },
      { for: ['role:operator'], input: true },
    ],
    maxBytes: 40_000,
  });

  async function eventsOf(name = ''): Promise<CastEvent[]> {
    const events: CastEvent[] = [];
    for await (const event of (await readCast(`${folder()}/${name}`)).events) events.push(event);
    return events;
  }

  it('has its input, what came with the request included, and the resizes that the Engine made', async () => {
    const client = await session(`${start()}early `);
    await door.ask(http('POST /v1.41/exec/abc/resize?h=50&w=160', 'Content-Length: 0', '', ''));
    await door.ask(http('POST /v1.41/exec/other/resize?h=1&w=1', 'Content-Length: 0', '', ''));
    client.write('late');
    await leave(client);
    expect(await endingOf(client)).toBe('finished');
    const events = await eventsOf(names()[0]);
    const all = (wanted: string) => events.filter(({ code }) => code === wanted).map(({ text }) => text);
    expect([all('i').join(''), all('o').join(''), all('r')]).toEqual(['early late', 'welcome', ['160x50']]);
  });

  it('is not recorded where an entry above excepts its principal, and its records tell of it all the same', async () => {
    const client = await session(start(), 'bob');
    await leave(client);
    const [decision, , , complete] = await recordsOf(client);
    expect(complete?.outcome?.ending).toBe('finished');
    expect(decision?.session).toEqual({
      id: decision?.id,
      kind: 'exec',
      container: EXEC_CONTAINER,
      command: ['sh', '-c', 'true'],
      user: '',
      tty: false,
      recording: null,
    });
    expect(names()).toEqual([]);
  });

  it('reaches the Engine in no way when its recording can not begin', async () => {
    renameSync(folder(), `${folder()}-away`);
    writeFileSync(folder(), '');
    await expectRefused(door, start(), {
      status: 503,
      reason: 'recording-unavailable',
      operation: 'ExecStart',
    });
    rmSync(folder());
    renameSync(`${folder()}-away`, folder());
  });

  it('is not opened over a websocket', async () => {
    const headers = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='];
    await expectRefused(
      door,
      http(
        'GET /v1.41/containers/x/attach/ws?stream=1',
        'Connection: Upgrade',
        'Upgrade: websocket',
        ...headers,
        '',
        '',
      ),
      { status: 403, reason: 'recording-unavailable', operation: 'ContainerAttachWebsocket' },
    );
    expect(names()).toEqual([]);
  });

  it('is not opened of an exec that the Engine describes in no known way', async () => {
    door.engine.taken();
    const answer = await door.ask(json(`POST /v1.41/exec/${'d'.repeat(64)}/start`, '{"Tty":true}', ...TCP));
    expect([answer.status, answer.body]).toEqual([502, expect.stringContaining('[engine-garbled]')]);
    expect(door.engine.taken()).toEqual([]);
    expect(names()).toEqual([]);
  });

  it('ends when its output is no frames where it has to be', async () => {
    door.engine.script = ({ socket }) => void socket.write(`${SWITCHED}welcome to /bin/sh`);
    const client = await door.connect();
    client.write(framed);
    expect(await client.closed()).not.toContain('welcome');
    client.end();
    expect(await endingOf(client)).toBe('recording-failed');
  });

  it('ends when its recording would be larger than maxBytes, and what would not be in it went nowhere', async () => {
    door.engine.taken();
    const client = await session();
    client.write('Z'.repeat(41_000));
    await client.closed();
    client.end();
    expect(await endingOf(client)).toBe('recording-failed');
    expect(await recordingOf(client)).toMatchObject({
      ...(await digestOf(`${folder()}/${names()[0]}`)),
      failed: true,
    });
    const typed = (await eventsOf(names()[0])).filter(({ code }) => code === 'i');
    const kept = typed.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const forwarded = door.engine.taken().join('').split('Z').length - 1;
    expect([forwarded <= kept, kept < 41_000]).toEqual([true, true]);
  });

  it('ends when the disk is full, and its client has seen nothing that is not recorded', async () => {
    // Two pages are left, which are full long before `maxBytes`, even where some chunks come as one.
    writeFileSync(`${folder()}/filler`, 'x'.repeat(57_000));
    door.engine.script = large;
    const client = await session();
    const seen = await client.closed(20_000);
    client.end();
    expect(await endingOf(client)).toBe('recording-failed');
    expect(seen).not.toContain('the last line');
    const shown = seen.slice(seen.indexOf('\r\n\r\nwelcome') + 4);
    const name = names().find((each) => each !== 'filler');
    const kept = [...readFileSync(`${folder()}/${name}`, 'utf8').matchAll(/"o","([^"]*)("|$)/g)];
    expect(kept.map(([, text]) => text).join('')).toContain(shown);
    expect(await recordingOf(client)).toMatchObject({ failed: true });
    expect(door.gateway.log()).toMatch(/ENOSPC/);
  });
});

describe('a session that goes on when it can not be recorded', () => {
  const { folder } = recording({ record: [{ for: ['*'] }], onFailure: 'go-on' });

  it('has a record that says so, from the beginning', async () => {
    rmSync(folder(), { recursive: true });
    writeFileSync(folder(), '');
    const client = await session();
    await leave(client);
    const [decision] = await recordsOf(client);
    expect(decision?.session?.recording?.failed).toBe(true);
    const file = `${decision?.id}.cast`;
    const nothing = { sha256: null, bytes: null, events: null };
    expect(await recordingOf(client)).toEqual({
      file,
      ...nothing,
      durationMs: expect.any(Number),
      failed: true,
    });
    expect(await endingOf(client)).toBe('finished');
  });

  it('or from the end, when its disk is full', async () => {
    door.engine.script = large;
    const client = await session();
    await client.until(/the last line$/, 20_000);
    await leave(client);
    expect(await endingOf(client)).toBe('finished');
    expect(await recordingOf(client)).toMatchObject({ failed: true });
  });
});
