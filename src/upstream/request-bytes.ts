import type { OutgoingHttpHeaders } from 'node:http';
import { notJudged } from '../errors.ts';
import { VISIBLE } from './headers.ts';

/** What follows a head. */
export interface RequestRest {
  /** A body that is there. */
  readonly body?: Buffer;
  /** One that is still to come: how long, in bytes, or `chunked` where nobody knows. */
  readonly follows?: number | 'chunked';
  /** Whether the connection is of no use afterwards. */
  readonly isLast?: boolean;
}

/**
 * A request as it goes on the wire, built of what was judged and of nothing else.
 *
 * @returns a character for each byte (latin1)
 * @throws Refusal 500 when a line would hold what it should not: nothing is sent then
 */
export function requestBytes(
  method: string,
  target: string,
  headers: OutgoingHttpHeaders,
  { body = NOTHING, follows, isLast = false }: RequestRest = {},
): string {
  let head = `${method} ${checked(target, TARGET)} HTTP/1.1\r\n`;
  for (const name in headers) {
    const value = headers[name];
    if (Array.isArray(value)) for (const each of value) head += `${name}: ${checked(each)}\r\n`;
    else if (value !== undefined) head += `${name}: ${checked(String(value))}\r\n`;
  }
  // RFC 9110, section 8.6: of a method that could have a body, that there is none is said.
  const hasLength =
    body.length > 0 || method === 'POST' || method === 'PUT' || (isLast && method === 'DELETE');
  if (follows === 'chunked') head += 'Transfer-Encoding: chunked\r\n';
  else if (follows !== undefined) head += `Content-Length: ${follows}\r\n`;
  else if (hasLength) head += `Content-Length: ${body.length}\r\n`;
  if (isLast) head += 'Connection: close\r\n';
  return body.length > 0 ? `${head}\r\n${body.toString('latin1')}` : `${head}\r\n`;
}

const NOTHING = Buffer.alloc(0);

/** Visible ASCII, no space among it. */
const TARGET = /^[\x21-\x7e]+$/;

function checked(text: string, pattern = VISIBLE): string {
  if (pattern.test(text)) return text;
  throw notJudged();
}
