import { describe, expect, it } from 'vitest';
import { spread } from '../publish/spread.ts';
import { curves, scale } from './curves.ts';

describe('a scale', () => {
  it('goes by factors', () => {
    const across = scale([1, 100], 0, 200);
    expect([1, 10, 100].map(across)).toEqual([0, 100, 200]);
  });

  it('of a single value is its middle, and of two that differ little not the whole', () => {
    expect(scale([5], 0, 200)(5)).toBe(100);
    const across = scale([1, Math.sqrt(10)], 0, 200);
    expect(across(1)).toBeCloseTo(50);
    expect(across(Math.sqrt(10))).toBeCloseTo(150);
  });
});

describe('the curves', () => {
  it('have a dot for each point and the numbers of the gateway', () => {
    const point = (at: number, rate: number) => ({
      ...{ contender: 'gateway' as const, at, perSecond: spread([rate]) },
      ...{ p99Ms: spread([1]), cpuUs: spread([50]) },
    });
    const axis = { grows: 'grants', asked: 'inspect', points: [point(10, 4_000), point(100, 2_000)] };
    const svg = curves([axis], '2026-11-26T00:00:00Z');
    // Two of them are the legend's.
    expect(svg.match(/<circle/g)).toHaveLength(2 + 6);
    expect(svg).toContain('>4,000</text>');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
