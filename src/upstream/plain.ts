import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyHttpProxyOptions } from '@fastify/http-proxy';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Dispatcher } from 'undici';
import { capApiVersion, type VersionRange } from '../docker/versions.ts';
import { clientGone, notJudged, Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import { REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { TenantReply } from '../tenancy/reply.ts';
import { engineBusy, MOST_WAITING } from './connections.ts';
import type { Destination } from './engine.ts';
import { keptHeaders, VISIBLE } from './headers.ts';
import type { PoolOf } from './pool.ts';
import { readWhole } from './read-whole.ts';
import { replyFilter } from './reply-filter.ts';

/** A judged request on its way along this road. */
export interface PlainExchange {
  readonly exchange: Exchange;
  readonly judged: Judged;
  readonly to: Destination;
  /** The judged body; empty when there is none. */
  readonly body: Buffer;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** The Engine's reason phrase, which @fastify/reply-from does not pass on. */
  statusText?: string;
}

/** Carries the exchange through @fastify/reply-from to the dispatcher at its end. */
const EXCHANGE = Symbol('exchange');

type Callback = (error: Error | null, reply?: Dispatcher.ResponseData) => void;

/**
 * Options of @fastify/http-proxy for the road of short exchanges. The proxy is told where to go by the judged
 * request alone; at its end stands a dispatcher of ours, which refuses to send anything else.
 *
 * @param exchangeOf the judged exchange of a Fastify request
 * @param refuse answers a request with a refusal
 */
export function plainRoad(
  exchangeOf: (request: FastifyRequest) => PlainExchange,
  refuse: (reply: FastifyReply, exchange: Exchange, refusal: Refusal) => void,
  poolOf: PoolOf,
): FastifyHttpProxyOptions {
  const request = (options: Dispatcher.RequestOptions, callback: Callback): void =>
    dispatch(poolOf, options, callback);
  return {
    upstream: 'http://engine',
    undici: { request } as unknown as NonNullable<FastifyHttpProxyOptions['undici']>,
    disableRequestLogging: true,
    disableCache: true,
    httpMethods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    internalRewriteLocationHeader: false,
    handler(request, reply, _dest, options) {
      const { judged, body } = exchangeOf(request);
      const [path, query] = judged.api.target.split('?', 2) as [string, string?];
      return reply.from(path, {
        ...options,
        queryString: () => query ?? '',
        body: body.length > 0 ? body : null,
        ...(body.length > 0 ? { contentType: 'application/json' } : {}),
      });
    },
    replyOptions: {
      // A 503 is the Engine's own answer (no swarm here) and not an invitation to ask again.
      retryDelay: () => null,
      rewriteRequestHeaders(request, { 'content-length': length, 'content-type': type }) {
        const plain = exchangeOf(request as FastifyRequest);
        return {
          ...(plain.judged.forward as IncomingHttpHeaders),
          ...(plain.body.length > 0 ? { 'content-length': length, 'content-type': type } : {}),
          [EXCHANGE]: plain,
        };
      },
      rewriteHeaders: keptHeaders,
      onResponse(request, reply, engineReply) {
        const { exchange, judged, to, statusText } = exchangeOf(request as FastifyRequest);
        const { stream } = engineReply as unknown as { stream: Readable };
        reply.header(REQUEST_ID_HEADER, exchange.id);
        // What Node would not write must not reach it: the Engine is not to bring the gateway down.
        if (statusText !== undefined && VISIBLE.test(statusText)) reply.raw.statusMessage = statusText;
        reply.removeHeader('trailer');
        exchange.answered(reply.statusCode);
        stream.on('data', (chunk: Buffer) => {
          exchange.sent(chunk);
        });
        stream.once('error', () => {
          exchange.ending ??= 'engine-closed';
        });
        capPing(judged, to, reply as FastifyReply);
        const filter = replyFilter(judged, to, reply.statusCode);
        if (filter === undefined) {
          reply.send(stream);
          return;
        }
        if (filter.kind === 'lines') throw new Error('lines are streamed on the other road');
        readWhole(stream)
          .then(filter.rewrite)
          .then(
            (body) => {
              reply.removeHeader('content-length');
              reply.send(body);
            },
            (error: unknown) => {
              if (error instanceof Refusal) {
                refuse(reply as FastifyReply, exchange, error);
                return;
              }
              const made = judged.tenant?.reply(judged.api);
              if (made?.isMaking === true) abandon(made);
              reply.raw.destroy();
            },
          );
      },
      onError(reply, { error }) {
        const { exchange, to } = exchangeOf(reply.request as FastifyRequest);
        const cause = error.cause ?? error;
        const refusal = cause instanceof Refusal ? cause : to.engine.refusal(cause);
        refuse(reply as FastifyReply, exchange, refusal);
      },
    },
  };
}

/** `/_ping` advertises no API version above the ceiling, so that newer clients negotiate down. */
function capPing({ api }: Judged, range: VersionRange, reply: FastifyReply): void {
  if (api.operation.id !== 'SystemPing' && api.operation.id !== 'SystemPingHead') return;
  const version = reply.getHeader('api-version');
  if (typeof version === 'string') reply.header('api-version', capApiVersion(version, range));
}

/** Sends what was judged, and only that: whatever the proxy made of it on the way is compared once more. */
function dispatch(poolOf: PoolOf, options: Dispatcher.RequestOptions, callback: Callback): void {
  const headers = options.headers as Record<string | symbol, unknown>;
  const plain = headers[EXCHANGE] as PlainExchange | undefined;
  const api = plain?.judged.api;
  if (!plain || options.path !== api?.target || options.method !== api.operation.method) {
    callback(notJudged());
    return;
  }
  const pool = poolOf(plain.to.engine);
  if (pool.stats.queued >= MOST_WAITING) {
    callback(plain.to.engine.refusal(engineBusy()));
    return;
  }
  const made = plain.judged.tenant?.reply(api);
  if (made?.isMaking !== true) {
    pool.request({ ...options, signal: plain.signal }, (error, reply) => {
      if (reply) plain.statusText = reply.statusText;
      callback(error, reply);
    });
    return;
  }
  // What is made is looked at, and what came to nothing is tidied up, whether the client waits for it or not.
  if (plain.signal.aborted) {
    abandon(made);
    callback(clientGone());
    return;
  }
  plain.judged.tenant?.sent();
  pool.request(options, (error, reply) => {
    if (reply) plain.statusText = reply.statusText;
    if (error === null && !plain.signal.aborted) {
      callback(null, reply);
      return;
    }
    abandon(made, reply);
    callback(error ?? clientGone());
  });
}

/** Brings to its end what nobody waits for; what the Engine did not answer counts as a failure. */
function abandon(made: TenantReply, reply?: Dispatcher.ResponseData): void {
  const body = reply === undefined ? Promise.resolve(Buffer.alloc(0)) : readWhole(reply.body);
  body.then((bytes) => made.whole(reply?.statusCode ?? 502, bytes.toString())).catch(() => undefined);
}
