import { expect, it } from 'vitest';
import { Turns } from '../../src/listener/turns.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('begins one in each turn, and the addresses one after the other', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  const take = (address: string, name: string): void => turns.take(address, () => begun.push(name));
  for (const name of ['a1', 'a2', 'a3', 'a4']) take('a', name);
  for (const name of ['b1', 'b2']) take('b', name);
  take('c', 'c1');
  expect(begun).toEqual(['a1']);
  await turn();
  expect(begun).toEqual(['a1', 'a2']);
  await turn();
  expect(begun).toEqual(['a1', 'a2', 'b1']);
  for (let index = 0; index < 8; index += 1) await turn();
  expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  take('a', 'a5');
  expect(begun.at(-1)).toBe('a5');
});

it('goes on after one that fails', async () => {
  const turns = new Turns();
  const begun: string[] = [];
  expect(() =>
    turns.take('a', () => {
      throw new Error('no');
    }),
  ).toThrow('no');
  turns.take('a', () => begun.push('next'));
  for (let index = 0; index < 3; index += 1) await turn();
  expect(begun).toEqual(['next']);
});
