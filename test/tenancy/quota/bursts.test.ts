import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/errors.ts';
import { createQuotas, type Quotas } from '../../../src/tenancy/quota/quota.ts';
import type { QuotaRule } from '../../../src/tenancy/quota/rules.ts';
import { FakeEngine } from './fake-engine.ts';
import { create, MIB, requestOf, start } from './support.ts';

type End = 'made' | 'refused' | 'taken back';

function gatewaysOn(engine: FakeEngine, rules: readonly QuotaRule[], count: number): readonly Quotas[] {
  return Array.from({ length: count }, () => {
    const quotas = createQuotas(rules, engine);
    engine.follow((event) => quotas.heard(event));
    quotas.follows(true);
    return quotas;
  });
}

/** What a gateway does with a create. */
async function creates(
  quotas: Quotas,
  engine: FakeEngine,
  hostConfig: Record<string, number> = {},
): Promise<End> {
  try {
    const reservation = await quotas.reserve(create(hostConfig));
    const id = await engine.create({ tenant: 'team-a', hostConfig });
    if ((await reservation?.settle(id)) === undefined) return 'made';
    await engine.remove(id);
    return 'taken back';
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'quota') return 'refused';
    throw error;
  }
}

async function starts(quotas: Quotas, engine: FakeEngine, id: string): Promise<End> {
  try {
    const reservation = await quotas.reserve(start(id));
    await engine.start(id);
    if ((await reservation?.settle(id)) === undefined) return 'made';
    await engine.stop(id);
    return 'taken back';
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'quota') return 'refused';
    throw error;
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.random() * 4));

describe('a burst of 50 creates against a quota of 10', () => {
  it.each([1, 2, 3])('leaves exactly 10 through %i gateways', async (count) => {
    const engine = new FakeEngine(pause);
    const gateways = gatewaysOn(engine, [{ for: ['team-a'], containers: 10 }], count);
    const ends = await Promise.all(
      Array.from({ length: 50 }, (_, index) => creates(gateways[index % count] as Quotas, engine)),
    );
    expect(engine.count('team-a')).toBe(10);
    expect(ends.filter((end) => end === 'made')).toHaveLength(10);
    if (count === 1) expect(ends).not.toContain('taken back');
  });
});

describe('whatever the order in which things happen', () => {
  it('exactly as many containers stay as fit, and who was told so has one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 8 }),
        async (scheduler, count, limit, there, clients) => {
          const engine = new FakeEngine((what) => scheduler.schedule(Promise.resolve(), what));
          for (let index = 0; index < there; index += 1) engine.put({ tenant: 'team-a', age: 3_600 });
          const gateways = gatewaysOn(engine, [{ for: ['*'], containers: limit }], count);
          const ends = await scheduler.waitFor(
            Promise.all(
              Array.from({ length: clients }, (_, index) =>
                creates(gateways[index % count] as Quotas, engine),
              ),
            ),
          );
          const free = Math.max(limit - there, 0);
          expect(ends.filter((end) => end === 'made')).toHaveLength(Math.min(free, clients));
          expect(engine.count('team-a')).toBe(there + Math.min(free, clients));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a container that stood without its event has the place that its event gives it', async () => {
    const engine = new FakeEngine();
    const [a, b, c] = gatewaysOn(engine, [{ for: ['team-a'], containers: 2 }], 3) as [Quotas, Quotas, Quotas];
    const roomOfC = await c.reserve(create({}));
    const third = engine.put({ tenant: 'team-a' });
    const roomOfB = await b.reserve(create({}));
    const roomOfA = await a.reserve(create({}));
    const [second, first] = [engine.put({ tenant: 'team-a' }), engine.put({ tenant: 'team-a' })];
    for (const id of [second, first, third]) engine.tell('container', 'create', id);
    const ends = [await roomOfA?.settle(first), await roomOfB?.settle(second), await roomOfC?.settle(third)];
    expect(ends.map((refusal) => refusal?.reason)).toEqual([undefined, undefined, 'quota']);
  });

  it('exactly as many run as may', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        async (scheduler, count, limit, clients) => {
          const engine = new FakeEngine((what) => scheduler.schedule(Promise.resolve(), what));
          const ids = Array.from({ length: clients }, () => engine.put({ tenant: 'team-a' }));
          const gateways = gatewaysOn(engine, [{ for: ['team-a'], running: limit }], count);
          await scheduler.waitFor(
            Promise.all(ids.map((id, index) => starts(gateways[index % count] as Quotas, engine, id))),
          );
          const running = [...engine.containers.values()].filter(({ State }) => State === 'running');
          expect(running).toHaveLength(Math.min(limit, clients));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('never more memory is reserved than there may be, with creates, failures and removals at the same time', async () => {
    const limit = 10;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 2 }),
        fc.array(
          fc.record({ size: fc.integer({ min: 1, max: 6 }), end: fc.constantFrom('stay', 'go', 'fail') }),
          { minLength: 1, maxLength: 7 },
        ),
        async (scheduler, count, clients) => {
          const engine = new FakeEngine((what) => scheduler.schedule(Promise.resolve(), what));
          const gateways = gatewaysOn(engine, [{ for: ['team-a'], memory: `${limit}m` }], count);
          const client = async (
            { size, end: wanted }: (typeof clients)[number],
            index: number,
          ): Promise<void> => {
            const quotas = gateways[index % count] as Quotas;
            const hostConfig = { Memory: size * MIB };
            if (wanted === 'fail') {
              const reservation = await quotas.reserve(create(hostConfig)).catch(() => undefined);
              await reservation?.settle(undefined);
              return;
            }
            const end = await creates(quotas, engine, hostConfig);
            const [first] = engine.containers.keys();
            if (end === 'made' && wanted === 'go' && first !== undefined) await engine.remove(first);
          };
          await scheduler.waitFor(Promise.all(clients.map(client)));
          const sizes = [...engine.containers.values()].map(({ hostConfig }) => hostConfig['Memory'] ?? 0);
          expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(limit * MIB);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never more stay than fit when nobody hears of events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 6 }), async (scheduler, clients) => {
        const engine = new FakeEngine((what) => scheduler.schedule(Promise.resolve(), what));
        const gateways = [0, 1].map(() => createQuotas([{ for: ['team-a'], containers: 2 }], engine));
        await scheduler.waitFor(
          Promise.all(
            Array.from({ length: clients }, (_, index) => creates(gateways[index % 2] as Quotas, engine)),
          ),
        );
        expect(engine.count('team-a')).toBeLessThanOrEqual(2);
        if (clients <= 2) expect(engine.count('team-a')).toBe(clients);
      }),
      { numRuns: 150 },
    );
  });
});

describe.each(['volume', 'network'] as const)('a burst of %ss', (kind) => {
  it('leaves as many as are allowed', async () => {
    const engine = new FakeEngine(pause);
    const gateways = gatewaysOn(engine, [{ for: ['team-a'], volumes: 3, networks: 3 }], 2);
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, async (_, index) => {
        const path = kind === 'volume' ? 'volumes' : 'networks';
        const request = requestOf(`POST /v1.41/${path}/create`, { Name: `n${index}` });
        const reservation = await gateways[index % 2]?.reserve(request);
        const id = await engine.createNamed(kind, 'team-a', `n${index}`);
        const refusal = await reservation?.settle(id);
        if (refusal === undefined) return;
        engine[`${kind}s`].delete(id);
        throw refusal;
      }),
    );
    expect(engine[`${kind}s`].size).toBe(3);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });
});
