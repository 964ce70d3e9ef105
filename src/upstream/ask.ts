import type { Engine } from './engine.ts';
import { readWhole } from './read-whole.ts';

/** What an answer may be at most, in bytes: a list of ten thousand containers stays far below. */
const MOST = 67_108_864;
const PATIENCE_MS = 30_000;

/** What the Engine answered to a question of the gateway's own. */
export interface Answered {
  readonly status: number;
  /** As it was sent. */
  readonly text: string;
}

/** Asks the Engine something, or has it do something, on the gateway's own behalf. */
export type AskEngine = (
  method: 'GET' | 'POST' | 'DELETE',
  target: string,
  body?: unknown,
) => Promise<Answered>;

/**
 * @returns a function that asks; targets name no API version, so that every Engine understands them
 * @throws Refusal 502 or 503 from that function when the Engine can not be reached
 */
export function asker(engine: Engine): AskEngine {
  return async (method, target, body) => {
    try {
      const reply = await engine.pool.request({
        origin: 'http://engine',
        method,
        path: target,
        headers: { Host: 'docker', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: body === undefined ? null : JSON.stringify(body),
        headersTimeout: PATIENCE_MS,
      });
      return { status: reply.statusCode, text: (await readWhole(reply.body, MOST)).toString('utf8') };
    } catch (error) {
      throw engine.refusal(error);
    }
  };
}
