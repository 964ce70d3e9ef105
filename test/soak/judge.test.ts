import { describe, expect, it } from 'vitest';
import { judge, type Sample } from './judge.ts';

const sample = (at: number, memory: number, files = 30, sockets = 10): Sample => ({
  at,
  memory,
  files,
  sockets,
});
const run = (memory: (index: number) => number): Sample[] =>
  Array.from({ length: 100 }, (_, index) => sample(index, memory(index)));

describe('a soak', () => {
  it('is good when memory comes to rest after its begin', () => {
    expect(
      judge(
        sample(0, 80),
        run((index) => 80 + Math.min(index, 20)),
        sample(100, 100),
      ).isGood,
    ).toBe(true);
  });

  it('is not when memory goes on growing', () => {
    expect(
      judge(
        sample(0, 80),
        run((index) => 80 + index),
        sample(100, 180),
      ).isGood,
    ).toBe(false);
  });

  it('is not when files or sockets stay open', () => {
    const flat = run(() => 100);
    expect(judge(sample(0, 80), flat, sample(100, 100, 60)).isGood).toBe(false);
    expect(judge(sample(0, 80), flat, sample(100, 100, 30, 40)).isGood).toBe(false);
  });

  it('is not when nothing was measured', () => {
    expect(judge(sample(0, 80), [], sample(100, 80)).isGood).toBe(false);
  });
});
