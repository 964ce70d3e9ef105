import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineReader } from '../../../src/tenancy/quota/engine.ts';
import type { Reservation } from '../../../src/tenancy/quota/lane.ts';
import { createQuotas, type Quotas } from '../../../src/tenancy/quota/quota.ts';
import type { QuotaRule } from '../../../src/tenancy/quota/rules.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import { create, MIB, requestOf, said, start } from './support.ts';

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

let engine: Engine;
let inspections = 0;
const streams: { destroy(): void }[] = [];

beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.destroy());
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.destroy();
  for (const { Id } of await listed()) await call('DELETE', `/containers/${Id}?force=1&v=1`);
});

function call(method: string, path: string, body?: object): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ socketPath: engine.socket, method, path, headers }, (reply) => {
      let text = '';
      reply.on('data', (chunk) => {
        text += chunk;
      });
      reply.on('end', () =>
        resolve({ status: reply.statusCode ?? 0, body: text === '' ? undefined : JSON.parse(text) }),
      );
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const reader: EngineReader = {
  async get(target) {
    if (/^\/containers\/[0-9a-f]{64}\/json$/.test(target)) inspections += 1;
    const { status, body } = await call('GET', target);
    const noSwarm = status === 503 && /not a swarm manager/.test((body as { message: string }).message);
    if (status === 404 || noSwarm) return undefined;
    if (status !== 200) throw new Error(`${target}: ${status}`);
    return body;
  },
};

/** A gateway as far as quotas go, with the Engine's events followed. */
async function gateway(rule: Omit<QuotaRule, 'for'>): Promise<Quotas> {
  const quotas = createQuotas([{ for: ['team-a'], ...rule }], reader);
  await new Promise<void>((resolve, reject) => {
    const sent = request({ socketPath: engine.socket, path: '/events' }, (reply) => {
      // The tests end it.
      reply.on('error', () => {});
      let rest = '';
      reply.on('data', (chunk) => {
        const lines = `${rest}${chunk}`.split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) quotas.heard(JSON.parse(line));
      });
      quotas.follows(true);
      resolve();
    });
    sent.on('error', reject).end();
    streams.push(sent);
  });
  return quotas;
}

async function gateways(rule: Omit<QuotaRule, 'for'>, count: number): Promise<readonly Quotas[]> {
  return Promise.all(Array.from({ length: count }, () => gateway(rule)));
}

async function listed(): Promise<readonly { readonly Id: string; readonly State: string }[]> {
  return (await call('GET', '/containers/json?all=1')).body as never;
}

async function createOnEngine(body: object = {}): Promise<string> {
  const { status, body: reply } = await call('POST', '/v1.41/containers/create', {
    Image: 'busybox',
    Cmd: ['sleep', '600'],
    Labels: { 'io.quaywarden.tenant': 'team-a' },
    ...body,
  });
  if (status !== 201) throw new Error(JSON.stringify(reply));
  return (reply as { Id: string }).Id;
}

/** Reserves, acts, settles, and takes back, as a gateway does. @returns whether it stayed */
async function through(
  reserved: Promise<Reservation | undefined>,
  act: () => Promise<string>,
  undo: (id: string) => Promise<unknown>,
): Promise<'stays' | 'refused' | 'taken back'> {
  let reservation: Reservation | undefined;
  try {
    reservation = await reserved;
  } catch {
    return 'refused';
  }
  const id = await act();
  if ((await reservation?.settle(id)) === undefined) return 'stays';
  await undo(id);
  return 'taken back';
}

const creates = (quotas: Quotas, HostConfig: object = {}) =>
  through(
    quotas.reserve(create(HostConfig)),
    () => createOnEngine({ HostConfig }),
    (id) => call('DELETE', `/containers/${id}?v=1`),
  );

describe('a burst of 50 creates against a quota of 10 on a real Engine', () => {
  it.each([1, 2])('leaves exactly 10 through %i gateways', async (count) => {
    const all = await gateways({ containers: 10 }, count);
    const ends = await Promise.all(
      Array.from({ length: 50 }, (_, index) => creates(all[index % count] as Quotas)),
    );
    expect(await listed()).toHaveLength(10);
    expect(ends.filter((end) => end === 'stays')).toHaveLength(10);
    if (count === 1) expect(ends).not.toContain('taken back');
    expect(await said((all[0] as Quotas).reserve(create()))).toMatch(
      /^403 quota: team-a has 10 of 10 containers; /,
    );
  });

  it('leaves 10, by their memory, through two gateways', async () => {
    const all = await gateways({ memory: '100m' }, 2);
    const hostConfig = { Memory: 10 * MIB };
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => creates(all[index % 2] as Quotas, hostConfig)),
    );
    expect(await listed()).toHaveLength(10);
    expect((await (all[1] as Quotas).usage('team-a'))?.memory.text).toBe('100m of 100m');
  });
});

describe('on a real Engine', () => {
  it('exactly as many containers run as may, through two gateways', async () => {
    const all = await gateways({ running: 2 }, 2);
    const ids = await Promise.all(Array.from({ length: 6 }, () => createOnEngine()));
    await Promise.all(
      ids.map((id, index) =>
        through(
          (all[index % 2] as Quotas).reserve(start(id)),
          async () => {
            await call('POST', `/containers/${id}/start`);
            return id;
          },
          () => call('POST', `/containers/${id}/kill`),
        ),
      ),
    );
    expect((await listed()).filter(({ State }) => State === 'running')).toHaveLength(2);
  });

  it('an update beside the gateway is seen, though limits are remembered', async () => {
    const quotas = await gateway({ memory: '100m', cpus: 2 });
    const id = await createOnEngine({ HostConfig: { Memory: 20 * MIB, NanoCpus: 5e8 } });
    await createOnEngine({ HostConfig: { Memory: 20 * MIB, CpuQuota: 25_000, CpuPeriod: 50_000 } });
    expect((await quotas.usage('team-a'))?.memory.text).toBe('40m of 100m');
    expect((await quotas.usage('team-a'))?.cpus.text).toBe('1 of 2');
    await call('POST', `/containers/${id}/update`, { Memory: 70 * MIB, MemorySwap: 200 * MIB });
    await expect.poll(async () => (await quotas.usage('team-a'))?.memory.text).toBe('90m of 100m');
    expect(await said(quotas.reserve(create({ Memory: 20 * MIB, NanoCpus: 1e7 })))).toMatch(
      /has 90m of 100m/,
    );
  });

  it('volumes count with and without a name, and networks', async () => {
    const quotas = await gateway({ volumes: 4, networks: 1 });
    const labels = { 'io.quaywarden.tenant': 'team-a' };
    await call('POST', '/volumes/create', { Name: 'db', Labels: labels });
    await call('POST', '/volumes/create', { Name: 'foreign' });
    await createOnEngine({ Volumes: { '/v': {}, '/w': {} }, HostConfig: { Binds: ['db:/db'] } });
    await call('POST', '/networks/create', { Name: 'back', Labels: labels });
    const usage = await quotas.usage('team-a');
    expect([usage?.volumes.text, usage?.networks.text]).toEqual(['3 of 4', '1 of 1']);
    expect(await said(quotas.reserve(requestOf('POST /v1.41/networks/create', { Name: 'x' })))).toMatch(
      /has 1 of 1 networks/,
    );
    const two = through(
      quotas.reserve(create()),
      () => createOnEngine({ Volumes: { '/v': {}, '/w': {} } }),
      (id) => call('DELETE', `/containers/${id}?v=1`),
    );
    expect(await two).toBe('taken back');
    expect((await quotas.usage('team-a'))?.volumes.text).toBe('3 of 4');
  });

  it('images count by their names', async () => {
    const quotas = await gateway({ imageBytes: '1k' });
    const pull = requestOf('POST /v1.41/images/create?fromImage=x&tag=1');
    await (await quotas.reserve(pull))?.settle(undefined);
    await call('POST', '/images/busybox/tag?repo=reg.example.com/team-a/app&tag=1');
    expect(await said(quotas.reserve(pull))).toMatch(/^403 quota: team-a has 1\.\d+m of 1k of images/);
    await call('DELETE', '/images/reg.example.com/team-a/app:1');
    expect(await said(quotas.reserve(pull))).toBe('ok');
  });

  it('200 containers do not cost seconds, and their limits are remembered', async () => {
    const quotas = await gateway({ memory: '4g' });
    const ids: string[] = [];
    for (let index = 0; index < 200; index += 10) {
      const ten = Array.from({ length: 10 }, () => createOnEngine({ HostConfig: { Memory: 10 * MIB } }));
      ids.push(...(await Promise.all(ten)));
    }
    let asked = inspections;
    const took = async (): Promise<readonly [number, number]> => {
      const began = performance.now();
      await (await quotas.reserve(create({ Memory: 10 * MIB })))?.settle(undefined);
      const all = inspections - asked;
      asked = inspections;
      return [all, performance.now() - began];
    };
    const [first, second] = [await took(), await took()];
    console.info(
      `counting 200 containers, inspections and ms: ${first.map(Math.round)}, then ${second.map(Math.round)}`,
    );
    expect([first[0], second[0]]).toEqual([200, 0]);
    expect(first[1]).toBeLessThan(3_000);
  });

  it('replicas of services count once', async () => {
    const init = await call('POST', '/swarm/init', {
      ListenAddr: '127.0.0.1:2377',
      AdvertiseAddr: '127.0.0.1',
    });
    expect(init.status).toBe(200);
    const quotas = await gateway({ containers: 4 });
    const labels = { 'io.quaywarden.tenant': 'team-a' };
    const service = (Name: string, Replicas: number) => ({
      Name,
      Labels: labels,
      TaskTemplate: { ContainerSpec: { Image: 'busybox', Command: ['sleep', '600'], Labels: labels } },
      Mode: { Replicated: { Replicas } },
    });
    const { body } = await call('POST', '/v1.41/services/create', service('web', 3));
    await expect.poll(async () => (await listed()).length, { timeout: 30_000 }).toBe(3);
    expect((await quotas.usage('team-a'))?.containers.text).toBe('3 of 4');
    expect(await said(quotas.reserve(requestOf('POST /v1.41/services/create', service('more', 2))))).toMatch(
      /^403 quota Mode: team-a has 3 of 4 containers, and this asks for 2 more/,
    );
    expect(await creates(quotas)).toBe('stays');
    expect(await creates(quotas)).toBe('refused');
    await call('DELETE', `/services/${(body as { ID: string }).ID}`);
    await call('POST', '/swarm/leave?force=1');
  });
});
