import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, messageOf, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
beforeEach(async () => {
  door.engine.script = polite;
  await door.records();
});
afterAll(() => door.close());

/** The same on all roads that stay within HTTP. */
const roads = [
  ['light requests', http('GET /v1.41/containers/json')],
  ['requests with a body', json('POST /v1.41/containers/create', '{"Image":"busybox"}')],
  ['streams', http('GET /v1.41/containers/x/logs?stdout=1')],
] as const;

/** What the fake Engine answers to the next requests, byte for byte. */
function answers(bytes: string, end = false): void {
  door.engine.script = ({ socket }) => {
    socket.write(Buffer.from(bytes, 'latin1'));
    if (end) socket.end();
  };
}

describe.each(roads)('a reply on the road of %s', (_road, request) => {
  it('keeps its status and its reason phrase', async () => {
    for (const status of [
      '200 OK',
      '200 Fine Indeed',
      '404 Not Found',
      '409 Conflict of a kind',
      '500 Oh',
      '503 This node is not a swarm manager',
      '599 Odd',
      '304 Not Modified',
    ]) {
      answers(status.startsWith('304') ? `HTTP/1.1 ${status}\r\n\r\n` : reply(status, 'body'));
      const answer = await door.ask(request);
      expect(`${answer.status} ${answer.statusText}`).toBe(status);
    }
  });

  it('keeps its headers, repeated ones too, and its body to the byte', async () => {
    const headers = [
      'Api-Version: 1.41',
      'Content-Type: application/vnd.docker.raw-stream',
      'X-Docker-Container-Path-Stat: eyJ9',
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
      'X-Repeated: one',
      'X-Repeated: two',
      'Location: http://docker/v1.41/elsewhere',
      'Content-Encoding: gzip',
      'Cache-Control: no-cache, no-store, must-revalidate',
      'Date: Thu, 01 Jan 1970 00:00:00 GMT',
      'Server: Docker/20.10.24 (linux)',
      `X-Long: ${'x'.repeat(20_000)}`,
    ];
    const body = '\x00\x01\xff{"a":1}\r\n';
    answers(['HTTP/1.1 200 OK', ...headers, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    const answer = await door.ask(request);
    for (const header of headers) {
      const [name = '', value = ''] = header.split(/: (.*)/s);
      expect(answer.header(name)).toContain(value);
    }
    expect(answer.header('set-cookie')).toEqual(['a=1', 'b=2']);
    expect(answer.header('x-repeated').join(', ')).toBe('one, two');
    expect(answer.header('date')).toHaveLength(1);
    expect(answer.body).toBe(body);
  });

  it('loses the hop-by-hop headers and whatever Connection lists', async () => {
    answers(
      reply('200 OK', 'x', [
        'Connection: X-Hop, keep-alive',
        'X-Hop: secret',
        'Keep-Alive: timeout=1',
        'Proxy-Connection: x',
        'TE: trailers',
        'Upgrade: h2c',
        'X-End: kept',
      ]),
    );
    const answer = await door.ask(request);
    expect(answer.header('x-end')).toEqual(['kept']);
    for (const name of ['x-hop', 'proxy-connection', 'te', 'upgrade'])
      expect([name, answer.header(name)]).toEqual([name, []]);
    expect(answer.header('connection')).toEqual(['keep-alive']);
    expect(answer.header('keep-alive')).toEqual(['timeout=75']);
  });

  it('carries our request id and no other', async () => {
    answers(reply('200 OK', 'x', ['Quaywarden-Request-Id: forged']));
    const answer = await door.ask(request);
    const [record] = await door.records(2);
    expect(answer.header('quaywarden-request-id')).toEqual([record?.id]);
  });

  it('comes behind interim answers, which are not mistaken for it', async () => {
    answers(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${reply('200 OK', 'final')}`);
    const answer = await door.ask(request);
    expect([answer.status, answer.body]).toEqual([200, 'final']);
  });

  it('may end with its connection', async () => {
    answers('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end', true);
    const answer = await door.ask(request);
    expect([answer.status, answer.body, answer.rest]).toEqual([200, 'until the end', '']);
  });

  it('may be of HTTP/1.0', async () => {
    answers('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold', true);
    expect((await door.ask(request)).body).toBe('old');
  });

  it('may be chunked', async () => {
    answers('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n');
    expect((await door.ask(request)).body).toBe('abcde');
  });

  it('may have no body', async () => {
    answers('HTTP/1.1 204 No Content\r\n\r\n');
    const answer = await door.ask(request);
    expect([answer.status, answer.body]).toEqual([204, '']);
  });

  it('is what was asked for, whatever the Engine sends beyond it', async () => {
    for (const late of [0, 30]) {
      door.engine.script = async ({ socket }) => {
        socket.write(reply('200 OK', 'mine'));
        await sleep(late);
        socket.write(reply('200 OK', 'evil'));
      };
      expect((await door.ask(request)).body).toBe('mine');
      await sleep(2 * late);
      door.engine.script = polite;
      expect((await door.ask(request)).body).toBe('{}\n');
    }
  });

  it('that breaks off breaks the connection of the client too, so that it is not taken for whole', async () => {
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      answers(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n3\r\nabc\r\n`, true);
      const client = await door.connect();
      client.write(request);
      await client.closed();
      expect(() => readAnswer(client.received())).toThrow(/cut/);
      expect((await door.records(2))[1]?.outcome).toMatchObject({
        status: 200,
        ending: expect.stringMatching(/closed$/),
      });
    }
  });
});

describe.each(roads)('a reply that is none on the road of %s', (_road, request) => {
  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    [
      'a header with a carriage return, as response splitting wants it',
      'HTTP/1.1 200 OK\r\nX-A: a\rSet-Cookie: evil=1\r\nContent-Length: 0\r\n\r\n',
    ],
    ['a header with NUL', 'HTTP/1.1 200 OK\r\nX-A: a\x00b\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nX-A\r\nContent-Length: 0\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 3\r\n\r\nabc'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef'],
  ])('%s: 502, and nothing of it reaches the client', async (_id, bytes) => {
    answers(bytes, true);
    const answer = await door.ask(request);
    expect([answer.status, messageOf(answer)]).toEqual([502, expect.stringMatching(/\[engine-garbled\]$/)]);
    expect(JSON.stringify(answer.headers)).not.toContain('evil');
    expect((await door.records(2))[1]).toMatchObject({
      stage: 'complete',
      outcome: { status: 502, ending: 'engine-error' },
    });
  });

  it('a header whose bytes are not ASCII passes or is refused, and never splits the answer', async () => {
    answers(reply('200 OK', 'x', ['X-A: caf\xe9\x85\xff']));
    const answer = await door.ask(request);
    expect([200, 502]).toContain(answer.status);
    expect(answer.rest).toBe('');
  });

  it('headers beyond a megabyte are refused', async () => {
    answers(reply('200 OK', 'x', [`X-A: ${'x'.repeat(1_200_000)}`]));
    const answer = await door.ask(request);
    expect([answer.status, messageOf(answer)]).toEqual([
      expect.toBeOneOf([502, 503]),
      expect.stringMatching(/\[engine-/),
    ]);
  });

  it('an end before the answer is 502', async () => {
    answers('', true);
    const answer = await door.ask(request);
    expect([answer.status, messageOf(answer)]).toEqual([
      502,
      expect.stringMatching(/broke off before it answered \[engine-broke-off\]$/),
    ]);
  });

  it('after all of these the gateway serves as before', async () => {
    const answer = await door.ask(request);
    expect([answer.status, answer.body]).toEqual([200, '{}\n']);
  });
});
