import type { Soon } from '../../at-once.ts';

/** How many questions to the Engine one reply may have under way. */
const MOST = 8;

/**
 * Asks of every item, a few at a time, and gives the answers in the items' order.
 *
 * @throws what the first failing question throws
 */
export async function judgeAll<T, R>(
  items: readonly T[],
  ask: (item: T, index: number) => Soon<R>,
): Promise<readonly R[]> {
  const answers = new Array<R>(items.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const answer = ask(items[index] as T, index);
      // Most are at hand, and a turn of the event loop for each adds up.
      answers[index] = answer instanceof Promise ? await answer : answer;
    }
  };
  await Promise.all(Array.from({ length: Math.min(MOST, items.length) }, work));
  return answers;
}
