import { describe, expect, it } from 'vitest';
import { readiness } from '../../src/observe/readiness.ts';

describe('readiness', () => {
  it('is that of every part', async () => {
    expect(await readiness({ a: () => ({ ok: true }), b: async () => ({ ok: true }) })).toEqual({
      ready: true,
      checks: { a: { ok: true }, b: { ok: true } },
    });
    const { ready, checks } = await readiness({
      a: () => ({ ok: true }),
      b: () => ({ ok: false, reason: 'full', since: 'x' }),
      c: () => Promise.reject(new Error('secret')),
    });
    expect(ready).toBe(false);
    expect(checks).toEqual({
      a: { ok: true },
      b: { ok: false, reason: 'full', since: 'x' },
      c: { ok: false, reason: 'the check failed' },
    });
  });
});
