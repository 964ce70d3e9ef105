/** What a stream has left of what it was given out of one bucket, in bytes; negative: it has had more. */
export interface Lane {
  readonly key: string;
  perSecond: number;
  credit: number;
}

/** A stream that waits to be given more. */
export interface Waiting {
  readonly lane: Lane;
  /** Gives it its share. */
  serve(): void;
}

interface Bucket {
  /** @returns for how many milliseconds nothing more may be given */
  wait(lane: Lane): number;
  /** Nobody waits any more. */
  empty(): void;
}

/** Those who wait for one bucket, each in its turn. There is a timer only as long as somebody waits. */
export class Queue {
  readonly #bucket: Bucket;
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;
  #isServing = false;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (this.#timer === undefined) this.serve();
  }

  remove(waiting: Waiting): void {
    if (!this.#waiting.delete(waiting) || this.#waiting.size > 0 || this.#isServing) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#bucket.empty();
  }

  /** Gives to one after the other until nothing is left to give; who needs more goes to the end of the queue. */
  serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const first of this.#waiting) {
      const wait = this.#bucket.wait(first.lane);
      if (wait > 0) {
        this.#timer = setTimeout(() => this.serve(), Math.ceil(wait)).unref();
        break;
      }
      this.#waiting.delete(first);
      first.serve();
    }
    this.#isServing = false;
    if (this.#waiting.size === 0) this.#bucket.empty();
  }
}
