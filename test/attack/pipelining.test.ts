import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

/** Sends it all in one segment, and takes apart the answers that came until the connection was closed. */
async function sendAll(bytes: string, answers: number, as?: string) {
  door.engine.taken();
  await door.records();
  const client = await door.connect(as);
  client.write(bytes);
  await client.until(new RegExp(`^(?:[^]*?HTTP/1\\.1 \\d){${answers}}`));
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.end();
  let rest = await client.closed();
  client.socket.destroy();
  const statuses: number[] = [];
  while (rest !== '') {
    const answer = readAnswer(rest);
    statuses.push(answer.status);
    ({ rest } = answer);
  }
  return { statuses, taken: door.engine.taken().join(''), records: await door.records(1) };
}

const info = http('GET /v1.41/info');
const upgrade = json('POST /v1.41/exec/abc/start', '{"Detach":false}', 'Connection: Upgrade', 'Upgrade: tcp');

describe('several requests in one segment', () => {
  it('D006: answers come in the order of the requests, a slow one first', async () => {
    const script = door.engine.script;
    door.engine.script = async (connection, head) => {
      if (head.includes('/info')) await new Promise((resolve) => setTimeout(resolve, 150));
      await script(connection, head);
    };
    try {
      const { statuses } = await sendAll(info + http('GET /v1.41/secrets'), 2, 'viewer');
      expect(statuses).toEqual([200, 403]);
    } finally {
      door.engine.script = script;
    }
  });
});

describe('an upgrade behind or before another request', () => {
  it('D006: an upgrade behind a request that is not answered yet is refused, and never reaches the Engine', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(info + upgrade);
    await client.closed();
    const records = await door.records(2);
    expect(records).toContainEqual(
      expect.objectContaining({
        stage: 'refused',
        request: expect.objectContaining({ path: '/v1.41/exec/abc/start' }),
        decision: expect.objectContaining({ reason: 'pipelined-upgrade' }),
      }),
    );
    expect(door.engine.taken().join('')).not.toContain('exec');
  });

  it('an upgrade on a connection that has served a request before is served', async () => {
    await door.records();
    const client = await door.connect();
    client.write(info);
    await client.until(/\{\}\n$/);
    client.write(upgrade);
    await client.until(/101 UPGRADED.*welcome$/s);
    client.end();
    await client.closed();
    expect((await door.records(4)).at(-1)).toMatchObject({ stage: 'complete', outcome: { status: 101 } });
  });

  it('a request behind a refused upgrade is not served: the connection ends with the answer', async () => {
    const { statuses, taken, records } = await sendAll(upgrade + info, 1, 'viewer');
    expect(statuses).toEqual([403]);
    expect(taken).toBe('');
    expect(records.map(({ stage, decision }) => `${stage} ${decision.reason}`)).toEqual([
      'refused not-granted',
    ]);
  });
});
