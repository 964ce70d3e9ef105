import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { parseTarget } from './docker/path.ts';
import { route } from './docker/route.ts';
import type { Operation } from './docker/types.ts';
import { clientGone, Refusal, toRefusal, wrongRoad } from './errors.ts';
import type { Arrival, Exchange } from './exchange.ts';
import type { Entrances } from './listener/server.ts';
import { TunnelBody } from './listener/tunnel-body.ts';
import type { LiveExchanges } from './live.ts';
import { type Bench, judge } from './pipeline.ts';
import type { Sessions } from './recording/sessions.ts';
import { forwardTunnel, PlainResponse } from './upstream/tunnel.ts';

/** What both entrances are made of. */
export interface EntranceParts {
  /** What a request that comes now is judged with, to its end. */
  bench(request: IncomingMessage): Bench;
  readonly live: LiveExchanges;
  readonly sessions: Sessions;
  newExchange(arrival: Arrival, bench: Bench): Exchange;
  refuse(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange,
    refusal: Refusal,
  ): Promise<void>;
}

/** Paths of the operations that may become a raw stream; the catalogue decides, this only spares it the rest. */
const TUNNEL_HINT = /\/(?:attach|attach\/ws|start|session|grpc)(?:\?|$)/;

/** Whether an operation may become a raw stream. */
export function isTunnelOperation({ connection }: Operation): boolean {
  return connection !== 'plain' && connection !== 'stream';
}

/**
 * Says of a request, by its method and path alone, whether it has to leave Node's parser after its head. Nobody
 * knows yet who sends it, so no more of it is read than that takes.
 */
export const isTunnelRequest: Entrances['isTunnel'] = ({ method = '', url = '' }) => {
  if (!TUNNEL_HINT.test(url)) return false;
  try {
    return isTunnelOperation(route(method, parseTarget(url)).operation);
  } catch {
    return false; // refused on the ordinary road, with the reason
  }
};

/**
 * The entrance of requests that have left Node's parser. The same stages judge them as all others; their body is
 * read from the connection, and what follows it is held until the tunnel stands.
 */
export function createTunnelEntrance(parts: EntranceParts): Entrances['onTunnel'] {
  const { live, sessions, newExchange, refuse } = parts;

  async function enter(
    exchange: Exchange,
    bench: Bench,
    request: IncomingMessage,
    held: TunnelBody,
  ): Promise<void> {
    const judged = await judge(exchange, bench);
    if (!isTunnelOperation(judged.api.operation)) throw wrongRoad();
    const session = await sessions.open(exchange, judged, bench.inspect);
    let status: number | null = null;
    try {
      const { socket } = held;
      if (socket.destroyed) throw clientGone();
      await exchange.decided();
      if (socket.destroyed) exchange.ending ??= 'client-closed';
      else {
        const entrance = { request, socket, early: held.early, session };
        exchange.forwarded();
        status = await forwardTunnel(exchange, judged, bench, entrance);
      }
    } finally {
      await session?.close();
    }
    exchange.ended(status, 'finished');
  }

  return (request, socket, head) => {
    socket.on('error', () => {}); // Node has taken its own listener away
    const bench = parts.bench(request);
    const held = new TunnelBody(socket, head, bench.limits);
    const arrival = {
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      socket: socket as Socket,
      body: held,
    };
    const exchange = newExchange(arrival, bench);
    if (live.isBusy(socket)) {
      // The answer to the request before it is still on its way: nothing can be written in between.
      void exchange.refused(
        new Refusal(400, 'pipelined-upgrade', 'a request that becomes a stream may not be pipelined'),
      );
      socket.destroy();
      return;
    }
    live.addTunnel(exchange, () => socket.destroy());
    enter(exchange, bench, request, held)
      .catch((error: unknown) => {
        request.complete = true; // what is left of its body is read by lingerClose
        return refuse(request, new PlainResponse(request, socket), exchange, toRefusal(error));
      })
      .catch((error: unknown) => {
        // The connection can not carry an answer any more; the record stands all the same.
        void exchange.refused(toRefusal(error));
        socket.destroy();
      })
      .finally(() => {
        live.delete(exchange);
        exchange.hold.release();
      });
  };
}
