import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import { REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { Session } from '../recording/session.ts';
import { ClientReply } from './client-reply.ts';
import type { Shot } from './connections.ts';
import type { Destination } from './engine.ts';
import { drop, keptPairs, pairs } from './headers.ts';
import { bodyOf } from './payload-bytes.ts';
import type { ReplyHead } from './reply-parser.ts';
import { requestBytes } from './request-bytes.ts';
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
  const head = {
    ...judged.forward,
    ...(body.length > 0 ? { 'Content-Type': 'application/json' } : {}),
    // A line of its own, and the first of its name: Podman upgrades only where that is `Upgrade` and nothing else. The `close`
    // that follows keeps the Engine from reading a second request from this connection, whatever it answers.
    Connection: 'Upgrade',
    Upgrade: protocol,
  };
  const bytes = requestBytes(operation.method, target, head, { body, isLast: true });

  return new Promise((resolve, reject) => {
    const { request, socket, session } = entrance;
    const onClientGone = (): void => {
      exchange.ending ??= 'client-closed';
      flight.abort();
      resolve(null);
    };
    const join = async (reply: ReplyHead, engineSide: Socket, stream: Session): Promise<void> => {
      await stream.begin();
      if (socket.destroyed) {
        exchange.ending ??= 'client-closed';
        engineSide.destroy();
        resolve(null);
        return;
      }
      if (engineSide.destroyed) {
        exchange.ending ??= 'engine-error';
        throw to.engine.refusal({ code: 'ECONNRESET' });
      }
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
    const switched = (reply: ReplyHead, engineSide: Socket): void => {
      socket.off('close', onClientGone);
      exchange.times.answered = performance.now();
      const fault = faultOf(reply, protocol);
      if (fault !== undefined || session === undefined) {
        engineSide.destroy();
        reject(new Refusal(502, 'engine-garbled', fault ?? NO_STREAM));
        return;
      }
      engineSide.once('error', () => {}); // it may break before it is joined
      join(reply, engineSide, session).catch((error: unknown) => {
        engineSide.destroy();
        reject(error);
      });
    };
    const plain = (): ClientReply => {
      socket.off('close', onClientGone);
      const response = new PlainResponse(request, socket);
      const over = (): void => {
        if (!response.writableFinished) exchange.ending ??= 'client-closed';
        flight.abort();
        resolve(response.headersSent ? response.statusCode : null);
      };
      // Node emits 'close' for responses of its own making only, or when the connection broke.
      response.once('finish', over).once('close', over);
      const client = { request, response };
      const fail = (error: Error): void => {
        response.off('finish', over).off('close', over);
        response.leave();
        reject(to.engine.refusal(error));
      };
      const reply = new ClientReply({ exchange, judged, range: to, client, bytes, isStream: true, fail });
      reply.flight = flight;
      return reply;
    };
    const failed = (error: Error): void => {
      socket.off('close', onClientGone);
      reject(to.engine.refusal(error));
    };
    const shot = new TunnelShot(operation.method, bytes, { switched, plain, failed });
    const flight = to.engine.connections.sendAlone(shot);
    socket.once('close', onClientGone);
  });
}

interface Ways {
  /** It is a 101. */
  readonly switched: (head: ReplyHead, socket: Socket) => void;
  /** It is any other reply, which goes this way. */
  readonly plain: () => ClientReply;
  /** There is none. */
  readonly failed: (error: Error) => void;
}

/** A request that asks for a stream: what comes of it is known when the head of the reply is there. */
class TunnelShot implements Shot {
  readonly maySwitch = true;
  readonly method: string;
  readonly bytes: string;
  readonly #ways: Ways;
  #reply: ClientReply | undefined;

  constructor(method: string, bytes: string, ways: Ways) {
    this.method = method;
    this.bytes = bytes;
    this.#ways = ways;
  }

  get wantsRaw(): boolean {
    return this.#reply?.wantsRaw === true;
  }

  onSwitch(head: ReplyHead, socket: Socket): void {
    this.#ways.switched(head, socket);
  }

  onHead(head: ReplyHead, isChunked: boolean | undefined): void {
    this.#reply = this.#ways.plain();
    this.#reply.onHead(head, isChunked);
  }

  onRaw(bytes: Buffer, length: number, release?: () => void): void {
    this.#reply?.onRaw(bytes, length, release);
  }

  onBody(chunk: Buffer): void {
    this.#reply?.onBody(chunk);
  }

  onEnd(trailers: readonly string[]): void {
    this.#reply?.onEnd(trailers);
  }

  onError(error: Error): void {
    if (this.#reply === undefined) this.#ways.failed(error);
    else this.#reply.onError(error);
  }
}

const NO_STREAM = 'the Engine opened a stream where there can be none';

/** Why a 101 does not open the stream that was asked for. */
function faultOf({ rawHeaders }: ReplyHead, protocol: string): string | undefined {
  const said = { upgrade: '', connection: '' };
  for (const [name, value] of pairs(rawHeaders)) {
    const lower = name.toLowerCase();
    if (lower === 'upgrade' || lower === 'connection')
      said[lower] += `${said[lower] === '' ? '' : ','}${value.toLowerCase()}`;
  }
  const isUpgrade = said.connection.split(',').some((token) => token.trim() === 'upgrade');
  if (said.upgrade === '' || !isUpgrade) return 'the Engine switched protocols without saying to which';
  if (said.upgrade !== protocol) return 'the Engine switched to a protocol that was not asked for';
  return undefined;
}

/**
 * The head that opens the stream: the Engine's own 101 for a client that asked for an upgrade, and else the 200
 * that the Engine gives to clients without an Upgrade header (HTTP/1.0, curl), after which the connection is the
 * body.
 */
function openingHead(reply: ReplyHead, upgraded: boolean, requestId: string): string {
  const status = upgraded ? `${reply.status} ${reply.reason}` : '200 OK';
  const lines = [`HTTP/1.1 ${status}`];
  const headers = upgraded ? [...reply.rawHeaders] : keptPairs(reply.rawHeaders);
  // What is to be taken for a body that lasts until the connection ends has no length.
  if (!upgraded) drop(headers, 'content-length');
  for (let i = 0; i + 1 < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  lines.push(`${REQUEST_ID_HEADER}: ${requestId}`, '', '');
  return lines.join('\r\n');
}

/** An ordinary response on a connection that has left Node's parser; the connection is closed after it. */
export class PlainResponse extends ServerResponse {
  readonly #connection: TLSSocket;
  /** Node took its own listener away when it left the connection. */
  readonly #onDrain = (): void => void this.emit('drain');

  constructor(request: IncomingMessage, socket: Duplex) {
    super(request);
    this.#connection = socket as TLSSocket;
    this.shouldKeepAlive = false;
    this.assignSocket(this.#connection);
    socket.on('drain', this.#onDrain);
    this.once('finish', () => {
      this.leave();
      lingerClose(socket);
    });
  }

  /** Leaves the connection, to be closed or to somebody else who answers. */
  leave(): void {
    this.#connection.off('drain', this.#onDrain);
    if (this.socket !== null) this.detachSocket(this.#connection);
  }
}
