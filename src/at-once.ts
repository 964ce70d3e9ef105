/** What is there at once, or comes later. */
export type Soon<T> = T | Promise<T>;

/**
 * Goes on with what was found: at once where it is there. Most requests have nobody to wait for, and each wait costs them a
 * turn of the event loop's microtasks.
 */
export function andThen<T, R>(found: Soon<T>, go: (found: T) => Soon<R>): Soon<R> {
  return found instanceof Promise ? found.then(go) : go(found);
}
