import type { Engine } from './engine.ts';
import { GarbledReply, type ReplyHead } from './reply-parser.ts';
import { requestBytes } from './request-bytes.ts';

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
    const isJson = body !== undefined;
    const headers = { Host: 'docker', ...(isJson ? { 'Content-Type': 'application/json' } : {}) };
    const rest = isJson ? { body: Buffer.from(JSON.stringify(body)) } : {};
    const answer = await replyTo(engine, method, requestBytes(method, target, headers, rest), PATIENCE_MS);
    return { status: answer.head.status, text: answer.body.toString('utf8') };
  };
}

/**
 * @param bytes a whole request
 * @param patienceMs how long the Engine may say nothing
 * @returns the reply, read whole
 * @throws Refusal 502 or 503 when the Engine can not be reached
 */
export function replyTo(
  engine: Engine,
  method: string,
  bytes: string,
  patienceMs: number,
): Promise<{ readonly head: ReplyHead; readonly body: Buffer }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let reply: ReplyHead | undefined;
    const failed = (error: unknown): void => {
      clearTimeout(timer);
      reject(engine.refusal(error));
    };
    const flight = engine.own.send({
      method,
      bytes,
      onHead: (head) => {
        reply = head;
        timer.refresh();
      },
      onBody: (chunk) => {
        timer.refresh();
        size += chunk.length;
        if (size > MOST) throw new GarbledReply('the answer is larger than any is read');
        chunks.push(chunk);
      },
      onEnd: () => {
        clearTimeout(timer);
        if (reply === undefined) failed(new GarbledReply('an answer without a head'));
        else resolve({ head: reply, body: Buffer.concat(chunks, size) });
      },
      onError: failed,
    });
    const timer = setTimeout(() => {
      flight.abort();
      failed(Object.assign(new Error('the Engine does not answer'), { code: 'ETIMEDOUT' }));
    }, patienceMs);
  });
}
