/**
 * Begins what is costly one by one, one in each turn of the event loop, and those of one address in turn with those of others:
 * a hundred handshakes that come at one time would keep everybody else waiting until the last of them is done.
 */
export class Turns {
  /** What waits, by address; the address whose turn it is stands first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #isBusy = false;

  /** Begins it now, where nothing was begun in this turn; else when its turn comes. */
  take(address: string, begin: () => void): void {
    if (this.#isBusy) {
      const others = this.#waiting.get(address);
      if (others === undefined) this.#waiting.set(address, [begin]);
      else others.push(begin);
      return;
    }
    this.#begin(begin);
  }

  #begin(begin: () => void): void {
    this.#isBusy = true;
    setImmediate(() => this.#next());
    begin();
  }

  #next(): void {
    this.#isBusy = false;
    for (const [address, begins] of this.#waiting) {
      const begin = begins.shift();
      this.#waiting.delete(address);
      // Behind all others.
      if (begins.length > 0) this.#waiting.set(address, begins);
      if (begin !== undefined) this.#begin(begin);
      return;
    }
  }
}
