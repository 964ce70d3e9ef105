import type { Soon } from '../at-once.ts';
import type { Engine } from './engine.ts';

/** How long the Engine's version is believed, in milliseconds: an upgrade restarts it, which takes longer. */
const FRESH_MS = 10_000;

/**
 * The Engine's own default API version, asked when it is needed and remembered for a short time.
 *
 * @returns a function that gives the minor of `1.N`, and rejects with a Refusal when the Engine can not tell
 */
export function engineVersionOf(engine: Engine): () => Soon<number> {
  let known: { minor: number; until: number } | undefined;
  let asking: Promise<number> | undefined;
  return () => {
    if (known !== undefined && known.until > performance.now()) return known.minor;
    asking ??= ask(engine)
      .then((minor) => {
        known = { minor, until: performance.now() + FRESH_MS };
        return minor;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
}

async function ask(engine: Engine): Promise<number> {
  try {
    const reply = await engine.pool.request({
      origin: 'http://engine',
      method: 'GET',
      path: '/_ping',
      headers: { Host: 'docker' },
      headersTimeout: 10_000,
    });
    await reply.body.dump();
    const minor = /^1\.([0-9]{1,3})$/.exec(String(reply.headers['api-version']))?.[1];
    if (minor !== undefined) return Number(minor);
  } catch (error) {
    throw engine.refusal(error);
  }
  throw engine.refusal({ code: 'no API version in its answer to /_ping' });
}
