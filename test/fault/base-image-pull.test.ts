import { afterAll, beforeAll, expect, it } from 'vitest';
import { tar } from '../clients/tar.ts';
import { PING, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, http } from '../support/front-door.ts';
import { openTenantDoor } from '../support/tenants.ts';

/** What the gateway has the Engine pull for a build that waits for it, and a client that does not. */

const asked: string[] = [];
let pullEnded: () => void = () => {};

const engine: Script = ({ socket }, head) => {
  const [method = '', target = ''] = head.split(' ');
  if (/_ping/.test(target)) return void socket.write(PING);
  if (/\/version$/.test(target)) {
    return void socket.write(
      reply('200 OK', '{"Version":"20.10.24","ApiVersion":"1.41"}', ['Content-Type: application/json']),
    );
  }
  if (method === 'POST') asked.push(target.split('?', 1)[0] as string);
  // A registry that goes on for ever.
  if (/\/images\/create\?/.test(target)) {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    return void socket.once('end', () => pullEnded());
  }
  socket.write(reply('404 Not Found', '{"message":"not there"}', ['Content-Type: application/json']));
};

let door: FrontDoor;
beforeAll(async () => {
  door = await openTenantDoor({ script: engine });
});
afterAll(() => door.close());

it('ends with the client that waits for it, and nothing is built', async () => {
  await door.records();
  const ended = new Promise<void>((resolve) => {
    pullEnded = resolve;
  });
  const bytes = tar({ Dockerfile: 'FROM reg.example.com/team-a/slow' });
  const client = await door.connect('alice');
  const head = http(
    'POST /v1.41/build?t=team-a/x',
    'Content-Type: application/x-tar',
    `Content-Length: ${bytes.length}`,
  );
  client.write(Buffer.concat([Buffer.from(head), bytes]));
  await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['/images/create']);
  client.socket.destroy();
  await ended;
  const records = await door.records(3);
  expect(
    records.map(({ stage, request, decision, outcome }) =>
      [stage, request.operation, decision.reason, outcome?.status ?? null].join(' '),
    ),
  ).toEqual([
    'decision ImageCreate base-image ',
    'complete ImageCreate base-image 502',
    expect.stringMatching(/^refused ImageBuild client-/),
  ]);
  expect(asked).toEqual(['/images/create']);
});
