import type { Pool } from 'undici';
import { MOST_CONNECTIONS } from './connections.ts';
import { type Engine, REPLY_HEADER_BYTES } from './engine.ts';

/** The connections to an Engine of what goes through @fastify/http-proxy. */
export type PoolOf = (engine: Engine) => Pool;

/** @returns a pool for each Engine, made when the first request to it needs one, and closed with it */
export function poolsOf(make: typeof Pool): PoolOf {
  const pools = new WeakMap<Engine, Pool>();
  return (engine) => {
    const known = pools.get(engine);
    if (known !== undefined) return known;
    const pool = poolTo(engine, make);
    pools.set(engine, pool);
    engine.onClose(() => pool.destroy());
    return pool;
  };
}

function poolTo(engine: Engine, make: typeof Pool): Pool {
  return new make('http://engine', {
    connections: MOST_CONNECTIONS,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: REPLY_HEADER_BYTES,
    // dockerd keeps idle connections open; half a minute keeps ours younger than any proxy's in between.
    keepAliveTimeout: 30_000,
    connect: (_options, callback) => {
      engine.dial((error, socket) => {
        if (socket === undefined) callback(error ?? new Error('no connection'), null);
        else callback(null, socket);
      });
    },
  });
}
