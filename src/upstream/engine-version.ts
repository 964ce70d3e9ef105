import type { Soon } from '../at-once.ts';
import { replyTo } from './ask.ts';
import type { Engine } from './engine.ts';
import { pairs } from './headers.ts';
import { requestBytes } from './request-bytes.ts';

/** How long the Engine's version is believed, in milliseconds: an upgrade restarts it, which takes longer. */
const FRESH_MS = 10_000;
const PATIENCE_MS = 10_000;
const PING = requestBytes('GET', '/_ping', { Host: 'docker' });

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
  const { head } = await replyTo(engine, 'GET', PING, PATIENCE_MS);
  const told = pairs(head.rawHeaders).filter(([name]) => name.toLowerCase() === 'api-version');
  const minor = told.length === 1 ? /^1\.([0-9]{1,3})$/.exec(told[0]?.[1] ?? '')?.[1] : undefined;
  if (minor !== undefined) return Number(minor);
  throw engine.refusal({ code: 'no API version in its answer to /_ping' });
}
