import type { JSONWebKeySet } from 'jose';
import { type Endpoint, fetchOnce } from './fetch.ts';
import { isJwks } from './keys.ts';

const mostBytes = 256 * 1024;
const headers = { accept: 'application/jwk-set+json, application/json' };

/**
 * Fetches a JWKS once, see `fetchOnce`: at most 256 KiB.
 * Throws an Error whose message says what went wrong and holds nothing of the answer.
 */
export async function fetchJwks(endpoint: Endpoint, abort: AbortSignal): Promise<JSONWebKeySet> {
  return parse((await fetchOnce(endpoint, { headers, mostBytes }, abort)).body);
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
