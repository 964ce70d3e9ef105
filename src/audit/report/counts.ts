/** How many different things a report lists of one sort; of others it says how many there were. */
export const MOST_LISTED = 5_000;

/** Counts things by a key, in bounded memory: what has no room any more is counted together. */
export class Counts<T extends object> {
  readonly #entries = new Map<string, T>();
  readonly #most: number;
  /** How many were counted that have no entry. */
  beyond = 0;

  constructor(most = MOST_LISTED) {
    this.#most = most;
  }

  /** @returns the entry, made by `make` where it is the first; undefined where there is no room */
  at(key: string, make: () => T): T | undefined {
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#most) {
      this.beyond += 1;
      return undefined;
    }
    const made = make();
    this.#entries.set(key, made);
    return made;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key);
  }

  values(): T[] {
    return [...this.#entries.values()];
  }
}
