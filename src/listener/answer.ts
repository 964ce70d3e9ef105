import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Refusal } from '../errors.ts';

/** Name of the header that ties an answer to its audit records. */
export const REQUEST_ID_HEADER = 'Quaywarden-Request-Id';

/** How long a client may go on sending a body that nobody wants any more, in milliseconds. */
const LATE_BODY_MS = 30_000;

/** How many bytes of it are read from a client that nobody knows, and from one that came upon a limit. */
const LATE_BYTES_OF_NOBODY = 262_144;
const LATE_BYTES_OF_MANY = 1_048_576;

/** Answers with a refusal in the Engine's own form, `{"message": "..."}`, which the docker CLI prints. */
export function answerRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  id: string,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // A client that was not told to continue may send its body or its next request now: nobody could tell which.
  if (request.headers.expect !== undefined && !request.complete) response.shouldKeepAlive = false;
  const body = refusalBody(refusal);
  response.writeHead(refusal.status, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    [REQUEST_ID_HEADER]: id,
    ...(refusal.status === 401 ? { 'WWW-Authenticate': 'Bearer realm="quaywarden"' } : {}),
    ...(refusal.retryAfter === undefined ? {} : { 'Retry-After': `${refusal.retryAfter}` }),
  });
  if (request.method !== 'HEAD') response.write(body);
  endResponse(request, response, lateBytes(refusal));
}

/** The same answer for a connection that has no response object, because its bytes were not HTTP. */
export function rawRefusal(refusal: Refusal, id: string): Buffer {
  const body = refusalBody(refusal);
  const head =
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${body.length}\r\n${REQUEST_ID_HEADER}: ${id}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Ends a response whose request may not have been read to its end. Closing a connection with unread bytes
 * resets it and loses the answer, so the rest of the body is read, for a bounded time, and thrown away.
 *
 * @param most bytes that are read at most
 */
export function endResponse(
  request: IncomingMessage,
  response: ServerResponse,
  most = Number.POSITIVE_INFINITY,
): void {
  if (request.complete) {
    response.end();
    return;
  }
  const timer = setTimeout(() => request.socket.destroy(), LATE_BODY_MS);
  const read = (): void => {
    clearTimeout(timer);
    if (!response.writableEnded) response.end();
  };
  let late = 0;
  request.on('data', (chunk: Buffer) => {
    late += chunk.length;
    if (late > most) request.socket.destroy();
  });
  request.once('end', read);
  request.once('close', read);
  request.resume();
  if (response.shouldKeepAlive) response.end();
  else if (request.headers.expect !== undefined) read();
}

function lateBytes({ status, flood }: Refusal): number {
  // Refused by the head alone, or because nobody could be named.
  if (status === 401 || status === 400 || status === 417) return LATE_BYTES_OF_NOBODY;
  return flood === undefined ? Number.POSITIVE_INFINITY : LATE_BYTES_OF_MANY;
}

function refusalBody(refusal: Refusal): Buffer {
  return Buffer.from(`${JSON.stringify({ message: refusal.publicMessage })}\n`);
}
