import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, type FakeConnection, polite } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
beforeEach(async () => {
  door.engine.script = polite;
  door.engine.taken();
  await door.records();
});
afterAll(() => door.close());

const tcp = ['Connection: Upgrade', 'Upgrade: tcp'];
const start = json('POST /v1.41/exec/abc/start', '{"Detach":false}', ...tcp);
const opened =
  'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

/** The fake Engine's side of the next tunnel, which it opens when `open` is called. */
function nextTunnel(): Promise<{ engine: FakeConnection; open: () => void }> {
  return new Promise((resolve) => {
    door.engine.script = async (engine, head) => {
      if (!head.startsWith('POST')) return polite(engine, head);
      await bodyOf(engine, head);
      resolve({ engine, open: () => void engine.socket.write(opened) });
    };
  });
}

describe('what a client sends before the tunnel stands', () => {
  it('D016: early input is held until the 101 and then delivered, in order', async () => {
    const next = nextTunnel();
    const client = await door.connect();
    client.write(`${start}early `);
    const { engine, open } = await next;
    client.write('and more ');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(engine.received()).toMatch(/\{"Detach":false\}$/);
    open();
    await client.until(/UPGRADED/);
    client.write('and late');
    await engine.until(/\{"Detach":false\}early and more and late$/);
    engine.socket.end('bye');
    expect(await client.closed()).toMatch(/\r\n\r\nbye$/);
    client.end();
    expect((await door.records(2))[1]?.outcome).toMatchObject({ status: 101, bytesIn: 39, bytesOut: 3 });
  });

  it('D016: a body that arrives after its head, byte by byte, is judged whole and forwarded once', async () => {
    const client = await door.connect();
    for (const byte of start) {
      client.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(/welcome$/);
    expect(door.engine.taken().join('')).toMatch(
      /Content-Length: 16\r\n(?:[^\r\n]+\r\n)*\r\n\{"Detach":false\}$/,
    );
    client.socket.destroy();
  });

  it('D016: an end of the input before the 101 ends the input and not the output', async () => {
    const next = nextTunnel();
    const client = await door.connect();
    client.write(`${start}hi`);
    client.end();
    const { engine, open } = await next;
    await new Promise((resolve) => setTimeout(resolve, 50));
    open();
    await engine.ended();
    expect(engine.received()).toMatch(/\{"Detach":false\}hi$/);
    engine.socket.end('hi');
    expect(await client.closed()).toMatch(/\r\n\r\nhi$/);
  });

  it('a client that has gone by the time of the 101 leaves nothing open behind it', async () => {
    const next = nextTunnel();
    const client = await door.connect();
    client.write(start);
    const { engine, open } = await next;
    client.socket.destroy();
    open();
    await engine.ended();
    engine.socket.end('output');
    expect((await door.records(2)).map(({ stage }) => stage)).toEqual(['decision', 'complete']);
  });
});

describe('clients without an upgrade', () => {
  it.each(['1.0', '1.1'])('HTTP/%s: 200 and the raw stream until the Engine ends', async (version) => {
    const next = nextTunnel();
    const client = await door.connect();
    const lines = ['Content-Type: application/json', 'Content-Length: 16', '', '{"Detach":false}'];
    client.write(
      `${[`POST /v1.41/exec/abc/start HTTP/${version}`, 'Host: docker', ...lines].join('\r\n')}stdin`,
    );
    const { engine, open } = await next;
    open();
    await engine.until(/\{"Detach":false\}stdin$/);
    engine.socket.end('output');
    const answer = readAnswer(await client.closed());
    expect([answer.status, answer.body]).toEqual([200, 'output']);
    expect(answer.header('content-type')).toEqual(['application/vnd.docker.raw-stream']);
    expect([...answer.header('upgrade'), ...answer.header('connection')]).toEqual([]);
    client.end();
  });

  it('HTTP/1.0 without a Host is served, as old clients send it', async () => {
    const client = await door.connect();
    client.write('POST /v1.41/containers/x/attach?stream=1 HTTP/1.0\r\n\r\n');
    await client.until(/^HTTP\/1\.1 200 OK\r\n(?:[^\r\n]+\r\n)*\r\nwelcome$/);
    client.socket.destroy();
  });
});

describe('half-close and masses', () => {
  it('D028: the end of the output ends the connection though the input is open', async () => {
    const next = nextTunnel();
    const client = await door.connect();
    client.write(start);
    const { engine, open } = await next;
    open();
    await client.until(/UPGRADED/);
    engine.socket.end('done');
    expect(await client.closed()).toMatch(/\r\n\r\ndone$/);
    client.socket.destroy();
    expect((await door.records(2))[1]?.outcome).toMatchObject({ ending: 'finished', bytesOut: 4 });
  });

  it('D028: an Engine that resets takes the client with it', async () => {
    const next = nextTunnel();
    const client = await door.connect();
    client.write(start);
    const { engine, open } = await next;
    open();
    await client.until(/UPGRADED/);
    engine.socket.destroy();
    await client.closed();
    client.end();
    expect(await door.records(2)).toHaveLength(2);
  });

  it('D028: a hundred idle tunnels stand, each loses its Engine side with its client, and all are recorded', async () => {
    const clients = await Promise.all(Array.from({ length: 100 }, () => door.connect()));
    const from = door.engine.connections.length;
    for (const client of clients) client.write(start);
    await Promise.all(clients.map((client) => client.until(/welcome$/, 20_000)));
    const made = door.engine.connections.slice(from);
    const sides = made.filter((side) => side.received().startsWith('POST '));
    expect(sides).toHaveLength(100);
    clients.slice(0, 50).forEach((client) => {
      client.end();
    });
    clients.slice(50).forEach((client) => {
      client.socket.destroy();
    });
    await Promise.all(sides.map((side) => side.ended()));
    const records = await door.records(200);
    expect(records.filter(({ stage }) => stage === 'complete')).toHaveLength(100);
    expect(records.every(({ decision }) => decision.effect === 'allow')).toBe(true);
    const last = await door.ask(http('GET /v1.41/info'));
    expect(last.status).toBe(200);
  });
});
