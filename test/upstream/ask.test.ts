import { expect, it } from 'vitest';
import { replyTo } from '../../src/upstream/ask.ts';
import { createEngine } from '../../src/upstream/engine.ts';
import { type Script, startFakeEngine } from '../support/fake-engine.ts';

const QUESTION = 'GET /v1.41/info HTTP/1.1\r\nHost: docker\r\n\r\n';
const HEAD = 'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n';
const PATIENCE_MS = 1_000;

async function asked(script: Script): Promise<string> {
  const fake = await startFakeEngine(script);
  const engine = createEngine({ address: `unix://${fake.socketPath}` });
  try {
    return (await replyTo(engine, 'GET', QUESTION, PATIENCE_MS)).body.toString();
  } finally {
    await engine.close();
    await fake.close();
  }
}

it('an answer may take long as long as the Engine goes on', async () => {
  const slow: Script = async ({ socket }) => {
    for (const piece of [HEAD, ...'abcdefgh']) {
      await new Promise((resolve) => setTimeout(resolve, 0.15 * PATIENCE_MS));
      socket.write(piece);
    }
  };
  expect(await asked(slow)).toBe('abcdefgh');
});

it.each([
  ['before its head', ''],
  ['within its body', `${HEAD}ab`],
])('an answer that ceases %s is none', async (_, begun) => {
  await expect(asked(({ socket }) => void socket.write(begun))).rejects.toMatchObject({
    status: 503,
    reason: 'engine-down',
  });
});
