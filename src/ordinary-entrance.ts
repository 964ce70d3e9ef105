import type { IncomingMessage, ServerResponse } from 'node:http';
import { clientGone, toRefusal, wrongRoad } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { ordinaryBody } from './listener/body.ts';
import { type Bench, judge } from './pipeline.ts';
import { type EntranceParts, isTunnelOperation } from './tunnel-entrance.ts';
import { forwardLight } from './upstream/light.ts';
import { bodyOf } from './upstream/payload-bytes.ts';
import type { PlainExchange } from './upstream/plain.ts';
import { forwardStream } from './upstream/stream.ts';

/** Hands over what goes through @fastify/http-proxy. @throws when there is no such road */
export type ForwardPlain = (
  plain: PlainExchange,
  request: IncomingMessage,
  response: ServerResponse,
) => Promise<void>;

interface Parts extends EntranceParts {
  readonly forwardPlain: ForwardPlain;
}

/**
 * The entrance of requests that stay within HTTP. Once judged, each takes the road of its operation: what streams has a
 * connection of its own; what has a body, or makes something that is looked at again, goes through @fastify/http-proxy; all
 * else is light.
 */
export function createOrdinaryEntrance(
  parts: Parts,
): (request: IncomingMessage, response: ServerResponse) => void {
  const { live, sessions, newExchange, forwardPlain, refuse } = parts;

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
      const plain = { exchange, judged, to: bench, body: bodyOf(judged.payload), signal: gone.signal };
      await forwardPlain(plain, request, response);
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
