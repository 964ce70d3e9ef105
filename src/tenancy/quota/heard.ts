import type { Holding } from './holdings.ts';

/** One line of the Engine's `/events`, as much of it as matters here. */
export interface EngineEvent {
  readonly Type?: string;
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string };
  readonly timeNano?: number;
}

interface Noted {
  readonly stamp: number;
  readonly count: number;
}

/** More than are made or started while one request is under way. */
const MOST = 4_096;
/** A container that fails at once may be started anew again and again. */
const MOST_EACH = 16;
const ACTIONS: ReadonlySet<string> = new Set(['create', 'start']);

/**
 * When objects were made and containers started, by the Engine's own clock, out of its events. An object shows in the
 * Engine's lists before its event gets its time, and that is before the request that made it is answered: so who has
 * been answered sees everything that is before it in the order of these times, whichever gateway it came through. The
 * `Created` of a container is no such order: it is taken long before the container shows.
 */
export class Heard {
  readonly #notes = new Map<string, Noted[]>();
  readonly #waiting = new Set<() => void>();
  #count = 0;

  /** How many events there were. */
  get count(): number {
    return this.#count;
  }

  note({ Type = '', Action = '', Actor, timeNano }: EngineEvent): void {
    if (!ACTIONS.has(Action) || timeNano === undefined || Actor?.ID === undefined) return;
    this.#count += 1;
    const key = keyOf(Type, Action, Actor.ID);
    const earlier = (this.#notes.get(key) ?? []).slice(-MOST_EACH);
    this.#notes.set(key, [...earlier, { stamp: timeNano, count: this.#count }]);
    if (this.#notes.size > MOST) this.#notes.delete(this.#notes.keys().next().value ?? '');
    for (const look of [...this.#waiting]) look();
  }

  /** The time of an object's first event after a number of events; undefined when none was heard. */
  stampOf(kind: Holding['kind'], action: 'create' | 'start', id: string, after: number): number | undefined {
    return this.#notes.get(keyOf(kind, action, id))?.find(({ count }) => count > after)?.stamp;
  }

  /** Whether an object's event was among the first so many events. */
  knew(kind: Holding['kind'], action: 'create' | 'start', id: string, first: number): boolean {
    return this.#notes.get(keyOf(kind, action, id))?.some(({ count }) => count <= first) === true;
  }

  /** Waits until something holds, which is looked at with every event, or time has passed. @param most milliseconds */
  async until(holds: () => boolean, most: number): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve();
      };
      const look = (): void => {
        if (holds()) done();
      };
      const timer = setTimeout(done, most);
      this.#waiting.add(look);
    });
  }
}

function keyOf(kind: string, action: string, id: string): string {
  return `${kind} ${action} ${id}`;
}
