import type { IncomingMessage, ServerResponse } from 'node:http';
import { toRefusal } from '../errors.ts';
import type { Exchange } from '../exchange.ts';
import { answerRefusal, endResponse, REQUEST_ID_HEADER } from '../listener/answer.ts';
import { pairs, replyHeaders } from './headers.ts';
import { pour } from './pour.ts';
import { readWhole } from './read-whole.ts';
import type { ReplyFilter } from './reply-filter.ts';

/**
 * Passes the Engine's reply on as it comes: head at once, body without buffering and with backpressure,
 * trailers at the end. A reply that breaks off breaks the client's connection too, so that it is not taken
 * for a whole one.
 *
 * @param filter what becomes of the body on the way
 */
export function relayReply(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  reply: IncomingMessage,
  filter?: ReplyFilter,
): void {
  exchange.answered(reply.statusCode ?? 502);
  if (filter?.kind === 'whole') {
    void relayWhole(exchange, request, response, reply, filter);
    return;
  }
  // Of lines, nobody knows how many will be shown.
  if (!writeHead(exchange, response, reply, filter?.kind === 'lines' ? null : undefined)) return;
  response.flushHeaders();
  if (filter?.kind === 'lines') {
    relayLines(exchange, request, response, reply, filter);
    return;
  }
  reply.on('data', (chunk: Buffer) => {
    exchange.sent(chunk);
  });
  reply.on('end', () => {
    if (reply.rawTrailers.length > 0) response.addTrailers(pairs(reply.rawTrailers));
    endResponse(request, response);
  });
  reply.on('close', () => {
    if (!reply.complete) breakOff(exchange, response);
  });
  reply.on('error', () => breakOff(exchange, response));
  pour(reply, response, { pace: exchange.hold.pace, ends: false });
}

/**
 * @param length of the body, where it is another than the reply says; null: not known
 * @returns false where the reply's head is none that could be passed on; everything is closed then
 */
function writeHead(
  exchange: Exchange,
  response: ServerResponse,
  reply: IncomingMessage,
  length?: number | null,
): boolean {
  const headers = replyHeaders(reply);
  // RFC 9110, section 8.6: these have no body, and no length of one.
  const hasNone = reply.statusCode === 204 || reply.statusCode === 304;
  const own = typeof length === 'number' ? ['Content-Length', `${length}`] : [];
  const kept = length === undefined || hasNone ? headers : [...without(headers, 'content-length'), ...own];
  try {
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, [
      ...kept,
      REQUEST_ID_HEADER,
      exchange.id,
    ]);
    return true;
  } catch {
    // Node read a head that it will not write: the Engine is not to bring the gateway down.
    exchange.ending ??= 'engine-error';
    reply.destroy();
    response.destroy();
    return false;
  }
}

async function relayWhole(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  reply: IncomingMessage,
  filter: ReplyFilter & { readonly kind: 'whole' },
): Promise<void> {
  let body: Buffer;
  try {
    body = await filter.rewrite(await readWhole(reply));
  } catch (error) {
    if (response.destroyed) return;
    exchange.ending ??= 'engine-error';
    answerRefusal(request, response, toRefusal(error), exchange.id);
    return;
  }
  if (response.destroyed || !writeHead(exchange, response, reply, body.length)) return;
  exchange.sent(body);
  if (request.method !== 'HEAD') response.write(body);
  endResponse(request, response);
}

function relayLines(
  exchange: Exchange,
  request: IncomingMessage,
  response: ServerResponse,
  reply: IncomingMessage,
  filter: ReplyFilter & { readonly kind: 'lines' },
): void {
  const lines = filter.open();
  lines.on('data', (chunk: Buffer) => {
    exchange.sent(chunk);
  });
  lines.on('end', () => endResponse(request, response));
  // A line that can not be read could be anybody's.
  lines.on('error', () => {
    reply.destroy();
    breakOff(exchange, response);
  });
  reply.on('close', () => {
    if (!reply.complete) breakOff(exchange, response);
  });
  reply.on('error', () => breakOff(exchange, response));
  pour(reply, lines, { pace: exchange.hold.pace, ends: true });
  lines.pipe(response, { end: false });
}

function without(headers: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (headers[i]?.toLowerCase() !== name) kept.push(headers[i] as string, headers[i + 1] as string);
  }
  return kept;
}

function breakOff(exchange: Exchange, response: ServerResponse): void {
  if (response.writableEnded) return;
  exchange.ending ??= 'engine-closed';
  response.destroy();
}
