import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeEngine, PING, reply, startFakeEngine } from '../support/fake-engine.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bytes, endings, resettable, soon, tell, unfinished, upgrade } from './client.ts';
import { connectionsOf, descriptorsOf } from './meter.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n';

/** The three roads of a request, and what is asked on each. */
const ROADS = [
  { road: 'plain', operation: 'ContainerList', path: '/v1.41/containers/json' },
  { road: 'stream', operation: 'ContainerLogs', path: '/v1.41/containers/box/logs?follow=1&stdout=1' },
  { road: 'tunnel', operation: 'ContainerAttach', path: '/v1.41/containers/box/attach?stream=1&stdout=1' },
] as const;

type Road = (typeof ROADS)[number];

/** What the Engine does, and what the client must get. */
interface Fault {
  readonly what: string;
  readonly act: (socket: Socket) => void;
  readonly status: 502;
  readonly reason: 'engine-garbled' | 'engine-broke-off';
  /** Only on these roads; default all. */
  readonly roads?: readonly Road['road'][];
}

const FAULTS: readonly Fault[] = [
  {
    what: 'answers what is not HTTP',
    act: (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n\r\n'),
    status: 502,
    reason: 'engine-garbled',
  },
  {
    what: 'answers a status that is no number',
    act: (socket) => socket.write('HTTP/1.1 abc OK\r\n\r\n'),
    status: 502,
    reason: 'engine-garbled',
  },
  {
    what: 'answers two lengths',
    act: (socket) => socket.write(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]`),
    status: 502,
    reason: 'engine-garbled',
  },
  {
    what: 'sends a head of more than a megabyte',
    act: (socket) => socket.write(`${OK}X: ${'x'.repeat(1_200_000)}\r\n\r\n`),
    status: 502,
    reason: 'engine-garbled',
  },
  {
    what: 'closes after half a head',
    act: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Ty'),
    status: 502,
    reason: 'engine-broke-off',
  },
  { what: 'closes at once', act: (socket) => socket.end(), status: 502, reason: 'engine-broke-off' },
  {
    what: 'breaks the connection',
    act: (socket) => socket.destroy(),
    status: 502,
    reason: 'engine-broke-off',
  },
  {
    what: 'switches protocols unasked',
    act: (socket) => socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'),
    status: 502,
    reason: 'engine-garbled',
    roads: ['plain', 'stream'],
  },
  {
    what: 'switches to another protocol than the one asked for',
    act: (socket) => socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    status: 502,
    reason: 'engine-garbled',
    roads: ['tunnel'],
  },
];

let engine: FakeEngine;
let gateway: Gateway;
let atRest: number;
let act: (socket: Socket) => void = () => {};

beforeAll(async () => {
  engine = await startFakeEngine(({ socket }, head) => {
    if (/^(GET|HEAD) \/(v1\.41\/)?_ping /.test(head)) socket.write(PING);
    else act(socket);
  });
  gateway = await startGateway({ engineSocket: engine.socketPath });
  atRest = descriptorsOf(gateway.pid);
});

afterAll(async () => {
  const { code } = await gateway.stop();
  await engine.close();
  expect(code, gateway.log()).toBe(0);
  expect(unfinished(gateway)).toEqual([]);
});

/** Sends the request of a road; resolves with status and body, or with how it broke. */
async function ask(road: Road): Promise<{ status: number; body: string; whole: boolean }> {
  if (road.road !== 'tunnel') return tell(gateway, { path: road.path });
  const client = await bytes(gateway);
  client.write(upgrade(road.path));
  const all = await client.closed();
  client.socket.destroy();
  return {
    status: Number(all.split(' ')[1]),
    body: all.slice(all.indexOf('\r\n\r\n') + 4),
    whole: true,
  };
}

describe.each(ROADS)('an Engine at fault, on the $road road', (road) => {
  const faults = FAULTS.filter(({ roads }) => roads === undefined || roads.includes(road.road));

  it.each(faults)('that $what: the client reads $status $reason, and it is recorded', async (fault) => {
    act = fault.act;
    const before = endings(gateway, road.operation).length;
    const { status, body } = await ask(road);
    expect(status, body).toBe(fault.status);
    const { message } = JSON.parse(body) as { message: string };
    expect([message]).toEqual([
      fault.reason === 'engine-broke-off'
        ? `quaywarden: the Docker Engine at ${engine.socketPath} broke off before it answered [engine-broke-off]`
        : expect.stringMatching(
            /^quaywarden: the (answer of the Docker Engine|Engine switched) .* \[engine-garbled\]$/,
          ),
    ]);
    await soon(() => endings(gateway, road.operation).slice(before)).toEqual([
      `${fault.status} engine-error`,
    ]);
  });

  it.each(road.road === 'stream' ? ['resets', 'closes'] : ['resets'])(
    'that hangs: the client waits, and when it %s its connection the Engine is left too',
    async (way) => {
      const held: Socket[] = [];
      act = (socket) => held.push(socket);
      const before = endings(gateway, road.operation).length;
      const { client, reset } = await resettable(gateway);
      client.write(
        road.road === 'tunnel' ? upgrade(road.path) : `GET ${road.path} HTTP/1.1\r\nHost: x\r\n\r\n`,
      );
      await soon(() => held.length).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(endings(gateway, road.operation).slice(before)).toEqual([]);
      expect(held[0]?.readableEnded).toBe(false);
      if (way === 'resets') reset();
      else client.socket.destroy();
      await soon(() => endings(gateway, road.operation).slice(before)).toEqual(['null client-closed']);
      await soon(() => held[0]?.readableEnded).toBe(true);
      await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    },
  );
});

describe.each(ROADS.filter(({ road }) => road !== 'tunnel'))(
  'a reply that is cut, on the $road road',
  (road) => {
    it.each([
      { how: 'short of its Content-Length', bytes: `${OK}Content-Length: 50\r\n\r\n[{"half":` },
      { how: 'between chunks', bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n9\r\n[{"half":\r\n` },
      { how: 'within a chunk', bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n20\r\n[{"half":` },
      {
        how: 'by a chunk that is none',
        bytes: `${OK}Transfer-Encoding: chunked\r\n\r\n9\r\n[{"half":\r\nzz\r\n`,
      },
    ])('$how is not taken for a whole one', async ({ bytes: cut }) => {
      act = (socket) => socket.end(cut);
      const before = endings(gateway, road.operation).length;
      const { status, body, whole } = await ask(road);
      expect({ status, body, whole }).toEqual({ status: 200, body: '[{"half":', whole: false });
      await soon(() => endings(gateway, road.operation).slice(before)).toEqual([
        expect.stringMatching(/^200 engine-(closed|error)$/),
      ]);
    });
  },
);

describe('an Engine that is merely odd', () => {
  it.each(ROADS)('may send a 103 before its answer, on the $road road', async (road) => {
    act = (socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n');
      socket.write(reply('404 Not Found', '{"message":"No such container: box"}\n'));
    };
    expect(await ask(road)).toMatchObject({ status: 404, body: '{"message":"No such container: box"}\n' });
  });

  it.each(ROADS)('may answer more than was asked, which goes nowhere, on the $road road', async (road) => {
    act = (socket) => socket.end(`${reply('409 Conflict', '{"message":"no"}\n')}HTTP/1.1 200 OK\r\n\r\nmore`);
    const { status, body } = await ask(road);
    expect({ status, body }).toEqual({ status: 409, body: '{"message":"no"}\n' });
  });

  it('may close after each answer without saying so: the next request gets a new connection', async () => {
    act = (socket) => socket.end(reply('200 OK', '[]\n'));
    for (let i = 0; i < 20; i += 1) {
      expect(await tell(gateway, { path: '/v1.41/containers/json' })).toMatchObject({
        status: 200,
        body: '[]\n',
      });
    }
  });

  it('leaves nothing open behind it', async () => {
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    // Kept-alive connections of the pool may stay, half a minute each.
    await soon(() => connectionsOf(gateway.pid).engine).toBeLessThanOrEqual(3);
    expect(descriptorsOf(gateway.pid) - atRest).toBeLessThan(15);
    expect((await tell(gateway, { path: '/_ping' })).body).toBe('OK');
  });
});
