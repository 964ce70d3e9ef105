import type { IncomingMessage, ServerResponse } from 'node:http';
import type { VersionRange } from '../docker/versions.ts';
import { Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import type { Engine } from './engine.ts';
import { bodyOf } from './payload-bytes.ts';
import { relayReply } from './relay.ts';
import { replyFilter } from './reply-filter.ts';

/**
 * The road of whatever streams, waits or is large: a connection of its own to the Engine, bodies piped both
 * ways, no time limit on either.
 *
 * @returns when the exchange is over
 * @throws Refusal when the Engine could not be reached or broke off before it answered
 */
export function forwardStream(
  exchange: Exchange,
  judged: Judged,
  engine: Engine,
  range: VersionRange,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { payload } = judged;
  const { operation, target } = judged.api;
  const headers = { ...judged.forward };
  const archive = payload.kind === 'archive' ? payload : undefined;
  const body = bodyOf(payload);
  if (archive !== undefined) {
    headers['Content-Type'] = 'application/x-tar';
    if (archive.length === undefined) headers['Transfer-Encoding'] = 'chunked';
    else headers['Content-Length'] = archive.length;
  } else if (body.length > 0) {
    headers['Content-Type'] = 'application/json';
    headers['Content-Length'] = body.length;
  } else if (operation.method !== 'GET' && operation.method !== 'HEAD') {
    headers['Content-Length'] = 0;
  }

  const upstream = engine.request(operation.method, target, headers);
  return new Promise<void>((resolve, reject) => {
    let answered = false;
    const source = archive?.open();
    const isOnDisk = archive?.received !== undefined;

    const clientGone = (): void => {
      if (!response.writableFinished) exchange.ending ??= 'client-closed';
      upstream.destroy();
    };
    // The Engine treats a client that ends its side as gone (net/http's background read), and so do we: waiting
    // for a write to fail would leave a quiet `logs -f` open for hours.
    const onHalfClose = (): void => {
      if (request.complete && !response.writableEnded) {
        clientGone();
        response.destroy();
      }
    };
    exchange.arrival.socket.once('end', onHalfClose);
    response.once('close', () => {
      exchange.arrival.socket.off('end', onHalfClose);
      clientGone();
      if (isOnDisk) source?.destroy();
      resolve();
    });

    const switched = (): void => {
      reject(new Refusal(502, 'engine-garbled', 'the Engine switched protocols although nobody asked it to'));
    };
    upstream.on('response', (reply) => {
      answered = true;
      if (reply.statusCode === 101) {
        upstream.destroy();
        switched();
        return;
      }
      if (source !== undefined && !request.complete) {
        // An early answer: the client has to be able to read it while it is still sending.
        source.unpipe(upstream);
        source.resume();
      }
      relayReply(exchange, request, response, reply, replyFilter(judged, range, reply.statusCode ?? 502));
    });
    upstream.on('error', (error) => {
      if (answered) return; // the reply's own 'close' tells
      if (exchange.ending === 'client-closed') resolve();
      else reject(engine.refusal(error));
    });
    upstream.on('upgrade', (_reply, socket) => {
      socket.destroy();
      switched();
    });

    if (source === undefined) {
      upstream.end(body);
      return;
    }
    if (isOnDisk) {
      source.on('error', (cause) => {
        reject(new Refusal(503, 'spool-unavailable', 'this gateway can not read what it kept', { cause }));
        upstream.destroy();
      });
    } else {
      source.on('data', (chunk: Buffer) => {
        exchange.bytesIn += chunk.length;
      });
    }
    source.on('close', () => {
      if (!request.complete && !answered) {
        exchange.ending ??= 'client-closed';
        upstream.destroy();
      }
    });
    source.pipe(upstream);
  });
}
