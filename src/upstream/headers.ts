import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { rewriteCredentials } from '../docker/registry-credentials.ts';
import type { Operation } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import { REQUEST_ID_HEADER } from '../listener/answer.ts';
import type { RequestHeaders } from '../listener/framing.ts';

/** Client headers that mean something to the Engine. All others stay here, `Authorization` above all. */
const FORWARDED = ['accept', 'accept-encoding', 'user-agent'] as const;
const CREDENTIALS = ['x-registry-auth', 'x-registry-config'] as const;
const WEBSOCKET = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol'] as const;
const SESSION_PREFIX = 'x-docker-expose-session-';

/** Visible ASCII and spaces. */
export const VISIBLE = /^[\x20-\x7e]*$/;

/**
 * The headers of the upstream request, built anew: nothing of the client's head is copied but the values named
 * above. The framing (Content-Length, Transfer-Encoding, Connection) is added by whoever sends the body.
 *
 * @throws Refusal 400 when a forwarded value holds anything but visible ASCII, or credentials that are none
 */
export function upstreamHeaders(client: RequestHeaders, operation: Operation): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = { Host: 'docker' };
  const copy = (name: string, pattern: RegExp): void => {
    const values = client.all.get(name);
    if (values === undefined) return;
    for (const value of values) {
      if (!pattern.test(value)) {
        throw new Refusal(400, 'header-malformed', `the header ${name} holds characters it may not hold`, {
          field: name,
        });
      }
    }
    headers[name] = values.length === 1 ? (values[0] as string) : [...values];
  };
  for (const name of FORWARDED) copy(name, VISIBLE);
  for (const name of CREDENTIALS) {
    const rewritten = rewriteCredentials(name, client.all.get(name)?.[0] ?? '');
    if (rewritten !== undefined) headers[name] = rewritten;
  }
  if (operation.connection === 'websocket') for (const name of WEBSOCKET) copy(name, VISIBLE);
  if (operation.id === 'Session') {
    for (const name of client.all.keys()) if (name.startsWith(SESSION_PREFIX)) copy(name, VISIBLE);
  }
  return headers;
}

/** The same headers without credentials for registries. */
export function withoutCredentials(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const credentials: readonly string[] = CREDENTIALS;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentials.includes(name)));
}

/** RFC 9110, section 7.6.1, and the ones that only ever meant one connection. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const OWN = REQUEST_ID_HEADER.toLowerCase();

/** What was kept of heads that come again word for word; see `reply-parser.ts`. */
const kept = new WeakMap<readonly string[], readonly string[]>();

/**
 * The Engine's reply headers for the client: as they came, in order and case, without those that stay here.
 *
 * @param rawHeaders name, value, name, value
 */
export function keptPairs(rawHeaders: readonly string[]): string[] {
  const before = kept.get(rawHeaders);
  if (before !== undefined) return [...before];
  const made = keptOf(rawHeaders);
  kept.set(rawHeaders, made);
  return [...made];
}

function keptOf(rawHeaders: readonly string[]): string[] {
  const names: string[] = [];
  let listed = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    names.push(name);
    if (name === 'connection') listed += `,${rawHeaders[i + 1]}`;
  }
  const isListed = listing(listed);
  const pairsKept: string[] = [];
  for (const [index, name] of names.entries()) {
    if (HOP_BY_HOP.has(name) || name === OWN || isListed(name)) continue;
    pairsKept.push(rawHeaders[2 * index] as string, rawHeaders[2 * index + 1] as string);
  }
  return pairsKept;
}

/** The same of headers that come as an object. */
export function keptHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const stays = staysHere(headers.connection);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !stays(name)));
}

/** Hop-by-hop headers, those that Connection lists, and the id that nobody else may give. */
function staysHere(connection = ''): (name: string) => boolean {
  const isListed = listing(String(connection));
  return (name) => {
    const lower = name.toLowerCase();
    return HOP_BY_HOP.has(lower) || lower === OWN || isListed(lower);
  };
}

/** What a Connection header lists. */
function listing(connection: string): (name: string) => boolean {
  if (connection === '') return () => false;
  const listed = new Set(
    connection
      .toLowerCase()
      .split(',')
      .map((name) => name.trim()),
  );
  return (name) => listed.has(name);
}

/**
 * Takes a header out of name, value, name, value.
 *
 * @param name in lower case
 */
export function drop(headers: string[], name: string): void {
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if (headers[i]?.length === name.length && headers[i]?.toLowerCase() === name) headers.splice(i, 2);
  }
}

/** Name, value, name, value, two by two. */
export function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) result.push([raw[i] as string, raw[i + 1] as string]);
  return result;
}
