import type { Lane, Waiting } from './pace-queue.ts';
import type { Rules } from './rules.ts';

/** A turn is what may pass in this part of a second; the bounds are bytes. */
const TURNS_A_SECOND = 50;
const LEAST_TURN = 1_024;
const MOST_TURN = 262_144;

/** Whose bytes are counted together: a principal, or a tenant. */
export interface Payer {
  readonly key: string;
  /** What it may have by the rules of now; undefined: as many as there are. */
  perSecond(rules: Rules): number | undefined;
}

/**
 * How fast one stream may go, both directions together. What has passed is paid for afterwards: whoever passes bytes on says
 * so, looks whether the stream is still open, and reads nothing more until it is.
 */
export interface Pace {
  /** Whether more may pass. */
  readonly isOpen: boolean;
  /** These bytes have passed. */
  spend(bytes: number): void;
  /** Acts once more may pass; at once where it may. */
  whenOpen(act: () => void): void;
  /** Waits for the first turn; undefined where that is now, as it always is where no bytes are limited. */
  begin(): Promise<void> | undefined;
  /** The stream is over; whoever waits is let go. */
  close(): void;
}

interface Till {
  queue(waiting: Waiting): void;
  leave(waiting: Waiting): void;
  /** Takes bytes out of a bucket, whether they are in there or not; fewer than none are put back. */
  take(lane: Lane, bytes: number): void;
  closed(): void;
}

/**
 * Turns are given by deficit round robin (Shreedhar and Varghese, 1995): each stream in its turn gets as many bytes as any
 * other of its bucket, and one that has had more than it was given is passed over until it has paid. What a stream was
 * given it keeps, so that somebody who types does not wait for somebody who copies.
 */
export class StreamPace implements Pace {
  readonly #payers: readonly Payer[];
  readonly #till: Till;
  #lanes: readonly Lane[] = [];
  #waiting: Waiting | undefined;
  #acts: (() => void)[] = [];
  #isClosed = false;

  constructor(payers: readonly Payer[], till: Till) {
    this.#payers = payers;
    this.#till = till;
  }

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  /** Other rules from now on. What it was given, or owes, stays where the bytes are still limited. */
  use(rules: Rules): void {
    const before = this.#lanes;
    this.#lanes = this.#payers.flatMap((payer) => {
      const perSecond = payer.perSecond(rules);
      if (perSecond === undefined) return [];
      const lane = before.find(({ key }) => key === payer.key) ?? { key: payer.key, perSecond, credit: 0 };
      lane.perSecond = perSecond;
      return [lane];
    });
    if (this.#waiting === undefined || this.#lanes.includes(this.#waiting.lane)) return;
    this.#leave();
    this.#proceed();
  }

  spend(bytes: number): void {
    if (this.#lanes.length === 0 || this.#isClosed) return;
    for (const lane of this.#lanes) lane.credit -= bytes;
    if (this.#waiting === undefined) this.#proceed();
  }

  whenOpen(act: () => void): void {
    if (this.isOpen) act();
    else this.#acts.push(act);
  }

  begin(): Promise<void> | undefined {
    if (this.#lanes.length === 0) return undefined;
    // What it does not have yet it owes, so that a stream costs something however short it is.
    this.spend(1);
    return this.isOpen ? undefined : new Promise((resolve) => this.whenOpen(resolve));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#leave();
    // Debts outlive it: who opens one stream after another gets no more than who keeps one open.
    for (const lane of this.#lanes) this.#till.take(lane, -lane.credit);
    this.#till.closed();
    this.#letGo();
  }

  /** Waits for the next bucket that it owes something. */
  #proceed(): void {
    const lane = this.#lanes.find(({ credit }) => credit < 0);
    if (lane === undefined) {
      this.#letGo();
      return;
    }
    const waiting: Waiting = {
      lane,
      serve: () => {
        const turn = Math.min(MOST_TURN, Math.max(LEAST_TURN, Math.floor(lane.perSecond / TURNS_A_SECOND)));
        this.#till.take(lane, turn);
        lane.credit += turn;
        this.#waiting = undefined;
        this.#proceed();
      },
    };
    this.#waiting = waiting;
    this.#till.queue(waiting);
  }

  #leave(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.#till.leave(waiting);
  }

  #letGo(): void {
    const acts = this.#acts;
    if (acts.length === 0) return;
    this.#acts = [];
    for (const act of acts) act();
  }
}
