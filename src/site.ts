import type { Soon } from './at-once.ts';
import type { ConfiguredEngine } from './config/engines.ts';
import type { Config } from './config/schema.ts';
import { Refusal } from './errors.ts';
import { followEvents } from './tenancy/follow.ts';
import { type RealPath, realPathHere } from './tenancy/host-paths.ts';
import type { Inspect } from './tenancy/run-as.ts';
import { Tenancy, type TenancyOptions } from './tenancy/tenancy.ts';
import { type AskEngine, asker } from './upstream/ask.ts';
import { createEngine, type Engine } from './upstream/engine.ts';
import { engineVersionOf } from './upstream/engine-version.ts';
import { puller } from './upstream/pull.ts';

/** One Engine and what is known of it: what a reload leaves as it is. */
export interface Site {
  /** What the configuration calls it. */
  readonly name: string;
  readonly engine: Engine;
  /** Asks it on the gateway's own behalf. */
  readonly ask: AskEngine;
  readonly inspect: Inspect;
  /** Its own default API version. */
  engineVersion(): Soon<number>;
  /** Resolves symlinks of its host; absent where the gateway does not run on it. */
  readonly realPath?: RealPath;
  /** Whose things are; absent where tenants are not told apart. */
  readonly tenancy?: Tenancy;
  /** Begins to hear what happens on it. */
  follow(): void;
  close(): Promise<void>;
}

/** @throws ConfigError when a TLS file of the Engine can not be read */
export function openSite(
  configured: ConfiguredEngine,
  { enabled, names }: Config['tenancy'],
  options: TenancyOptions,
): Site {
  const { name, onThisHost } = configured;
  const engine = createEngine(configured);
  const ask = asker(engine);
  const tenancy = enabled
    ? new Tenancy({ ask, pull: puller(engine) }, names === 'private', options)
    : undefined;
  let unfollow = (): void => {};
  return {
    name,
    engine,
    ask,
    inspect: inspector(engine, ask),
    engineVersion: engineVersionOf(engine),
    ...(onThisHost ? { realPath: realPathHere } : {}),
    ...(tenancy === undefined ? {} : { tenancy }),
    follow() {
      if (tenancy === undefined) return;
      unfollow = followEvents(
        (target) => engine.request('GET', target, { Host: 'docker' }),
        tenancy.listeners,
      );
    },
    close() {
      unfollow();
      return engine.close();
    },
  };
}

function inspector(engine: Engine, ask: AskEngine): Inspect {
  return async (target) => {
    const { status, text } = await ask('GET', target);
    if (status === 404) return undefined;
    if (status !== 200) throw engine.refusal({ code: 'no answer to an inspection' });
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (cause) {
      throw new Refusal(502, 'engine-garbled', 'what the Engine answers to an inspection is not JSON', {
        cause,
      });
    }
  };
}
