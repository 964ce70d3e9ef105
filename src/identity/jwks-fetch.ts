import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import type { JSONWebKeySet } from 'jose';
import { isJwks } from './keys.ts';

export interface JwksEndpoint {
  readonly url: URL;
  /** PEM CAs in place of the system's. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

const mostBytes = 256 * 1024;

/**
 * Fetches a JWKS once: status 200 only, no redirects, at most 256 KiB, the whole within `timeoutMs`.
 * Throws an Error whose message says what went wrong and holds nothing of the answer.
 */
export async function fetchJwks(
  { url, ca, timeoutMs }: JwksEndpoint,
  abort: AbortSignal,
): Promise<JSONWebKeySet> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await request(url, ca, AbortSignal.any([timeout, abort]));
    return parse(await readBody(response));
  } catch (error) {
    if (timeout.aborted) throw new Error(`no full answer within ${timeoutMs} ms`);
    throw error;
  }
}

function request(url: URL, ca: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const options = {
    signal,
    agent: false,
    headers: { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' },
  };
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? httpsGet(url, ca === undefined ? options : { ...options, ca }, resolve)
        : httpGet(url, options, resolve);
    outgoing.on('error', reject);
  });
}

async function readBody(response: IncomingMessage): Promise<Buffer> {
  const refuse = (message: string) => {
    response.destroy();
    return new Error(message);
  };
  if (response.statusCode !== 200) {
    const redirected = (response.statusCode ?? 0) >= 300 && (response.statusCode ?? 0) < 400;
    throw refuse(`status ${response.statusCode}${redirected ? '; redirects are not followed' : ''}`);
  }
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw refuse('a compressed answer');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw refuse(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parse(body: Buffer): JSONWebKeySet {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new Error('an answer that is not JSON');
  }
  if (!isJwks(parsed)) throw new Error('JSON that is not a JWKS');
  return parsed;
}
