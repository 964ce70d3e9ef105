import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pauses } from '../../src/limits/pauses.ts';

describe('the answer to a refused request', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits for half a second to one and a half, and those of one time are answered one by one', async () => {
    const pauses = new Pauses();
    const ended: number[] = [];
    const began = Date.now();
    for (let index = 0; index < 64; index += 1)
      void pauses.pause('alice').then((mayGoOn) => mayGoOn && ended.push(Date.now() - began));
    await vi.advanceTimersByTimeAsync(400);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(ended).toHaveLength(64);
    const inEach = [500, 833, 1_167].map(
      (from) => ended.filter((at) => at >= from && at < from + 333).length,
    );
    // 21 on average; fewer than 3 in one of them would be one chance in a hundred million.
    expect(Math.min(...inEach)).toBeGreaterThan(2);
    expect(pauses.total).toBe(0);
  });

  it('waits longer the more of one wait, so that one who goes on asking is told no some 64 times a second', async () => {
    const pauses = new Pauses();
    let answers = 0;
    const ask = (): void => {
      void pauses.pause('alice').then(() => {
        answers += 1;
        ask();
      });
    };
    for (let index = 0; index < 256; index += 1) ask();
    await vi.advanceTimersByTimeAsync(10_000);
    const before = answers;
    await vi.advanceTimersByTimeAsync(20_000);
    expect((answers - before) / 20).toBeGreaterThan(55);
    expect((answers - before) / 20).toBeLessThan(75);
    // Of another's requests it knows nothing.
    let isOver = false;
    void pauses.pause('bob').then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(1_500);
    expect(isOver).toBe(true);
  });

  it('does not wait where many of one, or of all, do', async () => {
    const pauses = new Pauses();
    const outcomes: boolean[] = [];
    const pause = (whom: string, times: number): void => {
      for (let index = 0; index < times; index += 1)
        void pauses.pause(whom).then((mayGoOn) => outcomes.push(mayGoOn));
    };
    pause('alice', 257);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual([false]);
    for (let who = 0; who < 7; who += 1) pause(`user-${who}`, 256);
    await vi.advanceTimersByTimeAsync(0);
    expect([outcomes.length, pauses.total]).toEqual([1, 2_048]);
    pause('late', 1);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcomes).toEqual([false, false]);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(pauses.total).toBe(0);
    expect(await Promise.race([pauses.pause('late'), Promise.resolve('waits')])).toBe('waits');
  });
});
