import { afterAll, beforeAll, expect, it } from 'vitest';
import { tar } from '../clients/tar.ts';
import { PING, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, http } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
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
  if (/\/images\/json/.test(target)) {
    const images = '[{"Id":"sha256:1","Size":2000,"RepoTags":["team-b/app:1"]}]';
    return void socket.write(reply('200 OK', images, ['Content-Type: application/json']));
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
  door = await openTenantDoor({
    script: engine,
    config: { quotas: [{ for: ['team-b'], imageBytes: '1k' }] },
  });
});
afterAll(() => door.close());

/** Somebody who builds upon an image of the tenant's that is not there. */
async function building(as: string, tenant: string) {
  const bytes = tar({ Dockerfile: `FROM reg.example.com/${tenant}/slow` });
  const client = await door.connect(as);
  const head = http(
    `POST /v1.41/build?t=${tenant}/x`,
    'Content-Type: application/x-tar',
    `Content-Length: ${bytes.length}`,
  );
  client.write(Buffer.concat([Buffer.from(head), bytes]));
  return client;
}

it('is none when the quota for images is used up', async () => {
  const client = await building('bob', 'team-b');
  const answer = readAnswer(await client.answered());
  client.socket.destroy();
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('[quota]');
  expect(asked).toEqual([]);
});

it('ends with the client that waits for it, and nothing is built', async () => {
  await door.records();
  const ended = new Promise<void>((resolve) => {
    pullEnded = resolve;
  });
  const client = await building('alice', 'team-a');
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
