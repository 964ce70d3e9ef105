import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTenants, type Tenants } from '../support/tenants.ts';
import { type Caller, callerAt } from './caller.ts';

const PATIENCE_MS = 60_000;
const CREATE = { Image: 'busybox:latest', Cmd: ['sleep', '60'] };

let tenants: Tenants;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  tenants = await openTenants({
    config: {
      quotas: [
        { for: ['team-a'], containers: 10, running: 1, defaultMemory: '64m', volumes: 2 },
        { for: ['*'], containers: 2 },
      ],
    },
  });
  alice = await callerAt(tenants.door, 'alice', 50);
  bob = await callerAt(tenants.door, 'bob');
});
afterAll(async () => {
  alice?.close();
  bob?.close();
  await tenants?.close();
});

const create = (body: object = CREATE) => alice.call('POST /containers/create', body, PATIENCE_MS);

async function ids(): Promise<string[]> {
  const listed = await alice.json<{ Id: string }[]>('GET /containers/json?all=1');
  return listed.map(({ Id }) => Id);
}

async function removeAll(): Promise<void> {
  for (const id of await ids())
    await alice.call(`DELETE /containers/${id}?force=1&v=1`, undefined, PATIENCE_MS);
}

describe('a quota, through the front door', () => {
  it('of ten containers leaves ten of a burst of fifty, and says what is used and allowed', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create()));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    for (const { status, body } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body]).toEqual([
        403,
        expect.stringMatching(/team-a has 10 of 10 containers.*\[quota\]/),
      ]);
    }
    expect(await ids()).toHaveLength(10);
    expect((await bob.call('POST /containers/create', CREATE)).status).toBe(201);
    await removeAll();
  });

  it('gives the default limits to containers that ask for none', async () => {
    const { Id } = await alice.json<{ Id: string }>('POST /containers/create', CREATE);
    const { HostConfig } = await alice.json<{ HostConfig: { Memory: number } }>(`GET /containers/${Id}/json`);
    expect(HostConfig.Memory).toBe(67_108_864);
    await removeAll();
  });

  it('of running containers removes what docker run --rm could not start, for its client waits for that', async () => {
    const make = (body: object) => alice.json<{ Id: string }>('POST /containers/create', body);
    const first = await make(CREATE);
    const second = await make({ ...CREATE, HostConfig: { AutoRemove: true } });
    const third = await make(CREATE);
    const start = async (id: string) =>
      (await alice.call(`POST /containers/${id}/start`, undefined, PATIENCE_MS)).status;
    expect(await start(first.Id)).toBe(204);
    expect(await start(second.Id)).toBe(403);
    expect(await start(third.Id)).toBe(403);
    expect((await ids()).sort()).toEqual([first.Id, third.Id].sort());
    await removeAll();
  });

  it('counts volumes that a container brings along, and leaves none behind when it is refused', async () => {
    const mounting = (names: readonly string[]) => ({
      ...CREATE,
      HostConfig: { Binds: names.map((name) => `${name}:/${name}`) },
    });
    expect((await create(mounting(['v1', 'v2', 'v3']))).status).toBe(403);
    const { Volumes } = await alice.json<{ Volumes: unknown[] | null }>('GET /volumes');
    expect(Volumes ?? []).toEqual([]);
    expect((await create(mounting(['v1', 'v2']))).status).toBe(201);
    await removeAll();
  });

  it('shows a tenant its own numbers in docker info, and nobody else\u2019s', async () => {
    const { Labels, Containers } = await bob.json<{ Labels: string[]; Containers: number }>('GET /info');
    expect(Containers).toBe(1);
    expect(Labels).toEqual(['io.quaywarden.quota.containers=1 of 2']);
  });
});
