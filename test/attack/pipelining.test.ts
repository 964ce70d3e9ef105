import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, http, json, openFrontDoor, plainly } from '../support/front-door.ts';
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
  it('D006: each is judged on its own', async () => {
    const { statuses, taken, records } = await sendAll(
      info + http('GET /v1.41/secrets') + http('GET /v1.41/volumes'),
      3,
      'viewer',
    );
    expect(statuses).toEqual([200, 403, 200]);
    expect(taken).toContain(plainly('GET /v1.41/info'));
    expect(taken).toContain(plainly('GET /v1.41/volumes'));
    expect(taken).not.toContain('secrets');
    expect(
      records
        .filter(({ stage }) => stage !== 'complete')
        .map((each) => each.request.operation)
        .sort(),
    ).toEqual(['SecretList', 'SystemInfo', 'VolumeList']);
  });

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

  it('D006: the body of a GET is read away and is no request', async () => {
    const inner = http('GET /v1.41/secrets');
    const { statuses, taken, records } = await sendAll(
      http('GET /v1.41/info', `Content-Length: ${inner.length}`, '', inner) + http('GET /v1.41/volumes'),
      2,
    );
    expect(statuses).toEqual([200, 200]);
    expect(taken).toContain(plainly('GET /v1.41/info'));
    expect(taken).toContain(plainly('GET /v1.41/volumes'));
    expect(taken).not.toContain('secrets');
    expect(records.filter(({ stage }) => stage === 'decision')).toHaveLength(2);
  });

  it('D006: a refused request with a body does not lend its body to the next', async () => {
    const inner = http('DELETE /v1.41/containers/bobc');
    const { statuses, taken, records } = await sendAll(
      json('POST /v1.41/containers/create', inner) + info,
      2,
      'viewer',
    );
    expect(statuses).toEqual([403, 200]);
    expect(taken).toBe(plainly('GET /v1.41/info'));
    expect(records.map(({ stage, request }) => `${stage} ${request.operation}`).sort()).toEqual([
      'complete SystemInfo',
      'decision SystemInfo',
      'refused ContainerCreate',
    ]);
  });

  it('D006: after bytes that are no request nothing of that connection is served', async () => {
    const { statuses, taken, records } = await sendAll(`NONSENSE\r\n\r\n${info}`, 1);
    expect(statuses).toEqual([400]);
    expect(taken).toBe('');
    expect(records.map(({ decision }) => decision.reason)).toEqual(['http-malformed']);
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
        request: expect.objectContaining({ target: '/v1.41/exec/abc/start' }),
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

  it('D016: a request behind an upgrade is a part of its stream and is not judged as a request', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(upgrade + info);
    await client.until(/welcome$/);
    client.end();
    await client.closed();
    const [taken = ''] = door.engine.taken();
    expect(taken.endsWith(`{"Detach":false}${info}`)).toBe(true);
    const records = await door.records(2);
    expect(records.map(({ stage, request }) => `${stage} ${request.operation}`)).toEqual([
      'decision ExecStart',
      'complete ExecStart',
    ]);
    expect(records[1]?.outcome).toMatchObject({ status: 101, bytesIn: 16 + info.length, ending: 'finished' });
  });
});

describe('Expect', () => {
  const create = 'POST /v1.41/containers/create';
  const headers = ['Content-Type: application/json', 'Content-Length: 13', 'Expect: 100-continue'];

  it('D008: the verdict falls before the body is asked for: a refusal and no 100', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect('viewer');
    client.write(http(create, ...headers, '', ''));
    const answer = readAnswer(await client.closed());
    expect(client.received()).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer.header('connection')).toEqual(['close']);
    expect(await door.records(1)).toMatchObject([{ stage: 'refused', decision: { reason: 'not-granted' } }]);
    expect(door.engine.taken()).toEqual([]);
  });

  it('D008: a request that may pass is told to continue, and is forwarded without Expect', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(http(create, ...headers, '', ''));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    expect(door.engine.taken()).toEqual([]);
    client.write('{"Image":"x"}');
    await client.answered('POST');
    client.end();
    expect(door.engine.taken()).toEqual([
      plainly(create, 'content-type: application/json', 'content-length: 13', '', '{"Image":"x"}'),
    ]);
    expect((await door.records(2)).map(({ stage }) => stage)).toEqual(['decision', 'complete']);
  });

  it('D008: the body that never comes is waited for by us and not by the Engine', async () => {
    door.engine.taken();
    await door.records();
    const client = await door.connect();
    client.write(http(create, ...headers, '', ''));
    await client.until(/100 Continue/);
    client.socket.destroy();
    expect(await door.records(1)).toMatchObject([
      { stage: 'refused', decision: { reason: 'body-incomplete' } },
    ]);
    expect(door.engine.taken()).toEqual([]);
  });

  it.each(['foo', '100-continue, foo', ''])('D008: Expect: %s is refused', async (value) => {
    door.engine.taken();
    await door.records();
    const { statuses, records } = await sendAll(http('GET /v1.41/info', `Expect: ${value}`), 1);
    expect(statuses).toEqual([417]);
    expect(records).toMatchObject([
      { stage: 'refused', decision: { reason: 'expect-unknown', field: 'expect' } },
    ]);
    expect(door.engine.taken()).toEqual([]);
  });
});
