import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import { Repeats } from '../../src/audit/repeats.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Repeats that write into a list; `refuse` says whether that one is recorded at once. */
function made() {
  const written: string[] = [];
  const repeats = new Repeats((record) => written.push(record as unknown as string));
  const refuse = (whom: string, what: string, reason = 'rate-limited') => {
    const make = (repeated: number) => `${whom} ${what} +${repeated}` as unknown as AuditRecord;
    const isFirst = repeats.isFirst(reason, whom, make);
    if (isFirst) written.push(`${whom} ${what}`);
    return isFirst;
  };
  return { written, repeats, refuse };
}

describe('refusals of which there are many', () => {
  it('are recorded at once, and then once a second with the number of those that have no record', () => {
    const { written, refuse } = made();
    for (let i = 1; i <= 100; i += 1) refuse('alice', `${i}`);
    expect(written).toEqual(['alice 1']);
    vi.advanceTimersByTime(1_000);
    expect(written).toEqual(['alice 1', 'alice 100 +98']);
    refuse('alice', 'later');
    expect(written).toEqual(['alice 1', 'alice 100 +98', 'alice later']);
    vi.advanceTimersByTime(5_000);
    expect(written.length).toBe(3);
  });

  it('of two principals, and for two reasons, are not mixed', () => {
    const { written, refuse } = made();
    for (let i = 1; i <= 3; i += 1) {
      refuse('alice', `${i}`);
      refuse('bob', `${i}`);
      refuse('bob', `stream ${i}`, 'too-many-streams');
    }
    vi.advanceTimersByTime(1_000);
    expect(written).toEqual([
      'alice 1',
      'bob 1',
      'bob stream 1',
      'alice 3 +1',
      'bob 3 +1',
      'bob stream 3 +1',
    ]);
  });

  it('of more than can be told apart are still counted, all of them', () => {
    const { written, refuse } = made();
    for (let i = 0; i < 10_000; i += 1) refuse(`user-${i}`, 'once');
    vi.advanceTimersByTime(1_000);
    expect(written.length).toBe(1_026);
    const counted = written.reduce((sum, each) => sum + 1 + Number(/\+(\d+)$/.exec(each)?.[1] ?? 0), 0);
    expect(counted).toBe(10_000);
  });

  it('are recorded before the log is closed', () => {
    const { written, refuse, repeats } = made();
    for (let i = 1; i <= 5; i += 1) refuse('alice', `${i}`);
    repeats.flush();
    expect(written).toEqual(['alice 1', 'alice 5 +3']);
    vi.advanceTimersByTime(1_000);
    expect(written.length).toBe(2);
  });
});
