import { Pool } from 'undici';
import { MOST_CONNECTIONS } from './connections.ts';
import { type Engine, REPLY_HEADER_BYTES } from './engine.ts';

const pools = new WeakMap<Engine, Pool>();

/** The connections to an Engine of what goes through @fastify/http-proxy; made when the first request does. */
export function poolOf(engine: Engine): Pool {
  const known = pools.get(engine);
  if (known !== undefined) return known;
  const pool = new Pool('http://engine', {
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
  pools.set(engine, pool);
  engine.onClose(() => pool.destroy());
  return pool;
}
