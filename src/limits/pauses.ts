import { Counts } from './counts.ts';

/** How long a refused request waits for its answer, in milliseconds. */
const PAUSE_MS = 1_000;
/** How many refused requests of one principal or address wait at one time; further ones lose their connection. */
const MOST_OF_ONE = 64;
const MOST = 1_024;

/**
 * Slows down whoever goes on asking: a client that sends its next request as soon as it has read an answer is kept from
 * doing nothing else to the gateway than having it refuse.
 */
export class Pauses {
  readonly #waiting = new Counts();

  get total(): number {
    return this.#waiting.total;
  }

  /**
   * @param whom who was refused
   * @returns true once the pause is over, false at once where too many wait
   */
  async pause(whom: string, ms = PAUSE_MS): Promise<boolean> {
    if (this.#waiting.of(whom) >= MOST_OF_ONE || this.#waiting.total >= MOST) return false;
    this.#waiting.add(whom);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#waiting.remove(whom);
    return true;
  }
}
