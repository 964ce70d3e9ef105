import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { createLimits, type Limits, type LimitsConfig } from '../../src/limits/limits.ts';
import type { Pace } from '../../src/limits/pace.ts';

const KIB = 1_024;
const RATE = 1_024 * KIB;

function config(part: Pick<Partial<LimitsConfig>, 'principals' | 'tenants'>): LimitsConfig {
  return { ...configSchema.shape.limits.parse({}), ...part };
}

function stream(limits: Limits, name: string, tenant = 'team-a'): { pace: Pace; end: () => void } {
  const hold = limits.enter('192.0.2.1');
  const rest = { method: 'certificate', issuer: 'CN=CA', expiresAt: 0, roles: [] } as const;
  hold.named(
    { name, tenant, ...rest } satisfies Principal,
    new Set(['*', `user:${name}`, `tenant:${tenant}`]),
  );
  void hold.begin(true);
  if (hold.pace === undefined) throw new Error('a stream has no pace');
  return { pace: hold.pace, end: () => hold.release() };
}

/** Passes pieces of one size as fast as it may, until its stream is over. */
function copier({ pace }: { pace: Pace }, piece: number): { passed: number } {
  const count = { passed: 0 };
  const next = (): void => {
    count.passed += piece;
    pace.spend(piece);
    // Whoever reads from a connection is called again in a later turn.
    setTimeout(() => pace.whenOpen(next), 1);
  };
  pace.whenOpen(next);
  return count;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
});

describe('bytes a second', () => {
  it('are not counted where nothing says so, and no timer is set', () => {
    const limits = createLimits(config({}));
    const { pace } = stream(limits, 'alice');
    pace.spend(1e12);
    expect([pace.isOpen, vi.getTimerCount()]).toEqual([true, 0]);
  });

  it('of one second pass at once after a quiet time, and then as many as there may be', () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE }] }));
    const count = copier(stream(limits, 'alice'), 64 * KIB);
    const marks: number[] = [];
    for (let second = 0; second < 5; second += 1) {
      vi.advanceTimersByTime(1_000);
      marks.push(count.passed / RATE);
    }
    marks.forEach((mark, index) => {
      expect(mark).toBeGreaterThan(index + 1.8);
      expect(mark).toBeLessThan(index + 2.2);
    });
    expect(limits.state().slowed).toBeLessThanOrEqual(1);
  });

  it('are shared evenly by the streams of a principal, whatever the size of their pieces', () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE }] }));
    const counts = [1, 16, 64, 256].map((size) => copier(stream(limits, 'alice'), size * KIB));
    const other = copier(stream(limits, 'bob'), 64 * KIB);
    vi.advanceTimersByTime(20_000);
    for (const { passed } of counts) {
      expect(passed / RATE).toBeGreaterThan(4);
      expect(passed / RATE).toBeLessThan(6.5);
    }
    expect(other.passed / RATE).toBeGreaterThan(20);
  });

  it('keep nobody waiting who types beside somebody who copies', () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE }] }));
    const { pace } = stream(limits, 'alice');
    copier(stream(limits, 'alice'), 64 * KIB);
    let late = 0;
    for (let key = 0; key < 1_000; key += 1) {
      vi.advanceTimersByTime(10);
      if (!pace.isOpen) late += 1;
      pace.spend(10);
    }
    expect(late).toBeLessThan(10);
  });

  it('are held against the tenant too', () => {
    const limits = createLimits(
      config({
        principals: [{ for: ['*'], bytesPerSecond: 4 * RATE }],
        tenants: [{ for: ['team-a'], bytesPerSecond: RATE }],
      }),
    );
    const ofTeam = ['alice', 'bob'].map((name) => copier(stream(limits, name), 64 * KIB));
    const ofOther = copier(stream(limits, 'carol', 'team-b'), 64 * KIB);
    vi.advanceTimersByTime(10_000);
    for (const { passed } of ofTeam) expect(Math.abs(passed / RATE - 5.5)).toBeLessThan(0.7);
    expect(Math.abs(ofOther.passed / RATE - 44)).toBeLessThan(2);
  });

  it('are owed by the principal and not by the stream: another stream gets no second burst', async () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE }] }));
    const first = stream(limits, 'alice');
    first.pace.spend(3 * RATE);
    first.end();
    const second = stream(limits, 'alice');
    let begun = false;
    second.pace.whenOpen(() => {
      begun = true;
    });
    vi.advanceTimersByTime(1_900);
    expect(begun).toBe(false);
    vi.advanceTimersByTime(200);
    expect(begun).toBe(true);
    expect(limits.state().slowed).toBe(0);
  });

  it('cost short streams no more than what they pass', () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE, streams: 9 }] }));
    for (let i = 0; i < 1_000; i += 1) {
      vi.advanceTimersByTime(6);
      const { pace, end } = stream(limits, 'alice');
      expect(pace.isOpen).toBe(true);
      pace.spend(100);
      end();
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('change at once for streams that are open: a limit comes, grows, and goes', () => {
    const limits = createLimits(config({}));
    const { pace } = stream(limits, 'alice');
    const use = (bytesPerSecond?: number): void =>
      limits.update(config({ principals: [{ for: ['*'], streams: 9, bytesPerSecond }] }));
    pace.spend(100 * RATE);
    expect(pace.isOpen).toBe(true);
    use(RATE / 1_024);
    pace.spend(RATE);
    vi.advanceTimersByTime(10_000);
    expect(pace.isOpen).toBe(false);
    use(RATE);
    vi.advanceTimersByTime(3_000);
    expect(pace.isOpen).toBe(true);
    pace.spend(100 * RATE);
    expect([pace.isOpen, limits.state().slowed]).toEqual([false, 1]);
    use();
    expect([pace.isOpen, limits.state().slowed, vi.getTimerCount()]).toEqual([true, 0, 0]);
  });

  it('let go of whoever waits when the stream is over', () => {
    const limits = createLimits(config({ principals: [{ for: ['*'], bytesPerSecond: RATE }] }));
    const { pace, end } = stream(limits, 'alice');
    pace.spend(100 * RATE);
    const act = vi.fn();
    pace.whenOpen(act);
    end();
    expect([act.mock.calls.length, limits.state().slowed, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });
});
