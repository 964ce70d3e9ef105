/** How often something may happen. */
export interface Rate {
  readonly perSecond: number;
  /** How many may come at once after a quiet time; at least 1. */
  readonly burst: number;
}

/** How many keys are told apart. */
const MOST_KEYS = 16_384;

/** How many keys are looked at for one that can go. */
const MOST_LOOKED_AT = 16;

/** Whom all share that there is no room for. */
const OTHERS = '';

/**
 * Token buckets by key, each kept as one number: the time at which it will be full again (the generic cell rate algorithm,
 * ITU-T I.371). Times are milliseconds of one clock that never goes back.
 *
 * Memory is bounded: a key whose bucket is full again says nothing and goes as soon as its room is needed. Where nobody's
 * is, newcomers share one bucket: none of those who have used up theirs gets a new one for that.
 */
export class Rates {
  /** When each bucket is full; in the order in which they were used last. */
  readonly #full = new Map<string, number>();
  readonly #most: number;

  constructor(most = MOST_KEYS) {
    this.#most = most;
  }

  get size(): number {
    return this.#full.size;
  }

  /** @returns in how many milliseconds one more may happen; 0: now */
  wait(key: string, { perSecond, burst }: Rate, now: number): number {
    const interval = 1_000 / perSecond;
    const full = Math.max(this.#full.get(this.#place(key, now)) ?? 0, now) + interval;
    return Math.max(0, full - now - burst * interval);
  }

  /** Counts one that happens, or so many, whether they may or not. */
  take(
    key: string,
    { perSecond }: { readonly perSecond: number; readonly burst?: number },
    now: number,
    many = 1,
  ): void {
    const place = this.#place(key, now);
    const full = Math.max(this.#full.get(place) ?? 0, now) + (many * 1_000) / perSecond;
    this.#full.delete(place);
    this.#full.set(place, full);
  }

  #place(key: string, now: number): string {
    if (this.#full.has(key) || this.#full.size < this.#most) return key;
    let looked = 0;
    for (const [oldest, full] of this.#full) {
      this.#full.delete(oldest);
      if (full <= now) return key;
      this.#full.set(oldest, full);
      looked += 1;
      if (looked === MOST_LOOKED_AT) break;
    }
    return OTHERS;
  }
}
