import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Soon } from './at-once.ts';
import { clientGone, toRefusal, wrongRoad } from './errors.ts';
import type { Exchange, Judged } from './exchange.ts';
import { ordinaryBody } from './listener/body.ts';
import { type Bench, judge } from './pipeline.ts';
import type { ProxyRoad } from './proxy-road.ts';
import { type EntranceParts, isTunnelOperation } from './tunnel-entrance.ts';
import { forwardLight } from './upstream/light.ts';
import { bodyOf } from './upstream/payload-bytes.ts';
import { forwardStream } from './upstream/stream.ts';

interface Parts extends EntranceParts {
  /** The road through @fastify/http-proxy; at first it has to be made. */
  readonly proxyRoad: () => Soon<ProxyRoad>;
}

/**
 * The entrance of requests that stay within HTTP. Once judged, each takes the road of its operation: what streams has a
 * connection of its own; what has a body, or makes something that is looked at again, goes through @fastify/http-proxy; all
 * else is light.
 */
export function createOrdinaryEntrance(
  parts: Parts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { live, sessions, newExchange, proxyRoad, refuse } = parts;

  async function enter(
    exchange: Exchange,
    bench: Bench,
    gone: ClientGone,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const judged = await judge(exchange, bench);
    const { operation } = judged.api;
    if (isTunnelOperation(operation)) throw wrongRoad();
    // Before anything is on record, or reserved.
    const plainRoad = mayBePlain(judged) ? await proxyRoad() : undefined;
    if (response.destroyed || request.socket.destroyed) throw clientGone();
    await exchange.decided();
    const ready = judged.tenant?.before(judged.api, judged.facts, () => gone.signal);
    if (ready !== undefined) await ready;
    if (response.destroyed) {
      // Its record is complete, and what it reserved meanwhile is nobody's.
      await judged.tenant?.release();
      throw clientGone();
    }
    exchange.forwarded();
    if (operation.connection === 'stream') {
      await forwardStream(exchange, judged, bench, { request, response });
    } else if (judged.payload.kind === 'none' && judged.tenant?.reply(judged.api).isMaking !== true) {
      await forwardLight(exchange, judged, bench, { request, response });
    } else {
      if (plainRoad === undefined) throw wrongRoad();
      const plain = { exchange, judged, to: bench, body: bodyOf(judged.payload), signal: gone.signal };
      plainRoad.forward(plain, request, response);
    }
  }

  return (request, response) => {
    const bench = parts.bench(request);
    const arrival = {
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      socket: request.socket,
      body: ordinaryBody(request, response, bench.limits),
    };
    const exchange = newExchange(arrival, bench);
    const gone = new ClientGone();
    live.add(exchange, () => response.destroy());
    response.on('close', () => {
      const status = response.headersSent ? response.statusCode : null;
      exchange.ended(status, response.writableFinished ? 'finished' : 'client-closed');
      const { api, tenant } = exchange.findings;
      if (api !== undefined && status !== null && status < 300)
        sessions.resized(api, exchange.findings.engine);
      live.delete(exchange);
      exchange.hold.release();
      if (!response.writableFinished) gone.abort();
      tenant?.release().catch((error: unknown) => {
        exchange.log.warn({ err: error }, 'what a request had reserved could not be given back');
      });
    });
    enter(exchange, bench, gone, request, response).catch((error: unknown) => {
      const { payload } = exchange.findings;
      if (payload?.kind === 'archive') void payload.discard?.();
      return refuse(request, response, exchange, toRefusal(error));
    });
  };
}

/** Whether it may have to go through the proxy: what a quota counts is known only when it is reserved, and is no question. */
function mayBePlain({ api: { operation }, payload, tenant }: Judged): boolean {
  if (operation.connection === 'stream') return false;
  if (payload.kind !== 'none') return true;
  return tenant !== undefined && operation.method !== 'GET' && operation.method !== 'HEAD';
}

/** Tells whoever asks that the client has gone; most requests are over before anybody does. */
class ClientGone {
  #controller: AbortController | undefined;
  #isGone = false;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isGone) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  abort(): void {
    this.#isGone = true;
    this.#controller?.abort();
  }
}
