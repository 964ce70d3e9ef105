import { clientGone } from '../../errors.ts';

/** Lets one after the other through, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits for those who came before.
   *
   * @param signal when it is aborted, the place in the queue is given up
   * @returns how to let the next one through; calling it again does nothing
   * @throws Refusal `client-gone` when it was aborted
   */
  async take(signal?: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let pass: () => void = () => {};
    this.#last = new Promise((resolve) => {
      pass = resolve;
    });
    try {
      await orAborted(before, signal);
    } catch (error) {
      void before.then(pass);
      throw error;
    }
    return pass;
  }
}

/** @throws Refusal `client-gone` when the signal is aborted first */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(clientGone());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
