/**
 * The book of an open loop: which requests are due, which connection is free, and how long each took since it was due.
 * It knows no clock and no sockets; times are in milliseconds of whatever clock the caller has.
 */
export class Schedule<Lane> {
  readonly latencies: number[] = [];
  /** How long after its time each request was sent that found a connection free: the generator's own lateness. */
  readonly lateness: number[] = [];
  readonly #free: Lane[];
  readonly #waiting: number[] = [];
  readonly #busy = new Map<Lane, number>();

  constructor(lanes: readonly Lane[]) {
    this.#free = [...lanes];
  }

  /** A request is due. Returns the connection to send it on, or undefined when it has to wait for one. */
  due(at: number, now: number): Lane | undefined {
    const lane = this.#free.pop();
    if (lane === undefined) {
      this.#waiting.push(at);
      return undefined;
    }
    this.lateness.push(now - at);
    this.#busy.set(lane, at);
    return lane;
  }

  /** A reply is complete. Returns whether a request that waited is to be sent on the same connection now. */
  answered(lane: Lane, now: number): boolean {
    const at = this.#busy.get(lane);
    if (at === undefined) throw new Error('A reply came that nobody waits for.');
    this.latencies.push(now - at);
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#busy.delete(lane);
      this.#free.push(lane);
      return false;
    }
    this.#busy.set(lane, next);
    return true;
  }

  /** Whether nothing is under way or waiting. */
  get isIdle(): boolean {
    return this.#busy.size === 0;
  }
}
