import { describe, expect, it } from 'vitest';
import { asker } from '../../src/upstream/ask.ts';
import { createEngine } from '../../src/upstream/engine.ts';
import { type Pulled, puller } from '../../src/upstream/pull.ts';
import { reply, type Script, startFakeEngine } from '../support/fake-engine.ts';

const TARGET = '/images/create?fromImage=x&tag=1';
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly silentMs?: number;
  readonly wholeMs?: number;
}

async function pulled(script: Script, options: Options = {}): Promise<Pulled> {
  const { headers = {}, signal = new AbortController().signal } = options;
  const fake = await startFakeEngine(script);
  const engine = createEngine({ address: `unix://${fake.socketPath}` });
  const { silentMs = 5_000, wholeMs = 5_000 } = options;
  try {
    return await puller(engine, { silentMs, wholeMs })(TARGET, headers, signal);
  } finally {
    await engine.close();
    await fake.close();
  }
}

const answering =
  (text: string): Script =>
  ({ socket }) =>
    void socket.write(text);

describe('a pull', () => {
  it('is asked for with the credentials that came', async () => {
    let asked = '';
    const script: Script = ({ socket }, head) => {
      asked = head;
      socket.write(reply('200 OK', '{"status":"done"}\r\n'));
    };
    expect(await pulled(script, { headers: { 'X-Registry-Auth': 'e30=' } })).toEqual({ status: 200 });
    expect(asked).toContain(`POST ${TARGET} HTTP/1.1\r\nHost: docker\r\nX-Registry-Auth: e30=\r\n`);
  });

  it.each([
    [
      'in a line of its answer',
      `${CHUNKED}${chunk('{"status":"a"}\r\n')}${chunk('{"errorDetail":{"message":"x"},"err')}${chunk('or":"no space"}\r\n{"error":"two"}')}0\r\n\r\n`,
      { status: 200, error: 'no space' },
    ],
    [
      'as its answer',
      reply('404 Not Found', '{"message":"no such image"}'),
      { status: 404, error: 'no such image' },
    ],
    ['without JSON', reply('500 Oops', 'oops'), { status: 500, error: 'status 500' }],
    [
      'in a line that is too long',
      reply('200 OK', `{"error":"${'x'.repeat(40_000)}"}\n{"status":"end"}`),
      { status: 200, error: 'the Engine said too much of it' },
    ],
    ['broken', reply('200 OK', '{"error":\n'), { status: 200, error: 'the Engine answered what is no JSON' }],
  ])('tells what went wrong: %s', async (_, text, expected) => {
    expect(await pulled(answering(text))).toEqual(expected);
  });

  it('keeps nothing of a long answer', async () => {
    const line = `{"status":"Downloading","progress":"${'='.repeat(60)}"}\r\n`;
    const flood: Script = async ({ socket }) => {
      socket.write(CHUNKED);
      for (let n = 0; n < 2_000; n += 1) {
        if (!socket.write(chunk(line.repeat(2_000)))) await new Promise((go) => socket.once('drain', go));
      }
      socket.write('0\r\n\r\n');
    };
    const before = process.memoryUsage().rss;
    expect(await pulled(flood, { silentMs: 20_000, wholeMs: 60_000 })).toMatchObject({ status: 200 });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1_048_576);
  });

  it.each([
    ['that is silent', CHUNKED, { silentMs: 300 }],
    ['that goes on and on', 'drip', { wholeMs: 900, silentMs: 600 }],
  ])('%s is given up', async (_, begun, patience) => {
    const script: Script = ({ socket }) => {
      socket.write(CHUNKED);
      if (begun !== 'drip') return;
      const drip = setInterval(() => socket.write(chunk('{"status":"x"}\n')), 100);
      socket.once('close', () => clearInterval(drip));
    };
    await expect(pulled(script, patience)).rejects.toMatchObject({ status: 503, reason: 'engine-down' });
  });

  it('ends when whoever it is for has left, and so does what the Engine was asked', async () => {
    const leaving = new AbortController();
    let heard = '';
    const script: Script = ({ socket }) => {
      socket.once('end', () => {
        heard = 'the end';
      });
      setTimeout(() => leaving.abort(), 100);
    };
    const fake = await startFakeEngine(script);
    const engine = createEngine({ address: `unix://${fake.socketPath}` });
    await expect(puller(engine)(TARGET, {}, leaving.signal)).rejects.toMatchObject({ reason: 'client-gone' });
    await expect.poll(() => heard).toBe('the end');
    await engine.close();
    await fake.close();
    await expect(pulled(() => {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      reason: 'client-gone',
    });
  });

  it('keeps nobody else waiting, however many there are', async () => {
    const fake = await startFakeEngine(({ socket }, head) => {
      if (head.startsWith('GET')) socket.write(reply('200 OK', '[]'));
    });
    const engine = createEngine({ address: `unix://${fake.socketPath}` });
    const { signal, abort } = (() => {
      const controller = new AbortController();
      return { signal: controller.signal, abort: () => controller.abort() };
    })();
    const pulls = Array.from({ length: 200 }, () =>
      puller(engine)(TARGET, {}, signal).catch(({ reason }: { reason: string }) => reason),
    );
    expect((await asker(engine)('GET', '/containers/json')).status).toBe(200);
    abort();
    expect(new Set(await Promise.all(pulls))).toEqual(new Set(['client-gone']));
    await engine.close();
    await fake.close();
  });
});
