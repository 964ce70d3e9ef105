import { Counts } from './counts.ts';

/**
 * How long a refused request waits for its answer, in milliseconds: between these. What was refused at one time would ask
 * again at one time, and who comes at that moment would wait for all of it.
 */
const LEAST_MS = 500;
const MOST_MS = 1_500;
/** Of one principal or address no more are answered in a second than about so many: with more that wait, each waits longer. */
const ANSWERS_PER_SECOND = 64;
/**
 * How many refused requests of one principal or address wait at one time; further ones lose their connection. One that waits
 * costs a few kilobytes, and one that comes again with another handshake twenty times the work of a refusal.
 */
const MOST_OF_ONE = 256;
const MOST = 2_048;

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
  async pause(whom: string): Promise<boolean> {
    if (this.#waiting.of(whom) >= MOST_OF_ONE || this.#waiting.total >= MOST) return false;
    this.#waiting.add(whom);
    const longer = Math.max(1, this.#waiting.of(whom) / ANSWERS_PER_SECOND);
    const ms = longer * (LEAST_MS + Math.random() * (MOST_MS - LEAST_MS));
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#waiting.remove(whom);
    return true;
  }
}
