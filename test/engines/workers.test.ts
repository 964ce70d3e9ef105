import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { adminOf } from '../observe/scrape.ts';
import { reload } from '../support/control.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { rawClient, readAnswer } from '../support/http.ts';

// Two workers in front of two Engines: the default one is a fake, `real` is the private dockerd, as localhost.

const { socket } = inject('engine');
const ON_BOTH = 'p, user:alice, engine/*/engine, SystemInfo, true, allow\n';
const ON_REAL = 'p, user:alice, engine/real/engine, SystemInfo, true, allow\n';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({
    config: {
      workers: 2,
      admin: { listen: '127.0.0.1:0' },
      reload: { watchSeconds: 0 },
      engines: { real: { address: `unix://${socket}`, hosts: ['localhost'], listen: '127.0.0.1:0' } },
    },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, ON_BOTH),
  });
});
afterAll(() => door.close());

/** Asks on a connection of its own, which either worker may take. */
async function info(host: string, port = door.gateway.port): Promise<{ status: number; isReal: boolean }> {
  const ca = `${door.gateway.certPath('admin')}/ca.pem`;
  const client = await rawClient(port, ca, await door.certPath('alice'), {
    servername: '',
    checkServerIdentity: () => undefined,
  });
  client.write(`GET /v1.41/info HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const { status, body } = readAnswer(await client.answered());
  client.socket.destroy();
  return { status, isReal: body.includes('"ServerVersion":"20') };
}

const eight = async (host: string, port?: number) => {
  const answers = [];
  for (let index = 0; index < 8; index += 1) answers.push(await info(host, port));
  return answers;
};

async function query(...args: string[]): Promise<RequestLine[]> {
  const { stdout } = await quaywarden([
    ...['audit', 'query', '--json', '--stage', 'decision', '--config', door.gateway.config],
    ...args,
  ]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RequestLine);
}

describe('several Engines behind several workers', () => {
  it('are told apart by each worker, on every listener', async () => {
    expect(await eight('localhost')).toEqual(Array(8).fill({ status: 200, isReal: true }));
    expect(await eight('docker')).toEqual(Array(8).fill({ status: 200, isReal: false }));
    const own = Number(/"engine":"real","address":"127.0.0.1","port":(\d+)/.exec(door.gateway.log())?.[1]);
    expect(await eight('docker', own)).toEqual(Array(8).fill({ status: 200, isReal: true }));
    for (const [engine, times] of [
      ['real', 16],
      ['default', 8],
    ] as const) {
      const records = await query('--engine', engine, '--operation', 'SystemInfo', '--principal', 'alice');
      expect(records).toHaveLength(times);
      // Both have served.
      expect(new Set(records.map(({ gateway }) => gateway)).size).toBe(2);
    }
  });

  it('are all told of by readyz', async () => {
    const answer = await (await fetch(`${adminOf(door.gateway)}/readyz`)).json();
    expect(answer).toMatchObject({ ready: true, engines: { default: { ok: true }, real: { ok: true } } });
  });

  it('have the grants of a reload in every worker at once', async () => {
    writeFileSync(`${door.gateway.dir}/policies/grants.csv`, ON_REAL);
    await reload(door.gateway.dir);
    expect((await eight('docker')).map(({ status }) => status)).toEqual(Array(8).fill(403));
    expect((await eight('localhost')).map(({ status }) => status)).toEqual(Array(8).fill(200));
  });
});
