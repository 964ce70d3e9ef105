/** Longest piece of work between two turns of the event loop, in milliseconds. */
const PIECE_MS = 2;

/** Work that may be interrupted wherever it yields. */
export type Work<T> = Generator<void, T>;

/** Does work in pieces: requests that come meanwhile wait for one piece, and not for all of it. */
export async function unhurried<T>(work: Work<T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - began < PIECE_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    began = performance.now();
  }
}

/** Does it without a pause. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
