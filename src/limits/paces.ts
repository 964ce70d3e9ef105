import { type Pace, type Payer, StreamPace } from './pace.ts';
import { Queue } from './pace-queue.ts';
import { Rates } from './rates.ts';
import type { Rules } from './rules.ts';

/** How many bytes a second the streams of principals and tenants may have. */
export class Paces {
  readonly #rates = new Rates();
  readonly #queues = new Map<string, Queue>();
  readonly #open = new Set<StreamPace>();
  readonly #now: () => number;
  #rules: Rules;

  /** @param now milliseconds of a clock that never goes back */
  constructor(rules: Rules, now: () => number) {
    this.#rules = rules;
    this.#now = now;
  }

  /** How many streams wait until they may go on. */
  get waiting(): number {
    let all = 0;
    for (const { size } of this.#queues.values()) all += size;
    return all;
  }

  /** A stream begins. */
  open(payers: readonly Payer[]): Pace {
    const pace = new StreamPace(payers, {
      queue: (waiting) => this.#queueOf(waiting.lane.key).add(waiting),
      leave: (waiting) => this.#queues.get(waiting.lane.key)?.remove(waiting),
      take: ({ key, perSecond }, bytes) => this.#rates.take(key, { perSecond }, this.#now(), bytes),
      closed: () => this.#open.delete(pace),
    });
    pace.use(this.#rules);
    this.#open.add(pace);
    return pace;
  }

  /** Other rules from now on, for the streams that are open as well. */
  update(rules: Rules): void {
    this.#rules = rules;
    for (const pace of this.#open) pace.use(rules);
    for (const queue of [...this.#queues.values()]) queue.serve();
  }

  #queueOf(key: string): Queue {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new Queue({
      // What may come at once after a quiet time is what a second brings.
      wait: ({ perSecond }) => this.#rates.wait(key, { perSecond, burst: perSecond }, this.#now()),
      empty: () => {
        if (this.#queues.get(key) === queue) this.#queues.delete(key);
      },
    });
    this.#queues.set(key, queue);
    return queue;
  }
}
