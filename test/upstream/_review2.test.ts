import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bodyOf, type FakeConnection, polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

let door: FrontDoor;
beforeAll(async () => { door = await openFrontDoor(); });
beforeEach(() => { door.engine.script = polite; });
afterAll(() => door.close());

/** Writes the whole body before it looks at the answer. */
async function naive(head: string, size: number, chunked: boolean) {
  const client = await door.connect();
  const t0 = Date.now();
  client.write(head);
  const block = Buffer.alloc(65_536, 'x');
  let sent = 0;
  let how = 'sent';
  const gone = new Promise<string>((r) => client.socket.once('close', () => r('closed')).once('end', () => r('ended')));
  while (sent < size) {
    const n = Math.min(block.length, size - sent);
    const piece = chunked ? Buffer.concat([Buffer.from(`${n.toString(16)}\r\n`), block.subarray(0, n), Buffer.from('\r\n')]) : block.subarray(0, n);
    const ok = client.socket.write(piece);
    sent += n;
    if (!ok) {
      const r = await Promise.race([new Promise<string>((r) => client.socket.once('drain', () => r('drain'))), gone, sleep(8000).then(() => 'STUCK')]);
      if (r !== 'drain') { how = r; break; }
    }
  }
  if (chunked && how === 'sent') client.socket.write('0\r\n\r\n');
  await Promise.race([client.answered('POST', 4000).catch(() => {}), sleep(4000)]);
  const got = client.received();
  client.socket.destroy();
  return { how, sent, ms: Date.now() - t0, got: got.slice(0, 60) + ' ... ' + got.slice(-120) };
}
const SIZE = 30_000_000;
const LOAD_L = http('POST /v1.41/images/load', `Content-Length: ${SIZE}`);
const LOAD_C = http('POST /v1.41/images/load', 'Transfer-Encoding: chunked');

describe('naive client', () => {
  it.each([
    ['destroys at once', (c: FakeConnection) => void c.socket.destroy()],
    ['ends at once', (c: FakeConnection) => void c.socket.end()],
    ['garbage', (c: FakeConnection) => void c.socket.write('garbage garbage\r\n\r\n')],
    ['101', (c: FakeConnection) => void c.socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello')],
    ['404 early, close', (c: FakeConnection) => void c.socket.end(reply('404 Not Found', '{"message":"no"}\n'))],
    ['404 early, open', (c: FakeConnection) => void c.socket.write(reply('404 Not Found', '{"message":"no"}\n'))],
    ['404 early chunked, open', (c: FakeConnection) => void c.socket.write('HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')],
    ['broke mid reply', (c: FakeConnection) => void c.socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nabc')],
  ] as const)('%s', async (name, act) => {
    for (const [n, head, chunked] of [['length', LOAD_L, false], ['chunked', LOAD_C, true]] as const) {
      door.engine.script = act as never;
      console.log(name, n, JSON.stringify(await naive(head, SIZE, chunked)));
    }
    door.engine.script = polite;
    expect((await door.ask(http('GET /v1.41/containers/json'))).status).toBe(200);
  }, 60000);
});
