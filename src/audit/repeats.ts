import type { AuditRecord } from './record.ts';

/** How long refusals of one kind are gathered, in milliseconds. */
const GATHER_MS = 1_000;
/** How many kinds are gathered at one time; beyond that all of one reason are one kind. */
const MOST_KINDS = 1_024;

/** Refusals of one kind, since the first of them was recorded. */
interface Gathered {
  readonly timer: NodeJS.Timeout;
  /** Since then, and how to make the record of the last of them. */
  count: number;
  last: ((repeated: number) => AuditRecord) | undefined;
}

/**
 * Records refusals of which there may be thousands a second. The first of a kind is recorded at once; those of the second
 * that follows are counted, and the last of them is recorded at its end with the number of those that have no record of
 * their own. So a kind makes two records a second at most, and none is left out of the count.
 */
export class Repeats {
  readonly #append: (record: AuditRecord) => void;
  readonly #kinds = new Map<string, Gathered>();

  /** @param append writes a record that nobody waits for */
  constructor(append: (record: AuditRecord) => void) {
    this.#append = append;
  }

  /**
   * @param reason the reason id
   * @param whom who was refused
   * @param make makes the record, given how many others it stands for
   * @returns whether it is to be recorded by the caller, now
   */
  isFirst(reason: string, whom: string, make: (repeated: number) => AuditRecord): boolean {
    const own = `${reason} ${whom}`;
    const kind = this.#kinds.has(own) || this.#kinds.size < MOST_KINDS ? own : reason;
    const gathered = this.#kinds.get(kind);
    if (gathered !== undefined) {
      gathered.count += 1;
      gathered.last = make;
      return false;
    }
    const timer = setTimeout(() => this.#end(kind), GATHER_MS);
    this.#kinds.set(kind, { timer, count: 0, last: undefined });
    return true;
  }

  /** Records what has been gathered. */
  flush(): void {
    for (const kind of [...this.#kinds.keys()]) this.#end(kind);
  }

  #end(kind: string): void {
    const gathered = this.#kinds.get(kind);
    if (gathered === undefined) return;
    clearTimeout(gathered.timer);
    this.#kinds.delete(kind);
    if (gathered.last !== undefined) this.#append(gathered.last(gathered.count - 1));
  }
}
