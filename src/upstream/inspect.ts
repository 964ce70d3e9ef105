import type { Engine } from './engine.ts';

/** What an inspection may be at most, in bytes: containers with thousands of mounts stay far below. */
const MOST = 16_777_216;

/**
 * Asks the Engine about one object on the gateway's own behalf.
 *
 * @param target path of an inspection, e.g. `/v1.24/images/alpine/json`
 * @returns its JSON, or undefined when the Engine knows no such object
 * @throws Refusal 502 or 503 when the Engine can not tell
 */
export async function inspect(engine: Engine, target: string): Promise<Record<string, unknown> | undefined> {
  try {
    const reply = await engine.pool.request({
      origin: 'http://engine',
      method: 'GET',
      path: target,
      headers: { Host: 'docker' },
      headersTimeout: 10_000,
    });
    const text = await readText(reply.body);
    if (reply.statusCode === 404) return undefined;
    if (reply.statusCode === 200) return JSON.parse(text);
  } catch (error) {
    throw engine.refusal(error);
  }
  throw engine.refusal({ code: 'no answer to an inspection' });
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
