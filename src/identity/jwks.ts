import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey, type LocalJWKSet } from 'jose';
import { Refusal } from '../errors.ts';
import type { Endpoint } from './fetch.ts';
import { fetchJwks } from './jwks-fetch.ts';
import { judgeKey, type KeySource } from './keys.ts';

export interface RemoteKeysOptions extends Endpoint {
  /** How long fetched keys count as fresh. */
  readonly cacheMs: number;
  /** Least time between two fetches for unknown `kid`s. */
  readonly cooldownMs: number;
  readonly now: () => number;
  readonly log: IdentityLog;
}

/** The part of a pino logger that identity uses. */
export interface IdentityLog {
  warn(details: object, message: string): void;
}

const mostRetryMs = 5_000;

/**
 * Keys behind a JWKS URL. Fetched at the first token, again when they are no longer fresh, and when a token
 * names an unknown `kid`, then at most once in `cooldownMs`. Requests that need the same fetch share it.
 *
 * jose's own remote set forgets that it had keys once a reload fails. This one keeps the last good set for as
 * long as the endpoint is down, tries it again in the background every 5 s (or `cooldownMs`, if that is less)
 * and warns. Only when it never had a set does it throw Refusal 503 `keys-unavailable`: the token may be
 * right, there is nothing the client could do better, and it should try again.
 */
export function createRemoteKeys(options: RemoteKeysOptions): KeySource {
  const { url, cacheMs, cooldownMs, now, log } = options;
  const endpoint = `${url.origin}${url.pathname}`;
  const abort = new AbortController();
  let keys: LocalJWKSet | undefined;
  let fetchedAt = 0;
  let editions = 0;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failing = false;
  let pending: Promise<void> | undefined;

  /** A clock that was set back counts as time gone by. */
  const within = (since: number, span: number) => now() >= since && now() - since < span;

  async function load(): Promise<void> {
    triedAt = now();
    try {
      const fetched = await fetchJwks(options, abort.signal);
      keys = createLocalJWKSet(withoutUnfit(fetched, endpoint, log));
      fetchedAt = now();
      editions += 1;
      failing = false;
    } catch (error) {
      failing = true;
      if (abort.signal.aborted) return;
      log.warn(
        {
          endpoint,
          fault: error instanceof Error ? error.message : 'unknown',
          keptSince: keys && new Date(fetchedAt).toISOString(),
        },
        keys
          ? 'JWKS endpoint failed, the last keys stay in use'
          : 'JWKS endpoint failed and there are no keys yet',
      );
    }
  }

  function refresh(): Promise<void> {
    pending ??= load().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  async function current(): Promise<LocalJWKSet> {
    const fresh = keys !== undefined && within(fetchedAt, cacheMs);
    const backingOff = pending === undefined && failing && within(triedAt, Math.min(cooldownMs, mostRetryMs));
    if (!fresh && !backingOff) {
      const refreshed = refresh();
      if (keys === undefined || !failing) await refreshed;
    }
    if (keys !== undefined) return keys;
    throw new Refusal(
      503,
      'keys-unavailable',
      'the keys to verify this token can not be fetched at the moment; try again shortly, and tell the operator if it lasts',
    );
  }

  const getKey: JWTVerifyGetKey = async (header) => {
    const set = await current();
    try {
      return await set({ ...header });
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (pending === undefined && within(triedAt, cooldownMs)) throw error;
      await refresh();
      return (keys ?? set)({ ...header });
    }
  };

  return {
    getKey,
    get edition() {
      return keys !== undefined && within(fetchedAt, cacheMs) ? editions : undefined;
    },
    close: () => abort.abort(),
  };
}

/** Drops what must never verify a signature; RFC 7517, section 5, has other unknown keys ignored. */
function withoutUnfit(jwks: JSONWebKeySet, endpoint: string, log: IdentityLog): JSONWebKeySet {
  const verdicts = jwks.keys.map(judgeKey);
  const unfit = verdicts.filter((verdict) => verdict === 'private' || verdict === 'weak').length;
  if (unfit > 0)
    log.warn({ endpoint, unfit }, 'JWKS holds private, symmetric or weak keys, which are ignored');
  return { keys: jwks.keys.filter((_, index) => verdicts[index] === 'usable') };
}
