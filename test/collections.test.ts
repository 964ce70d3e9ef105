import { expect, it } from 'vitest';
import { collectAll, collectYoung } from '../src/collections.ts';

/** Whether an object is taken back by what `collect` does. */
async function isTakenBack(collect: () => void): Promise<boolean> {
  const gone = new WeakRef({ of: 'nobody' });
  // What a WeakRef has told of is kept until the turn is over.
  await new Promise((resolve) => setTimeout(resolve, 0));
  collect();
  return gone.deref() === undefined;
}

it('takes back what nobody has any more', async () => {
  expect(await isTakenBack(collectAll)).toBe(true);
});

it('gives nobody else the function that collects', () => {
  collectYoung();
  expect('gc' in globalThis).toBe(false);
});
