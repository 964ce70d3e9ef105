import { hash } from 'node:crypto';
import type { TokenIdentity } from './claims.ts';
import type { KeySource } from './keys.ts';

/** A token that verified, and for how long that holds. */
export interface Verified {
  readonly identity: TokenIdentity;
  /** When it was verified, milliseconds since the epoch: a clock that was set back proves nothing. */
  readonly since: number;
  /** From when on it is no longer good, milliseconds since the epoch. */
  readonly until: number;
  readonly keys: KeySource;
  /** `keys.edition` when it was verified. */
  readonly edition: number;
}

/** How many are remembered; the one that came first is forgotten for a new one. */
const MOST = 1_000;

/**
 * Remembers tokens that verified, by their digest: a signature costs 90 to 150 us, and most
 * tokens come with every request. One is verified anew when its time is over, and whenever the keys of its issuer are not
 * the very ones that it was verified by, or have to be fetched again.
 */
export class TokenMemory {
  readonly #known = new Map<string, Verified>();

  recall(authorization: string, now: number): TokenIdentity | undefined {
    // Of another scheme the same words are another thing.
    if (!/^Bearer /i.test(authorization)) return undefined;
    const digest = digestOf(authorization);
    const known = this.#known.get(digest);
    if (known === undefined) return undefined;
    const { identity, since, until, keys, edition } = known;
    if (now >= since && now < until && keys.edition === edition) return identity;
    this.#known.delete(digest);
    return undefined;
  }

  keep(authorization: string, verified: Verified): void {
    if (this.#known.size >= MOST) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(digestOf(authorization), verified);
  }
}

/** Of the token alone: `Bearer` can be spelt in many ways. */
function digestOf(authorization: string): string {
  return hash('sha256', authorization.slice('Bearer '.length), 'base64');
}
