import type { Engine } from './engine.ts';

/** How long the Engine's version is believed, in milliseconds: an upgrade restarts it, which takes longer. */
const FRESH_MS = 10_000;

/**
 * The Engine's own default API version, asked when it is needed and remembered for a short time.
 *
 * @returns a function that resolves to the minor of `1.N` and throws a Refusal when the Engine can not tell
 */
export function engineVersionOf(engine: Engine): () => Promise<number> {
  let known: { minor: number; until: number } | undefined;
  let asking: Promise<number> | undefined;
  return async () => {
    if (known !== undefined && known.until > performance.now()) return known.minor;
    asking ??= ask(engine).finally(() => {
      asking = undefined;
    });
    const minor = await asking;
    known = { minor, until: performance.now() + FRESH_MS };
    return minor;
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
