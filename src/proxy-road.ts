import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type Refusal, toRefusal, wrongRoad } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { loadProxy, loadUndici } from './late-parts.ts';
import { type PlainExchange, plainRoad } from './upstream/plain.ts';
import { poolsOf } from './upstream/pool.ts';

/** Answers a request with a refusal. */
export type Refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  refusal: Refusal,
) => Promise<void>;

/** The road through @fastify/http-proxy. */
export interface ProxyRoad {
  forward(plain: PlainExchange, request: IncomingMessage, response: ServerResponse): void;
  close(): Promise<void>;
}

/** Builds the road; the only file that registers on Fastify. */
export async function openProxyRoad(refuse: Refuse): Promise<ProxyRoad> {
  const { fastify, httpProxy } = await loadProxy();
  const undici = await loadUndici();
  const plainOf = new WeakMap<IncomingMessage, PlainExchange>();
  let proxy: RequestListener | undefined;
  const app = fastify({
    // Requests are handed over by hand, and this server never listens.
    serverFactory: (handle) => {
      proxy = handle;
      return createServer();
    },
    // One route; the target is read by docker/path.ts and by nobody else.
    rewriteUrl: () => '/',
    // No route has a schema: what would compile them is a tenth of the program, and is not loaded.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  // Bodies are read by the stages; Fastify's parser of text/plain would wait for one that is gone already.
  app.removeAllContentTypeParsers();

  const exchangeOf = (request: FastifyRequest): PlainExchange => {
    const plain = plainOf.get(request.raw);
    if (plain === undefined) throw wrongRoad();
    return plain;
  };
  app.setErrorHandler((error, request, reply) => {
    const { exchange } = exchangeOf(request);
    reply.hijack();
    void refuse(request.raw, reply.raw, exchange, toRefusal(error));
  });
  await app.register(
    httpProxy,
    plainRoad(
      exchangeOf,
      (reply, exchange, refusal) => {
        reply.hijack();
        void refuse(reply.request.raw, reply.raw, exchange, refusal);
      },
      poolsOf(undici.Pool),
    ),
  );
  await app.ready();
  return {
    forward(plain, request, response) {
      if (proxy === undefined) throw wrongRoad();
      plainOf.set(request, plain);
      proxy(request, response);
    },
    close: async () => app.close(),
  };
}

function noSchemas(): never {
  throw new Error('Requests are judged by the stages, and not by schemas of routes.');
}
