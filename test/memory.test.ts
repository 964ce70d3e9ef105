import { expect, it } from 'vitest';
import { Memory } from '../src/memory.ts';

it('holds what it was given, and forgets all of it rather than hold more than it may', () => {
  const memory = new Memory<number>(2);
  memory.set('a', 1);
  memory.set('b', 2);
  memory.set('a', 3);
  expect([memory.get('a'), memory.get('b'), memory.size]).toEqual([3, 2, 2]);
  memory.set('c', 4);
  expect([memory.get('a'), memory.get('b'), memory.get('c'), memory.size]).toEqual([
    undefined,
    undefined,
    4,
    1,
  ]);
  memory.delete('c');
  expect([memory.get('c'), memory.size]).toEqual([undefined, 0]);
});
