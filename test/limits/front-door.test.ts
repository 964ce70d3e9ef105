import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlainly, type TcpSocketConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeConnection, polite, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, messageOf, openFrontDoor } from '../support/front-door.ts';
import { type Answer, layWire, type RawClient, readAnswer } from '../support/http.ts';

let door: FrontDoor;
const socketPath = `/tmp/quaywarden-limits-${process.pid}.sock`;
afterAll(() => rmSync(socketPath, { force: true }));
const clients: RawClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await door.records();
});
async function connect(
  as?: string | null,
  options: ConnectionOptions & Partial<TcpSocketConnectOpts> = {},
): Promise<RawClient> {
  const client = await door.connect(as, options);
  client.socket.on('error', () => {});
  clients.push(client);
  return client;
}

const LIST = http('GET /v1.41/containers/json');
const EVENTS = http('GET /v1.41/events');

/** Sends a request on a connection that lives on, and leaves it there. */
async function leave(bytes: string, as = 'alice'): Promise<RawClient> {
  const client = await connect(as);
  client.write(bytes);
  return client;
}

/** Lists that the Engine has not answered yet. */
const held: FakeConnection[] = [];

/** An Engine that answers lists when it is told to, and events by a head and no end. */
const slow: Script = (connection, head) => {
  if (/ \/v1\.41\/events/.test(head)) {
    connection.socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n');
  } else if (/ \/v1\.41\/containers\/json/.test(head)) held.push(connection);
  else return polite(connection, head);
  return undefined;
};
async function holds(count: number): Promise<void> {
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(count);
}
function answerLists(): void {
  for (const { socket } of held.splice(0))
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]');
}

/** What a refusal must look like, whichever limit it comes from. */
function expectRefused(answer: Answer, status: number, reason: string, sentence: RegExp): void {
  expect([answer.status, messageOf(answer)]).toEqual([status, expect.stringMatching(sentence)]);
  expect(messageOf(answer)).toMatch(new RegExp(`^quaywarden: .+; try again in \\d+ s \\[${reason}\\]$`));
  const [seconds = ''] = answer.header('retry-after');
  expect(seconds).toMatch(/^[1-9]\d*$/);
  expect(messageOf(answer)).toContain(`try again in ${seconds} s`);
  expect(answer.header('content-type')).toEqual(['application/json']);
}

/** Opens a stream, as soon as there is room for it. */
function opened(bytes: string, first: RegExp): Promise<void> {
  return expect
    .poll(async () => (await leave(bytes)).until(/\n(?:\{.*\}\r?\n|.*welcome)/), { timeout: 10_000 })
    .toMatch(first);
}

/** Asks until it is served: what has ended makes room in a moment. */
async function served(bytes: string, as = 'alice'): Promise<number> {
  for (let tries = 0; ; tries += 1) {
    const { status } = await door.ask(bytes, as);
    if (status === 200 || tries === 5) return status;
  }
}

describe('a flood of one principal', () => {
  beforeAll(async () => {
    door = await openFrontDoor({
      config: {
        limits: {
          principals: [{ for: ['user:alice'], requestsPerSecond: 1, burst: 10 }],
          tenants: [{ for: ['team-b'], requestsPerSecond: 0.1, burst: 1 }],
        },
      },
    });
    await door.certPath('bob', { cn: 'bob', o: 'team-b', ou: 'operator' });
  });
  afterAll(() => door.close());

  it('is refused, recorded in a few lines that count all of it, and nobody else is refused', async () => {
    const statuses: number[] = [];
    const until = Date.now() + 2_500;
    const flood = Array.from({ length: 12 }, async () => {
      const client = await connect('alice');
      for (let read = 0; Date.now() < until; ) {
        client.write(http('GET /v1.41/_ping'));
        const all = await client.until(new RegExp(`^[^]{${read}}HTTP/1[^]+?\\r\\n\\r\\n(?:OK|.*\\}\\n)`));
        const answer = readAnswer(all.slice(read));
        read = all.length;
        statuses.push(answer.status);
        if (answer.status !== 200)
          expectRefused(answer, 429, 'rate-limited', /alice sends more than 1 requests a second/);
      }
    });
    let others = 0;
    while (Date.now() < until) {
      expect((await door.ask(http('GET /v1.41/_ping'), 'viewer')).status).toBe(200);
      others += 1;
    }
    await Promise.all(flood);
    const refused = statuses.filter((status) => status === 429).length;
    expect(refused).toBeGreaterThan(10);
    expect(statuses.length - refused).toBeGreaterThanOrEqual(10);
    expect(statuses.length - refused).toBeLessThan(16);
    expect(others).toBeGreaterThan(5);

    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const records = (await door.records()).filter(({ stage }) => stage === 'refused');
    expect(records.length).toBeLessThanOrEqual(8);
    for (const record of records) {
      expect(record).toMatchObject({
        principal: { name: 'alice' },
        decision: { effect: 'deny', reason: 'rate-limited' },
        outcome: { status: 429 },
      });
    }
    expect(records.reduce((sum, { repeated = 0 }) => sum + 1 + repeated, 0)).toBe(refused);
  });

  it('that comes on ever more connections loses those on which it would only wait', async () => {
    const many = await Promise.all(Array.from({ length: 272 }, () => connect('bob')));
    expect((await door.ask(LIST, 'bob')).status).toBe(200);
    for (const client of many) client.write(LIST);
    const answers = await Promise.all(many.map(async (client) => readAnswer(await client.answered())));
    const closed = answers.filter((answer) => answer.header('connection').includes('close'));
    // 256 wait; fewer are closed where some have waited already when the last one comes.
    expect(closed.length).toBeGreaterThan(0);
    expect(closed.length).toBeLessThanOrEqual(16);
    for (const answer of answers) {
      expectRefused(answer, 429, 'rate-limited', /tenant team-b sends more than 0\.1 requests a second/);
    }
  });
});

describe('requests at a time', () => {
  beforeAll(async () => {
    door = await openFrontDoor({
      script: slow,
      config: {
        limits: {
          principals: [{ for: ['user:alice'], concurrent: 2, streams: 2 }],
          requests: 16,
          connections: 24,
          headersSeconds: 3,
          bodySeconds: 1,
        },
      },
    });
  });
  afterAll(() => door.close());

  it('are refused beyond the limit, before their body; what ends makes room', async () => {
    const waiting = [await leave(LIST), await leave(LIST)];
    await holds(2);
    await door.records(2);
    const create = json('POST /v1.41/containers/create', '{"Image":"a"}', 'Expect: 100-continue');
    const [head = ''] = create.split('\r\n\r\n');
    const client = await leave(`${head}\r\n\r\n`);
    const answer = readAnswer(await client.answered('POST'));
    expectRefused(answer, 429, 'too-many-requests-at-once', /alice has 2 requests under way/);
    expect(client.received()).not.toContain('100 Continue');
    expect((await door.ask(http('GET /v1.41/_ping'), 'viewer')).status).toBe(200);
    const records = (await door.records(3)).filter(({ stage }) => stage === 'refused');
    expect(records).toMatchObject([
      {
        principal: { name: 'alice' },
        request: { operation: 'ContainerCreate' },
        decision: { reason: 'too-many-requests-at-once' },
      },
    ]);
    answerLists();
    for (const each of waiting) expect(readAnswer(await each.answered()).status).toBe(200);
    expect(await served(http('GET /v1.41/_ping'))).toBe(200);
  });

  it('make room when their client has gone', async () => {
    const wire = await layWire(door.gateway.port);
    const client = await connect('alice', { port: wire.port });
    client.write(LIST);
    await leave(LIST);
    await holds(2);
    expect((await door.ask(http('GET /v1.41/_ping'))).status).toBe(429);
    wire.cut();
    expect(await served(http('GET /v1.41/_ping'))).toBe(200);
    expect((await door.ask(http('GET /v1.41/_ping'))).status).toBe(200);
    answerLists();
  });

  it('that stream have a limit of their own, tunnels among them', async () => {
    const events = await leave(EVENTS);
    await events.until(/\{\}/);
    const attach = http(
      'POST /v1.41/containers/box/attach?stream=1&stdout=1',
      'Connection: Upgrade',
      'Upgrade: tcp',
      'Content-Length: 0',
    );
    const tunnel = await leave(attach);
    await tunnel.until(/welcome/);
    expectRefused(await door.ask(EVENTS), 429, 'too-many-streams', /alice has 2 streams open/);
    const refused = await leave(attach);
    expectRefused(
      readAnswer(await refused.answered('POST')),
      429,
      'too-many-streams',
      /alice has 2 streams open/,
    );
    expect((await door.ask(http('GET /v1.41/_ping'))).status).toBe(200);
    tunnel.socket.destroy();
    await opened(attach, /welcome/);
    events.socket.destroy();
    await opened(EVENTS, /\{\}/);
    expect((await door.ask(EVENTS)).status).toBe(429);
  });

  it('of all together are few enough: more are told so at once, before anybody reads a body or asks a policy', async () => {
    const waiting = await Promise.all(Array.from({ length: 16 }, () => leave(LIST, 'viewer')));
    await holds(16);
    await door.records(16);
    const client = await leave(
      http(
        'POST /v1.41/containers/create',
        'Content-Type: application/json',
        'Content-Length: 100',
        'Expect: 100-continue',
        '',
        '',
      ),
      'nobody',
    );
    expectRefused(
      readAnswer(await client.answered('POST')),
      503,
      'overloaded',
      /this gateway has 16 requests under way/,
    );
    expect(client.received()).not.toContain('100 Continue');
    const records = await door.records(1);
    expect(records).toMatchObject([
      { principal: { name: 'nobody' }, request: { operation: null }, decision: { reason: 'overloaded' } },
    ]);
    answerLists();
    for (const each of waiting) expect(readAnswer(await each.answered()).status).toBe(200);
    expect(await served(http('GET /v1.41/_ping'))).toBe(200);
  });

  it('of a client that never ends its head are answered 408, and recorded', async () => {
    const client = await connect('alice');
    client.write('GET /v1.41/_ping HTTP/1.1\r\nHost: docker\r\n');
    const dripping = setInterval(() => client.write('X-A: b\r\n'), 200);
    const answer = readAnswer(await client.answered());
    clearInterval(dripping);
    expect([answer.status, messageOf(answer)]).toEqual([408, expect.stringContaining('[headers-timeout]')]);
    const [record] = await door.records(1);
    expect(record).toMatchObject({ stage: 'refused', decision: { reason: 'headers-timeout' } });
  });

  it('never come from a client that does not end its handshake: its connection is closed', async () => {
    const closed = Array.from({ length: 3 }, () => {
      const socket = connectPlainly({ host: '127.0.0.1', port: door.gateway.port });
      socket.on('error', () => {}).resume();
      return once(socket, 'close', { signal: AbortSignal.timeout(10_000) });
    });
    await Promise.all(closed);
    await expect
      .poll(() => door.gateway.log().match(/ERR_TLS_HANDSHAKE_TIMEOUT/g)?.length ?? 0)
      .toBeGreaterThanOrEqual(3);
  });

  it('of a client that sends its body one byte at a time are answered 408 when its time is over', async () => {
    const client = await leave(
      http(
        'POST /v1.41/containers/create',
        'Content-Type: application/json',
        'Content-Length: 1000',
        '',
        '{',
      ),
    );
    const dripping = setInterval(() => client.write(' '), 100);
    const answer = readAnswer(await client.answered('POST'));
    clearInterval(dripping);
    expect([answer.status, messageOf(answer)]).toEqual([408, expect.stringContaining('[body-timeout]')]);
  });

  it('come on so many connections, all together', async () => {
    await expect
      .poll(
        () =>
          connect('viewer').then(
            () => 'connected',
            // Those of the test before count until the gateway has seen them go.
            () => (clients.length < 24 ? 'too early' : 'refused'),
          ),
        { timeout: 20_000, interval: 1 },
      )
      .toBe('refused');
    expect(clients.length).toBe(24);
    const [record] = await door.records(1);
    expect(record?.decision.message).toMatch(/this gateway has 24 connections open/);
  });
});

describe('an address', () => {
  beforeAll(async () => {
    door = await openFrontDoor({
      prepare: (dir) => {
        writeFileSync(`${dir}/denied`, 'subject:mallory\n');
      },
      config: {
        revocation: { denyList: 'denied' },
        listeners: [
          { listen: `unix://${socketPath}`, principal: { name: 'agent', tenant: 'local', roles: [] } },
        ],
        limits: {
          addresses: {
            failuresPerMinute: 5,
            failureSeconds: 60,
            connections: 15,
            handshakesPerSecond: 2,
            handshakeBurst: 20,
          },
        },
      },
    });
  });
  afterAll(() => door.close());

  const from = (localAddress: string) => ({ localAddress });
  const outcome = (localAddress: string) =>
    connect('alice', from(localAddress)).then(
      () => 'connected',
      () => 'refused',
    );
  const askFrom = async (localAddress: string, as: string | null): Promise<Answer> => {
    const client = await connect(as, from(localAddress));
    client.write(LIST);
    return readAnswer(await client.answered());
  };

  it('from which too much came that showed nobody waits, and those who show a certificate do not', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await askFrom('127.0.0.2', null)).status);
    expect(statuses).toEqual(Array(5).fill(401));
    expectRefused(
      await askFrom('127.0.0.2', null),
      429,
      'too-many-failures',
      /showed nobody who may call; try again in 60 s/,
    );
    const again = await Promise.all([1, 2, 3].map(() => askFrom('127.0.0.2', null)));
    for (const answer of again) expectRefused(answer, 429, 'too-many-failures', /try again in/);
    expect((await askFrom('127.0.0.2', 'alice')).status).toBe(200);
    expect((await askFrom('127.0.0.3', null)).status).toBe(401);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const records = (await door.records()).filter(({ stage }) => stage === 'refused');
    const limited = records.filter(({ decision }) => decision.reason === 'too-many-failures');
    expect(records.length - limited.length).toBe(6);
    expect(limited.reduce((sum, { repeated = 0 }) => sum + 1 + repeated, 0)).toBe(4);
    expect(limited[0]).toMatchObject({ principal: null, client: { address: '127.0.0.2' } });
  });

  it('from which too many heads came that nobody could read waits too, and fills no log', async () => {
    const bad = 'GET /_ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n';
    const ask = async (): Promise<number> => {
      const client = await connect(null, from('127.0.0.16'));
      client.write(bad);
      return readAnswer(await client.answered()).status;
    };
    for (let i = 0; i < 5; i += 1) expect(await ask()).toBe(400);
    expect(await Promise.all(Array.from({ length: 7 }, ask))).toEqual(Array(7).fill(429));
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const records = (await door.records()).filter(({ client }) => client.address === '127.0.0.16');
    expect(records.length).toBeLessThan(12);
    expect(records.reduce((sum, { repeated = 0 }) => sum + 1 + repeated, 0)).toBe(12);
  });

  it('of a local listener may not have ever more connections either', async () => {
    const sockets = Array.from({ length: 20 }, () => connectPlainly(socketPath).on('error', () => {}));
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBe(5);
    for (const socket of sockets) socket.destroy();
  });

  it('from which a revoked certificate calls again and again waits too', async () => {
    await door.certPath('mallory');
    const statuses: number[] = [];
    for (let i = 0; i < 8; i += 1) statuses.push((await askFrom('127.0.0.17', 'mallory')).status);
    expect(statuses).toEqual([...Array(5).fill(401), ...Array(3).fill(429)]);
  });

  it('may not open ever more connections: those beyond are closed before their handshake, and recorded', async () => {
    const open = await Promise.all(Array.from({ length: 15 }, () => connect('alice', from('127.0.0.4'))));
    for (let i = 0; i < 3; i += 1) expect(await outcome('127.0.0.4')).toBe('refused');
    expect(await outcome('127.0.0.5')).toBe('connected');
    const [record] = await door.records(1);
    expect(record).toMatchObject({
      stage: 'refused',
      principal: null,
      client: { address: '127.0.0.4', tls: null },
      request: { method: '', operation: null },
      decision: {
        reason: 'too-many-connections',
        message: expect.stringContaining('this address has 15 connections open'),
      },
      outcome: { status: null },
    });
    open[0]?.socket.destroy();
    await expect.poll(() => outcome('127.0.0.4')).toBe('connected');
  });

  it('may not open them ever faster: what is beyond waits in line, and is closed where that is too long', async () => {
    const began = performance.now();
    for (let i = 0; i < 20; i += 1) {
      expect(await outcome('127.0.0.6')).toBe('connected');
      for (const client of clients.splice(0)) client.end();
    }
    // What the first ones have left of the burst: one came back with each half second that they took.
    const left = Math.ceil((performance.now() - began) / 500);
    const started = performance.now();
    const seconds: number[] = [];
    const waiting = Array.from({ length: 15 }, async () => {
      const told = await outcome('127.0.0.6');
      if (told === 'connected') seconds.push((performance.now() - started) / 1_000);
    });
    expect(await outcome('127.0.0.7')).toBe('connected');
    expect(performance.now() - started).toBeLessThan(2_000);
    await Promise.all(waiting);
    const served = seconds.sort((a, b) => a - b);
    // Two a second, for five seconds.
    expect(served.length).toBeGreaterThanOrEqual(9);
    expect(served.length).toBeLessThanOrEqual(12 + left);
    for (const [index, second] of served.entries()) expect(second).toBeGreaterThan((index - 2 - left) / 2);
    expect(served.at(-1)).toBeGreaterThan(4);
    const records = (await door.records()).filter(({ client: { address } }) => address === '127.0.0.6');
    for (const { decision } of records) expect(decision.reason).toBe('too-many-handshakes');
    expect(records.reduce((sum, { repeated = 0 }) => sum + 1 + repeated, 0)).toBe(15 - served.length);
  });
});
