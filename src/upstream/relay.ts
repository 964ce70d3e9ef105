import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../exchange.ts';
import { endResponse, REQUEST_ID_HEADER } from '../listener/answer.ts';
import { replyHeaders } from './headers.ts';

/**
 * Passes the Engine's reply on as it comes: head at once, body without buffering and with backpressure,
 * trailers at the end. A reply that breaks off breaks the client's connection too, so that it is not taken
 * for a whole one.
 */
export function relayReply(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  reply: IncomingMessage,
): void {
  try {
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, [
      ...replyHeaders(reply),
      REQUEST_ID_HEADER,
      exchange.id,
    ]);
  } catch {
    // Node read a head that it will not write: the Engine is not to bring the gateway down.
    exchange.ending ??= 'engine-error';
    reply.destroy();
    response.destroy();
    return;
  }
  response.flushHeaders();
  reply.on('data', (chunk: Buffer) => {
    exchange.bytesOut += chunk.length;
  });
  reply.on('end', () => {
    if (reply.rawTrailers.length > 0) response.addTrailers(pairs(reply.rawTrailers));
    endResponse(request, response);
  });
  reply.on('close', () => {
    if (!reply.complete) breakOff(exchange, response);
  });
  reply.on('error', () => breakOff(exchange, response));
  reply.pipe(response, { end: false });
}

function breakOff(exchange: Exchange, response: ServerResponse): void {
  if (response.writableEnded) return;
  exchange.ending ??= 'engine-closed';
  response.destroy();
}

function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([raw[i] as string, raw[i + 1] as string]);
  return result;
}
