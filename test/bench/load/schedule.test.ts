import { describe, expect, it } from 'vitest';
import { quantile } from './quantile.ts';
import { Schedule } from './schedule.ts';

describe('the book of an open loop', () => {
  it('counts from when a request was due, though it had to wait for a connection', () => {
    const schedule = new Schedule(['one']);
    expect(schedule.due(0, 0.2)).toBe('one');
    expect(schedule.due(1, 1)).toBeUndefined();
    expect(schedule.due(2, 2)).toBeUndefined();
    expect(schedule.answered('one', 10)).toBe(true);
    expect(schedule.answered('one', 11)).toBe(true);
    expect(schedule.isIdle).toBe(false);
    expect(schedule.answered('one', 12)).toBe(false);
    expect(schedule.latencies).toEqual([10, 10, 10]);
    expect(schedule.isIdle).toBe(true);
  });

  it('counts its own lateness only where a connection was free', () => {
    const schedule = new Schedule(['one']);
    schedule.due(0, 0.25);
    schedule.due(1, 7);
    schedule.answered('one', 8);
    schedule.answered('one', 9);
    expect(schedule.due(10, 10.5)).toBe('one');
    expect(schedule.lateness).toEqual([0.25, 0.5]);
  });

  it('does not take a reply that nobody waits for', () => {
    expect(() => new Schedule(['one']).answered('one', 1)).toThrow('nobody waits');
  });
});

describe('quantile', () => {
  it.each([
    [[], 0.5, 0],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [Array.from({ length: 100 }, (_, n) => n + 1), 0.99, 99],
    [Array.from({ length: 101 }, (_, n) => n + 1), 0.99, 100],
    [[1, 2], 1, 2],
  ] as const)('of %j at %d is %d', (values, q, wanted) => {
    expect(quantile(values, q)).toBe(wanted);
  });
});
