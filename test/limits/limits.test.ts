import { describe, expect, it } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import type { Principal } from '../../src/identity/principal.ts';
import type { Hold } from '../../src/limits/hold.ts';
import { createLimits, type Limits, type LimitsConfig } from '../../src/limits/limits.ts';

const CONFIG: LimitsConfig = {
  principals: [],
  tenants: [],
  requests: 20,
  connections: 10,
  addresses: {
    connections: 4,
    handshakesPerSecond: 2,
    handshakeBurst: 6,
    failuresPerMinute: 3,
    failureSeconds: 60,
  },
};

/** Limits with a clock of ours. */
function made(config: Partial<LimitsConfig> = {}): { limits: Limits; clock: { now: number } } {
  const clock = { now: 0 };
  return { limits: createLimits({ ...CONFIG, ...config }, () => clock.now), clock };
}

function principal(name: string, tenant = 'team-a'): Principal {
  const rest = { method: 'certificate', issuer: 'CN=CA', expiresAt: 0, roles: ['developer'] } as const;
  return { name, tenant, ...rest };
}

function subjects(name: string, tenant = 'team-a'): ReadonlySet<string> {
  return new Set(['*', `user:${name}`, `tenant:${tenant}`, 'role:developer']);
}

/** What a request comes upon: the reason id and the answer, or undefined. */
function refusal(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return `${error.status} ${error.reason} ${error.retryAfter}`;
  }
}

function ask(limits: Limits, name: string, tenant?: string, isStream = false): [Hold, string | undefined] {
  const hold = limits.enter('192.0.2.1');
  const found = refusal(() => {
    hold.arrived(true);
    hold.named(principal(name, tenant), subjects(name, tenant));
    hold.begin(isStream);
  });
  if (found !== undefined) hold.release();
  return [hold, found];
}

const rate = (...rules: LimitsConfig['principals']): Partial<LimitsConfig> => ({ principals: rules });

describe('requests a second', () => {
  it('are limited for each principal by itself, by the first rule that is for it', () => {
    const { limits, clock } = made(
      rate(
        { for: ['user:alice'], requestsPerSecond: 1, burst: 2 },
        { for: ['role:developer'], requestsPerSecond: 1, burst: 3 },
        { for: ['user:alice', '*'], requestsPerSecond: 100 },
      ),
    );
    const ofMany = (name: string) =>
      [1, 2, 3, 4].map(() => {
        const [hold, found] = ask(limits, name);
        hold.release();
        return found;
      });
    expect(ofMany('alice')).toEqual([undefined, undefined, '429 rate-limited 1', '429 rate-limited 1']);
    expect(ofMany('bob')).toEqual([undefined, undefined, undefined, '429 rate-limited 1']);
    clock.now = 1_000;
    expect(ofMany('alice')).toEqual([
      undefined,
      '429 rate-limited 1',
      '429 rate-limited 1',
      '429 rate-limited 1',
    ]);
    expect(limits.state().refused).toEqual({ 'rate-limited': 6 });
  });

  it('are limited for all of a tenant together, besides', () => {
    const { limits } = made({ tenants: [{ for: ['team-a'], requestsPerSecond: 0.1, burst: 3 }] });
    expect(['a', 'b', 'c', 'd'].map((name) => ask(limits, name)[1])).toEqual([
      undefined,
      undefined,
      undefined,
      '429 rate-limited 10',
    ]);
    expect(ask(limits, 'e', 'team-b')[1]).toBeUndefined();
  });

  it('of a tenant are not used up by a principal that is refused for its own sake', () => {
    const { limits } = made({
      principals: [{ for: ['user:flood'], requestsPerSecond: 1, burst: 1 }],
      tenants: [{ for: ['*'], requestsPerSecond: 1, burst: 3 }],
    });
    for (let i = 0; i < 100; i += 1) ask(limits, 'flood')[0].release();
    expect(['a', 'b', 'c'].map((name) => ask(limits, name)[1])).toEqual([
      undefined,
      undefined,
      '429 rate-limited 1',
    ]);
  });

  it('are limited for whoever no rule is for, too', () => {
    const { limits } = made(rate({ for: ['user:alice'], concurrent: 1 }));
    const found = Array.from({ length: 1_000 }, () => {
      const [hold, refused] = ask(limits, 'bob');
      hold.release();
      return refused;
    });
    expect(found.filter((each) => each === undefined).length).toBe(400);
  });

  it('of a principal keep what was counted when the configuration is another', () => {
    const { limits } = made(rate({ for: ['*'], requestsPerSecond: 1, burst: 2 }));
    ask(limits, 'alice');
    ask(limits, 'alice');
    limits.update({ ...CONFIG, ...rate({ for: ['*'], requestsPerSecond: 2, burst: 2 }) });
    expect(ask(limits, 'alice')[1]).toBe('429 rate-limited 2');
    limits.update({ ...CONFIG, ...rate({ for: ['*'], concurrent: 100 }) });
    expect(ask(limits, 'alice')[1]).toBeUndefined();
  });
});

describe('requests at a time', () => {
  it('are limited, apart from streams, and what has ended makes room', () => {
    const { limits } = made(rate({ for: ['*'], concurrent: 1, streams: 2 }));
    const [request] = ask(limits, 'alice');
    expect(ask(limits, 'alice')[1]).toBe('429 too-many-requests-at-once 1');
    const [stream] = ask(limits, 'alice', 'team-a', true);
    expect(ask(limits, 'alice', 'team-a', true)[1]).toBeUndefined();
    expect(ask(limits, 'alice', 'team-a', true)[1]).toBe('429 too-many-streams 5');
    expect(ask(limits, 'bob')[1]).toBeUndefined();
    request.release();
    request.release();
    expect(ask(limits, 'alice')[1]).toBeUndefined();
    expect(ask(limits, 'alice')[1]).toBe('429 too-many-requests-at-once 1');
    stream.release();
    expect(ask(limits, 'alice', 'team-a', true)[1]).toBeUndefined();
    expect(ask(limits, 'alice', 'team-a', true)[1]).toBe('429 too-many-streams 5');
  });

  it('that prepare a stream are refused where that would be', () => {
    const { limits } = made(rate({ for: ['*'], streams: 1 }));
    const exec = () => {
      const hold = limits.enter('192.0.2.1');
      hold.named(principal('alice'), subjects('alice'));
      const found = refusal(() => hold.begin(false, true));
      hold.release();
      return found;
    };
    expect(exec()).toBeUndefined();
    expect(exec()).toBeUndefined();
    ask(limits, 'alice', 'team-a', true);
    expect(exec()).toBe('429 too-many-streams 5');
    expect(limits.state()).toMatchObject({ requests: 0, streams: 1 });
  });

  it('are limited for a tenant together', () => {
    const { limits } = made({ tenants: [{ for: ['*'], concurrent: 2 }] });
    const all = ['a', 'b', 'c'].map((name) => ask(limits, name));
    expect(all.map(([, found]) => found)).toEqual([undefined, undefined, '429 too-many-requests-at-once 1']);
    all[0]?.[0].release();
    expect(ask(limits, 'd')[1]).toBeUndefined();
  });

  it('are limited in the whole gateway; streams are not among them', () => {
    const { limits } = made();
    const holds = Array.from({ length: 20 }, (_, i) => ask(limits, `user-${i}`)[0]);
    expect(ask(limits, 'late')[1]).toBe('503 overloaded 1');
    holds[0]?.release();
    for (let i = 0; i < 50; i += 1) expect(ask(limits, `user-${i}`, 'team-a', true)[1]).toBeUndefined();
    expect(limits.state()).toMatchObject({ requests: 19, streams: 50 });
    for (const hold of holds) hold.release();
    expect(limits.state()).toMatchObject({ requests: 0, streams: 50 });
  });

  it('of strangers whose token is still looked at crowd out nobody who has been named', () => {
    const { limits } = made();
    for (let i = 0; i < 20; i += 1) limits.enter('192.0.2.1').identify();
    expect(refusal(() => limits.enter('192.0.2.1').identify())).toBe('503 overloaded 1');
    expect(ask(limits, 'alice')[1]).toBeUndefined();
    expect(limits.state()).toMatchObject({ identifying: 20, requests: 1 });
  });

  it('count nothing of what never got as far', () => {
    const { limits } = made();
    const hold = limits.enter('192.0.2.1');
    hold.identify();
    hold.release();
    const named = limits.enter('192.0.2.1');
    named.arrived(true);
    named.named(principal('alice'), subjects('alice'));
    named.release();
    named.begin(true);
    expect(limits.state()).toMatchObject({ identifying: 0, requests: 0, streams: 0 });
  });
});

describe('an address', () => {
  const unauthorized = new Refusal(401, 'token-missing', 'no token was sent');
  const fail = (limits: Limits, address: string) => {
    const hold = limits.enter(address);
    hold.arrived(false);
    hold.failed(unauthorized);
    hold.release();
  };

  it('waits after too many failures, and so does all of an IPv6 network of 64 bits', () => {
    const { limits, clock } = made();
    for (const host of [1, 2, 3]) expect(refusal(() => fail(limits, `2001:db8::${host}`))).toBeUndefined();
    expect(refusal(() => fail(limits, '2001:db8::4'))).toBe('429 too-many-failures 60');
    expect(refusal(() => fail(limits, '2001:db8::5'))).toBe('429 too-many-failures 60');
    expect(refusal(() => fail(limits, '2001:db8:0:1::5'))).toBeUndefined();
    expect(limits.state().barredAddresses).toBe(1);
    clock.now = 60_000;
    expect(refusal(() => fail(limits, '2001:db8::5'))).toBeUndefined();
  });

  it('waits after heads too that nobody could read, and not after what is the gateway’s own fault', () => {
    const { limits } = made();
    const failing = (status: 400 | 503) =>
      refusal(() => limits.enter('192.0.2.9').failed(new Refusal(status, 'some-reason', 'so it is')));
    for (let i = 0; i < 9; i += 1) expect(failing(503)).toBeUndefined();
    for (let i = 0; i < 3; i += 1) expect(failing(400)).toBeUndefined();
    expect(failing(400)).toBe('429 too-many-failures 60');
  });

  it('that waits is still served where a certificate shows who comes', () => {
    const { limits } = made();
    for (let i = 0; i < 4; i += 1) refusal(() => fail(limits, '192.0.2.1'));
    expect(refusal(() => fail(limits, '192.0.2.1'))).toBe('429 too-many-failures 60');
    expect(ask(limits, 'alice')[1]).toBeUndefined();
  });

  it('does not wait for what was no failure of its own', () => {
    const { limits } = made();
    for (let i = 0; i < 10; i += 1) {
      const hold = limits.enter('192.0.2.1');
      hold.failed(new Refusal(503, 'keys-unavailable', 'no keys'));
      hold.failed(new Error('unexpected'));
    }
    expect(limits.state().barredAddresses).toBe(0);
  });

  it('has so many connections, and the gateway', () => {
    const { limits, clock } = made();
    const connect = (address: string) => {
      const admitted = limits.connected(address);
      return typeof admitted === 'number' ? undefined : admitted.reason;
    };
    expect([1, 2, 3, 4, 5].map(() => connect('192.0.2.1'))).toEqual([
      ...Array(4).fill(undefined),
      'too-many-connections',
    ]);
    limits.disconnected('192.0.2.1');
    expect(connect('::ffff:192.0.2.1')).toBeUndefined();
    clock.now = 60_000;
    expect([2, 3, 4, 5, 6, 7, 8].map((host) => connect(`192.0.2.${host}`))).toEqual([
      ...Array(6).fill(undefined),
      'too-many-connections',
    ]);
    expect(limits.state()).toMatchObject({ connections: 10, addresses: 7 });
  });

  it('has so many handshakes a second: those beyond begin later, and none that would wait too long', () => {
    const { limits, clock } = made();
    const connect = () => {
      const admitted = limits.connected('192.0.2.1');
      if (typeof admitted !== 'number') return admitted.reason;
      limits.disconnected('192.0.2.1');
      return admitted;
    };
    expect(Array.from({ length: 18 }, connect)).toEqual([
      ...Array(6).fill(0),
      ...[500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000],
      'too-many-handshakes',
      'too-many-handshakes',
    ]);
    clock.now = 1_000;
    expect(Array.from({ length: 3 }, connect)).toEqual([4_500, 5_000, 'too-many-handshakes']);
    clock.now = 60_000;
    expect(connect()).toBe(0);
    expect(limits.state()).toMatchObject({ connections: 0, addresses: 0 });
  });

  it('has no place in line where many of all addresses wait', () => {
    const addresses = { ...CONFIG.addresses, connections: 0, handshakesPerSecond: 1, handshakeBurst: 1 };
    const { limits } = made({ connections: 100_000, addresses });
    const second = Array.from({ length: 1_030 }, (_, host) => {
      const address = `10.0.${host >> 8}.${host & 255}`;
      expect(limits.connected(address)).toBe(0);
      const admitted = limits.connected(address);
      return typeof admitted === 'number' ? admitted : admitted.reason;
    });
    expect(second).toEqual([...Array(1_024).fill(1_000), ...Array(6).fill('too-many-handshakes')]);
  });
});
