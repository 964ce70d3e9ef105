import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { soon, tell, tellJson, unfinished } from './client.ts';
import { connectionsOf, descriptorsOf } from './meter.ts';

const KILLS = 3;

/** An Engine that can be taken away in the middle of whatever it does, as often as one likes. */
class Mortal {
  readonly #socket: string;
  #server: Server | undefined;

  constructor(socket: string) {
    this.#socket = socket;
  }

  start(): Promise<void> {
    this.#server = createServer((request, response) => {
      request.resume().once('end', () => {
        const body = /\/_ping$/.test(request.url ?? '') ? 'OK' : '[]\n';
        const head = { 'Api-Version': '1.41', 'Content-Length': body.length };
        setTimeout(() => response.writeHead(200, head).end(body), 3);
      });
    });
    return new Promise((resolve) => this.#server?.listen(this.#socket, resolve));
  }

  kill(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
    rmSync(this.#socket, { force: true });
  }
}

const dir = mkdtempSync('/tmp/qwm-');
const engine = new Mortal(`${dir}/docker.sock`);
let gateway: Gateway;

beforeAll(async () => {
  await engine.start();
  gateway = await startGateway({ engineSocket: `${dir}/docker.sock` });
});
afterAll(async () => {
  await gateway.stop();
  engine.kill();
  rmSync(dir, { recursive: true });
});

it('an Engine that is killed and started under load: every request is answered, and all is well as soon as it is back', async () => {
  const rest = descriptorsOf(gateway.pid);
  const seen = new Map<string, number>();
  let over = false;
  const roads: readonly (() => ReturnType<typeof tell>)[] = [
    () => tell(gateway, { path: '/v1.41/containers/json' }),
    () => tell(gateway, { path: '/v1.41/containers/box/logs?stdout=1' }),
    () => tellJson(gateway, '/v1.41/volumes/create', {}),
  ];
  const clients = roads.flatMap((road) =>
    Array.from({ length: 3 }, async () => {
      while (!over) {
        const { status, body, whole } = await road();
        const reason = / \[([\w-]+)\]/.exec(body)?.[1] ?? '';
        const what = `${status} ${reason}${whole ? '' : ' cut'}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
    }),
  );
  for (let kill = 0; kill < KILLS; kill += 1) {
    await sleep(300);
    engine.kill();
    await sleep(200);
    await engine.start();
    for (const road of roads) expect((await road()).status).toBe(200);
  }
  over = true;
  await Promise.all(clients);
  const kinds = [...seen.keys()];
  expect(kinds).toEqual(expect.arrayContaining(['200 ', '503 engine-down']));
  for (const kind of kinds) expect(['200 ', '502 engine-broke-off', '503 engine-down']).toContain(kind);
  await soon(() => unfinished(gateway)).toEqual([]);
  await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
  expect(descriptorsOf(gateway.pid)).toBeLessThan(rest + 40);
});
