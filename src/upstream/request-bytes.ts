import type { OutgoingHttpHeaders } from 'node:http';
import { Refusal } from '../errors.ts';
import { VISIBLE } from './headers.ts';

/**
 * A request as it goes on the wire, built of what was judged and of nothing else.
 *
 * @param isLast whether the connection is of no use afterwards
 * @returns a character for each byte (latin1)
 * @throws Refusal 500 when a line would hold what it should not: nothing is sent then
 */
export function requestBytes(
  method: string,
  target: string,
  headers: OutgoingHttpHeaders,
  { body = NOTHING, isLast = false }: { readonly body?: Buffer; readonly isLast?: boolean } = {},
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
  if (hasLength) head += `Content-Length: ${body.length}\r\n`;
  if (isLast) head += 'Connection: close\r\n';
  return body.length > 0 ? `${head}\r\n${body.toString('latin1')}` : `${head}\r\n`;
}

const NOTHING = Buffer.alloc(0);

/** Visible ASCII, no space among it. */
const TARGET = /^[\x21-\x7e]+$/;

function checked(text: string, pattern = VISIBLE): string {
  if (pattern.test(text)) return text;
  throw new Refusal(500, 'internal-error', 'the request to be forwarded is not the one that was judged');
}
