import { describe, expect, it } from 'vitest';
import { Rates } from '../../src/limits/rates.ts';

const RATE = { perSecond: 10, burst: 3 };

/** How many of `count` may happen at that time, asked one after the other. */
function allowed(rates: Rates, key: string, now: number, count: number, rate = RATE): number {
  let passed = 0;
  for (let i = 0; i < count; i += 1) {
    if (rates.wait(key, rate, now) > 0) continue;
    rates.take(key, rate, now);
    passed += 1;
  }
  return passed;
}

describe('rates', () => {
  it('let a burst pass, then one each tenth of a second, and a burst again after a quiet time', () => {
    const rates = new Rates();
    expect(allowed(rates, 'alice', 1_000, 100)).toBe(3);
    expect(rates.wait('alice', RATE, 1_000)).toBe(100);
    expect(rates.wait('alice', RATE, 1_060)).toBeCloseTo(40);
    expect(allowed(rates, 'alice', 1_100, 100)).toBe(1);
    expect(allowed(rates, 'alice', 1_200, 100)).toBe(1);
    expect(allowed(rates, 'alice', 9_000, 100)).toBe(3);
  });

  it('keep everybody apart', () => {
    const rates = new Rates();
    expect(allowed(rates, 'alice', 0, 100)).toBe(3);
    expect(allowed(rates, 'bob', 0, 100)).toBe(3);
  });

  it('do not make those wait longer who ask in vain', () => {
    const rates = new Rates();
    allowed(rates, 'alice', 0, 10_000);
    expect(rates.wait('alice', RATE, 100)).toBe(0);
  });

  it('hold what was used up when other numbers come', () => {
    const rates = new Rates();
    allowed(rates, 'alice', 0, 100);
    expect(rates.wait('alice', { perSecond: 20, burst: 3 }, 0)).toBe(200);
    expect(rates.wait('alice', { perSecond: 20, burst: 3 }, 200)).toBe(0);
  });

  it('remember only so many keys, and first forget those that have nothing to wait for', () => {
    const rates = new Rates(100);
    allowed(rates, 'flood', 0, 3);
    for (let i = 0; i < 100_000; i += 1) rates.take(`quiet-${i}`, { perSecond: 1_000, burst: 1 }, i / 1_000);
    expect(rates.size).toBeLessThanOrEqual(101);
    expect(rates.wait('flood', RATE, 99)).toBeCloseTo(1);
  });

  it('give newcomers one bucket to share where nobody can be forgotten', () => {
    const rates = new Rates(100);
    for (let i = 0; i < 100; i += 1) allowed(rates, `flood-${i}`, 0, 3);
    expect([1, 2, 3, 4, 5].map((i) => allowed(rates, `new-${i}`, 0, 1))).toEqual([1, 1, 1, 0, 0]);
    expect(rates.size).toBeLessThanOrEqual(101);
    for (let i = 0; i < 100; i += 1) expect(rates.wait(`flood-${i}`, RATE, 0)).toBe(100);
    expect(allowed(rates, 'new-6', 10_000, 5)).toBe(3);
  });
});
