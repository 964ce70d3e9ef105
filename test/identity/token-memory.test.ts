import { describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { Refusal } from '../../src/errors.ts';
import { type TrustedIssuer, verifyToken } from '../../src/identity/jwt.ts';
import type { KeySource } from '../../src/identity/keys.ts';
import { TokenMemory } from '../../src/identity/token-memory.ts';
import { audience, createSigner, issuer } from '../support/tokens.ts';

const signer = createSigner('ES256');
const seconds = Math.floor(Date.now() / 1_000);
/** In the middle of a second: a millisecond before the first of one is before the token was issued. */
const start = seconds * 1_000 + 500;

/** An issuer whose keys count how often they are asked for, and can be taken away. */
function counted(settings: object = {}) {
  const entry = {
    issuer,
    audience: [audience],
    algorithms: ['ES256'],
    keys: { file: 'unused' },
    clockToleranceSeconds: 0,
    ...settings,
  };
  const config = configSchema.shape.identity.parse({ jwt: { issuers: [entry] } }).jwt.issuers[0];
  if (config === undefined) throw new Error('no issuer');
  const state = { asked: 0, edition: 1 as number | undefined, isGone: false, whenAsked: () => {} };
  const keys: KeySource = {
    getKey: async () => {
      state.asked += 1;
      state.whenAsked();
      if (state.isGone) throw new Refusal(401, 'token-unknown-key', 'gone');
      return signer.publicJwk;
    },
    get edition() {
      return state.edition;
    },
    close: () => {},
  };
  const memory = new TokenMemory();
  const issuers = new Map<string, TrustedIssuer>([[issuer, { config, keys }]]);
  const verify = (token: string, now = start) => verifyToken(`Bearer ${token}`, issuers, now, memory);
  return { state, verify, memory };
}

describe('a token that verified', () => {
  it('is not verified again, and is the same identity', async () => {
    const { state, verify } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    const first = await verify(token);
    expect(await verify(token, start + 1_000)).toBe(first);
    expect(state.asked).toBe(1);
  });

  it('is one of its scheme only', async () => {
    const { verify, memory } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    await verify(token);
    expect(memory.recall(`bearer ${token}`, start)?.name).toBe('alice');
    for (const scheme of ['Digest!', 'Bearer\t', 'xxxxxxx'])
      expect(memory.recall(`${scheme}${token}`, start)).toBeUndefined();
  });

  it('lends nothing to one that differs in its signature alone', async () => {
    const { verify } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    await verify(token);
    const other = token.slice(0, -6) + (token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
    await expect(verify(other)).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    ['by its exp', { iat: seconds, exp: seconds + 60 }, {}, 60],
    ['by its age', { exp: seconds + 600, iat: seconds }, { maxTokenAgeSeconds: 30 }, 31],
    ['with the tolerance', { iat: seconds, exp: seconds + 60 }, { clockToleranceSeconds: 5 }, 65],
  ])('expires to the second %s', async (_, claims, settings, after) => {
    const { verify } = counted(settings);
    const token = signer.mint(claims);
    await verify(token);
    const last = (seconds + after) * 1_000 - 1;
    expect((await verify(token, last)).name).toBe('alice');
    await expect(verify(token, last + 1)).rejects.toMatchObject({ reason: 'token-expired' });
    // And so says jose of one that nobody remembers.
    await expect(counted(settings).verify(token, last)).resolves.toMatchObject({ name: 'alice' });
    await expect(counted(settings).verify(token, last + 1)).rejects.toMatchObject({
      reason: 'token-expired',
    });
  });

  it.each([
    ['have changed', 2],
    ['have to be fetched again', undefined],
  ])('is verified anew when the keys %s', async (_, edition) => {
    const { state, verify } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    await verify(token);
    Object.assign(state, { edition, isGone: true });
    await expect(verify(token)).rejects.toMatchObject({ reason: 'token-unknown-key' });
  });

  it('is verified anew when the clock was set back', async () => {
    const { state, verify } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    await verify(token);
    await verify(token, start - 1);
    expect(state.asked).toBe(2);
  });

  it('by keys that changed while it was verified is not remembered', async () => {
    const { state, verify } = counted();
    const token = signer.mint({ iat: seconds, exp: seconds + 60 });
    state.whenAsked = () => {
      state.edition = 2;
    };
    await verify(token);
    state.isGone = true;
    await expect(verify(token)).rejects.toMatchObject({ reason: 'token-unknown-key' });
  });

  it('is one however its scheme is spelt', () => {
    const memory = new TokenMemory();
    const keys: KeySource = { getKey: async () => signer.publicJwk, edition: 1, close: () => {} };
    const identity = {} as never;
    memory.keep('Bearer x', { identity, since: 0, until: Number.POSITIVE_INFINITY, keys, edition: 1 });
    expect(memory.recall('bEARER x', 1)).toBe(identity);
  });

  it('is forgotten, the one that came first, when there are too many', () => {
    const memory = new TokenMemory();
    const keys: KeySource = { getKey: async () => signer.publicJwk, edition: 1, close: () => {} };
    const identity = {} as never;
    const verified = { identity, since: 0, until: Number.POSITIVE_INFINITY, keys, edition: 1 };
    for (let n = 0; n <= 1_000; n += 1) memory.keep(`Bearer ${n}`, verified);
    expect([memory.recall('Bearer 0', 1), memory.recall('Bearer 1', 1)]).toEqual([undefined, identity]);
  });
});
