import { describe, expect, it } from 'vitest';
import { Failures } from '../../src/limits/failures.ts';

const RULE = { perMinute: 6, seconds: 30 };

describe('failures', () => {
  it('keep an address waiting that had one too many, and it alone', () => {
    const failures = new Failures();
    for (let i = 0; i < 6; i += 1) failures.failed('a', RULE, 0);
    expect(failures.barredFor('a', 0)).toBe(0);
    failures.failed('a', RULE, 0);
    expect(failures.barredFor('a', 10_000)).toBe(20_000);
    expect(failures.barredFor('b', 10_000)).toBe(0);
  });

  it('let it come again when the time is over', () => {
    const failures = new Failures();
    for (let i = 0; i < 7; i += 1) failures.failed('a', RULE, 0);
    expect(failures.barredFor('a', 30_000)).toBe(0);
    expect(failures.barred).toBe(0);
  });

  it('forget failures with time: one in ten seconds is six in a minute', () => {
    const failures = new Failures();
    for (let i = 0; i < 100; i += 1) failures.failed('a', RULE, i * 10_000);
    expect(failures.barredFor('a', 990_000)).toBe(0);
  });

  it('do not make the time longer for what comes meanwhile', () => {
    const failures = new Failures();
    for (let i = 0; i < 7; i += 1) failures.failed('a', RULE, 0);
    for (let i = 0; i < 100; i += 1) failures.failed('a', RULE, 20_000);
    expect(failures.barredFor('a', 29_999)).toBe(1);
    expect(failures.barredFor('a', 30_000)).toBe(0);
  });

  it('count nothing where 0 is the limit', () => {
    const failures = new Failures();
    for (let i = 0; i < 1_000; i += 1) failures.failed('a', { perMinute: 0, seconds: 30 }, 0);
    expect(failures.barredFor('a', 0)).toBe(0);
  });

  it('keep an address waiting while others come and go in any number', () => {
    const failures = new Failures(100);
    for (let i = 0; i < 7; i += 1) failures.failed('a', RULE, 0);
    for (let i = 0; i < 50_000; i += 1) failures.failed(`other-${i}`, RULE, 1_000 + i / 10);
    expect(failures.barredFor('a', 10_000)).toBe(20_000);
    expect(failures.barred).toBeLessThanOrEqual(100);
  });
});
