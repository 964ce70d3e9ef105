import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { readAnswer } from '../support/http.ts';

const PING = 'GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n';
const LIST = 'GET /v1.41/containers/json HTTP/1.1\r\nHost: d\r\n\r\n';
const ATTACH =
  'POST /v1.41/containers/web/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';

const MAY_PING = 'p, user:alice, engine, SystemPing, true, allow\n';
const MAY_ATTACH = 'p, user:alice, container/**, ContainerAttach, true, allow\n';
const MAY_LIST = 'p, user:alice, container/**, ContainerList, true, allow\n';

let door: FrontDoor;
const socketPath = `/tmp/quaywarden-workers-${process.pid}.sock`;

beforeAll(async () => {
  door = await openFrontDoor({
    config: {
      workers: 2,
      listeners: [
        {
          listen: `unix://${socketPath}`,
          mode: '0660',
          principal: { name: 'alice', tenant: 'local', roles: [] },
        },
      ],
      admin: { listen: '127.0.0.1:0' },
      reload: { watchSeconds: 0 },
    },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, MAY_PING + MAY_ATTACH),
  });
});
afterAll(() => door.close());

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 20_000, interval: 100 });

/** Processes whose parent is the gateway. */
function workers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] ===
          String(door.gateway.pid)
        );
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function readyz(): Promise<{ ready: boolean; workers: object; checks: object }> {
  const [, port] = /"port":(\d+),"msg":"the admin listener/.exec(door.gateway.log()) ?? [];
  return (await (await fetch(`http://127.0.0.1:${port}/readyz`)).json()) as Awaited<
    ReturnType<typeof readyz>
  >;
}

/** The lines that each worker has written. */
function logs(): string[] {
  return [`${door.gateway.dir}/audit`, `${door.gateway.dir}/audit/worker-2`].map((folder) =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.jsonl'))
          .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
          .join('')
      : '',
  );
}

const count = (text: string, what: RegExp): number => [...text.matchAll(what)].length;

describe('workers: 2', () => {
  it('serve as one, each with a chain of its own', async () => {
    expect(workers()).toHaveLength(2);
    expect(await readyz()).toMatchObject({ ready: true, workers: { wanted: 2, serving: 2, restarts: 0 } });
    for (let index = 0; index < 8; index += 1) expect((await door.ask(PING)).status).toBe(200);
    const [first = '', second = ''] = logs();
    expect(count(first, /"stage":"complete"/g)).toBeGreaterThan(0);
    expect(count(second, /"stage":"complete"/g)).toBeGreaterThan(0);
    expect(first).toMatch(/"gateway":"quaywarden"/);
    expect(second).toMatch(/"gateway":"quaywarden\.2"/);
  });

  it('have one local listener, for those who may have it', async () => {
    expect(statSync(socketPath).mode & 0o777).toBe(0o660);
    const socket = connect(socketPath);
    socket.write(PING.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
    const answer = (await socket.setEncoding('latin1').toArray()).join('');
    expect(readAnswer(answer).status).toBe(200);
  });

  it('are scraped as one, a label telling them apart', async () => {
    const [, port] = /"port":(\d+),"msg":"the admin listener/.exec(door.gateway.log()) ?? [];
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const worker of ['1', '2'])
      expect(text).toMatch(new RegExp(`^quaywarden_requests_total\\{.*worker="${worker}".*\\} \\d+$`, 'm'));
    const helps = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name);
    expect(new Set(helps).size).toBe(helps.length);
  });

  it('take over each other’s TLS sessions', async () => {
    const client = await door.connect();
    const ticket = new Promise<Buffer>((resolve) => client.socket.once('session', resolve));
    client.write(PING);
    await client.answered();
    const session = await ticket;
    client.socket.destroy();
    for (let index = 0; index < 4; index += 1) {
      const again = await door.connect('alice', { session });
      expect(again.socket.isSessionReused()).toBe(true);
      again.write(PING);
      expect(readAnswer(await again.answered()).status).toBe(200);
      again.socket.destroy();
    }
  });

  it('are one to the operator: sessions are listed and ended wherever they are, a reload is one of all', async () => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => door.connect()));
    for (const client of clients) client.write(ATTACH);
    await Promise.all(clients.map((client) => client.until(/welcome/)));
    const { stdout } = await quaywarden(['session', 'list', '--json', '--config', door.gateway.config]);
    const { sessions } = JSON.parse(stdout) as { sessions: { id: string; state: string }[] };
    const ids = sessions.filter(({ state }) => state === 'live').map(({ id }) => id);
    expect(new Set(ids).size).toBe(4);
    for (const id of new Set(ids)) await quaywarden(['session', 'end', id, '--config', door.gateway.config]);
    await Promise.all(clients.map((client) => client.closed()));
    expect((await door.ask(LIST)).status).toBe(403);
    writeFileSync(`${door.gateway.dir}/policies/grants.csv`, MAY_PING + MAY_ATTACH + MAY_LIST);
    await quaywarden(['reload', '--config', door.gateway.config]);
    for (let index = 0; index < 6; index += 1) expect((await door.ask(LIST)).status).toBe(200);
  });

  it('are replaced when they crash, and the other serves meanwhile', async () => {
    const [victim = 0, other = 0] = workers();
    process.kill(victim, 'SIGKILL');
    // What was on its way to the one that is killed is lost, as in any crash; from then on nothing is.
    await eventually(() => expect(workers()).not.toContain(victim));
    await eventually(() => expect(door.gateway.log()).toMatch(/"how":"SIGKILL"/));
    await eventually(async () => {
      expect((await door.ask(PING)).status).toBe(200);
      expect((await readyz()).workers).toEqual({ wanted: 2, serving: 2, restarts: 1 });
    });
    const now = workers();
    expect(now).toHaveLength(2);
    expect(now).toContain(other);
    // Its chain goes on where it was cut.
    await quaywarden(['audit', 'verify', '--open', '--config', door.gateway.config]);
  });

  it('stop in an orderly way', async () => {
    const pids = workers();
    expect((await door.gateway.stop()).code).toBe(0);
    expect(pids.map((pid) => existsSync(`/proc/${pid}`))).toEqual([false, false]);
    for (const log of logs()) expect(log).toMatch(/"type":"stop"/);
  });
});

describe('workers that can not start', () => {
  it('say why, once, and leave nothing behind', async () => {
    await expect(
      openFrontDoor({
        config: { workers: 2 },
        prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, 'p, nobody\n'),
      }),
    ).rejects.toThrow(/grants\.csv:1: /);
  });
});
