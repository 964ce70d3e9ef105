import { Rates } from './rates.ts';

/** How many addresses are kept waiting at one time; each has cost its holder all the failures that it may have. */
const MOST_BARRED = 16_384;

/** How many failures an address may have, and how long it waits after more. */
export interface FailureRule {
  /** 0 is no limit. */
  readonly perMinute: number;
  readonly seconds: number;
}

/** Addresses from which too much came that could not be authenticated. */
export class Failures {
  readonly #rates: Rates;
  /** Until when; in the order in which they began. */
  readonly #barred = new Map<string, number>();
  readonly #most: number;

  constructor(most = MOST_BARRED) {
    this.#most = most;
    this.#rates = new Rates(most);
  }

  /** How many wait, those included whose time has just passed. */
  get barred(): number {
    return this.#barred.size;
  }

  /** @returns for how many milliseconds more this address has to wait; 0: it need not */
  barredFor(address: string, now: number): number {
    if (this.#barred.size === 0) return 0;
    const until = this.#barred.get(address);
    if (until === undefined) return 0;
    if (until > now) return until - now;
    this.#barred.delete(address);
    return 0;
  }

  /** Counts a failure; one too many keeps the address waiting. */
  failed(address: string, { perMinute, seconds }: FailureRule, now: number): void {
    if (perMinute === 0 || this.barredFor(address, now) > 0) return;
    const rate = { perSecond: perMinute / 60, burst: perMinute };
    if (this.#rates.wait(address, rate, now) === 0) {
      this.#rates.take(address, rate, now);
      return;
    }
    this.#forget(now);
    // Nobody is let go early to make room: whoever has that many addresses is stopped by the limits of the whole gateway.
    if (this.#barred.size < this.#most) this.#barred.set(address, now + seconds * 1_000);
  }

  /** Takes out those whose time is over, from the oldest on. */
  #forget(now: number): void {
    for (const [address, until] of this.#barred) {
      if (until > now) return;
      this.#barred.delete(address);
    }
  }
}
