import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import { REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { Session } from '../recording/session.ts';
import type { Destination } from './engine.ts';
import { replyHeaders } from './headers.ts';
import { bodyOf } from './payload-bytes.ts';
import { relayReply } from './relay.ts';
import { replyFilter } from './reply-filter.ts';
import { lingerClose, splice } from './splice.ts';

/** A client's connection that has left Node's HTTP parser, with the request it carried. */
export interface TunnelEntrance {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes the client sent after the request; held until the tunnel stands. */
  readonly early: Buffer;
  /** The stream that it becomes; undefined where it must not become one. */
  readonly session: Session | undefined;
}

/**
 * The road of attach, exec start, attach/ws, session and grpc: asks the Engine, and joins the two connections
 * only when it answers 101 with the protocol asked for: then this request, and no other, has become a raw stream. Any other answer is
 * relayed as plain HTTP and the connection closed, so that nothing unjudged can follow (attack D010).
 *
 * @returns the status that the client received, when the exchange is over
 * @throws Refusal when the Engine could not be reached or answered something that was not asked for
 */
export function forwardTunnel(
  exchange: Exchange,
  judged: Judged,
  to: Destination,
  entrance: TunnelEntrance,
): Promise<number | null> {
  const { operation, target } = judged.api;
  const body = bodyOf(judged.payload);
  // The Engine hijacks attach and exec start with or without an upgrade; asked for one, it says so by a 101.
  const protocol = judged.headers.upgrade ?? 'tcp';
  const upstream = to.engine.request(operation.method, target, {
    ...judged.forward,
    ...(body.length > 0 ? { 'Content-Type': 'application/json' } : {}),
    ...(operation.method === 'GET' ? {} : { 'Content-Length': body.length }),
    // `close` keeps the Engine from reading a second request from this connection, whatever it answers. It stands in a line of
    // its own, as Podman upgrades only where the first is `Upgrade` and nothing else.
    Connection: ['Upgrade', 'close'],
    Upgrade: protocol,
  });

  return new Promise((resolve, reject) => {
    const { socket, session } = entrance;
    let answered = false;
    const onClientGone = (): void => {
      if (answered) return;
      exchange.ending ??= 'client-closed';
      upstream.destroy();
      resolve(null);
    };
    socket.once('close', onClientGone);

    const garbled = (engineSide: Duplex, sentence: string): void => {
      engineSide.destroy();
      answered = true;
      reject(new Refusal(502, 'engine-garbled', sentence));
    };
    const join = async (reply: IncomingMessage, engineSide: Duplex, stream: Session): Promise<void> => {
      answered = true;
      await stream.begin();
      if (socket.destroyed) {
        exchange.ending ??= 'client-closed';
        engineSide.destroy();
        resolve(null);
        return;
      }
      if (engineSide.destroyed) throw to.engine.refusal({ code: 'ECONNRESET' });
      socket.write(openingHead(reply, judged.headers.upgrade !== undefined, exchange.id), 'latin1');
      const { output, input, signal } = stream;
      const ending = await splice(socket, engineSide, {
        early: entrance.early,
        count: exchange,
        output,
        input,
        pace: exchange.hold.pace,
        signal,
      });
      exchange.ending ??= ending;
      resolve(judged.headers.upgrade === undefined ? 200 : 101);
    };

    upstream.on('upgrade', (reply, engineSide, head) => {
      exchange.times.answered = performance.now();
      if (reply.headers.upgrade?.toLowerCase() !== protocol) {
        garbled(engineSide, 'the Engine switched to a protocol that was not asked for');
        return;
      }
      if (session === undefined) {
        garbled(engineSide, 'the Engine opened a stream where there can be none');
        return;
      }
      if (head.length > 0) engineSide.unshift(head);
      engineSide.once('error', () => {}); // it may break before it is joined
      join(reply, engineSide, session).catch((error: unknown) => {
        engineSide.destroy();
        reject(error);
      });
    });
    upstream.on('response', (reply) => {
      answered = true;
      if (reply.statusCode === 101) {
        upstream.destroy();
        reject(new Refusal(502, 'engine-garbled', 'the Engine switched protocols without saying to which'));
        return;
      }
      const response = plainResponse(entrance.request, socket);
      const over = (): void => {
        if (!response.writableFinished) exchange.ending ??= 'client-closed';
        upstream.destroy();
        resolve(response.statusCode);
      };
      // Node emits 'close' for responses of its own making only, or when the connection broke.
      response.once('finish', over).once('close', over);
      relayReply(
        exchange,
        entrance.request,
        response,
        reply,
        replyFilter(judged, to, reply.statusCode ?? 502),
      );
    });
    upstream.on('error', (error) => {
      if (answered) return;
      answered = true;
      socket.off('close', onClientGone);
      reject(to.engine.refusal(error));
    });
    upstream.end(body.length > 0 ? body : undefined);
  });
}

/**
 * The head that opens the stream: the Engine's own 101 for a client that asked for an upgrade, and else the 200
 * that the Engine gives to clients without an Upgrade header (HTTP/1.0, curl), after which the connection is the
 * body.
 */
function openingHead(reply: IncomingMessage, upgraded: boolean, requestId: string): string {
  const status = upgraded ? `${reply.statusCode} ${reply.statusMessage}` : '200 OK';
  const lines = [`HTTP/1.1 ${status}`];
  const headers = upgraded ? reply.rawHeaders : replyHeaders(reply);
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  lines.push(`${REQUEST_ID_HEADER}: ${requestId}`, '', '');
  return lines.join('\r\n');
}

/** An ordinary response on a connection that has left Node's parser; the connection is closed after it. */
export function plainResponse(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as TLSSocket);
  response.once('finish', () => {
    response.detachSocket(socket as TLSSocket);
    lingerClose(socket);
  });
  return response;
}
