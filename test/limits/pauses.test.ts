import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pauses } from '../../src/limits/pauses.ts';

describe('the answer to a refused request', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('waits for half a second to one and a half, and those of one time are answered one by one', async () => {
    const pauses = new Pauses();
    const ended: number[] = [];
    const began = Date.now();
    for (let index = 0; index < 200; index += 1)
      void pauses.pause('alice').then((mayGoOn) => mayGoOn && ended.push(Date.now() - began));
    await vi.advanceTimersByTimeAsync(400);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_200);
    expect(ended).toHaveLength(200);
    const inEach = [500, 700, 900, 1_100, 1_300].map(
      (from) => ended.filter((at) => at >= from && at < from + 200).length,
    );
    // 40 on average; fewer than 10 in one of them would be one chance in a hundred million.
    expect(Math.min(...inEach)).toBeGreaterThan(9);
    expect(pauses.total).toBe(0);
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
    await vi.advanceTimersByTimeAsync(1_500);
    expect(pauses.total).toBe(0);
    expect(await Promise.race([pauses.pause('late'), Promise.resolve('waits')])).toBe('waits');
  });
});
