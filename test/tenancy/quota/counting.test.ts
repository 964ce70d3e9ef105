import { describe, expect, it } from 'vitest';
import { createQuotas, type QuotaOptions } from '../../../src/tenancy/quota/quota.ts';
import type { QuotaRule } from '../../../src/tenancy/quota/rules.ts';
import { FakeEngine } from './fake-engine.ts';
import { create, MIB, requestOf, said, start, update } from './support.ts';

const ASK = 'or ask the operator of this gateway for a larger quota';

function on(rule: Omit<QuotaRule, 'for'>, options: QuotaOptions = {}) {
  const engine = new FakeEngine();
  return { engine, quotas: createQuotas([{ for: ['team-a'], ...rule }], engine, { waitMs: 50, ...options }) };
}

describe('containers', () => {
  it('count in any state, for their own tenant only', async () => {
    const { engine, quotas } = on({ containers: 2 });
    engine.put({ tenant: 'team-a', state: 'exited' });
    engine.put({ tenant: 'team-b' });
    engine.put({});
    expect(await said(quotas.reserve(create()))).toBe('ok');
    engine.put({ tenant: 'team-a', state: 'running' });
    // The first reservation was never settled.
    expect(await said(quotas.reserve(create()))).toBe(
      `403 quota: team-a has 3 of 2 containers (1 of them under way); remove one, ${ASK}`,
    );
  });

  it('have room again when a request has failed, and count once when it has not', async () => {
    const { engine, quotas } = on({ containers: 1 });
    const failed = await quotas.reserve(create());
    const waiting = quotas.reserve(create());
    expect(await failed?.settle(undefined)).toBeUndefined();
    const reservation = await waiting;
    const id = engine.put({ tenant: 'team-a' });
    expect(reservation?.undo).toBe('remove');
    expect(await reservation?.settle(id)).toBeUndefined();
    expect(await said(quotas.reserve(create()))).toBe(
      `403 quota: team-a has 1 of 1 containers; remove one, ${ASK}`,
    );
  });

  it('are not counted for who has no quota, and nobody is asked', async () => {
    const { engine, quotas } = on({ containers: 0, memory: '1m' });
    expect(await quotas.reserve(create({}, { tenant: 'team-b' }))).toBeUndefined();
    expect(await quotas.reserve(requestOf('GET /v1.41/containers/json'))).toBeUndefined();
    expect(await quotas.usage('team-b')).toBeUndefined();
    expect(engine.asked).toEqual([]);
  });

  it('of another tenant do not keep anybody waiting', async () => {
    const engine = new FakeEngine();
    const quotas = createQuotas([{ for: ['*'], containers: 1 }], engine);
    await quotas.reserve(create());
    expect(await said(quotas.reserve(create({}, { tenant: 'team-b' })))).toBe('ok');
  });

  it('names whom to ask', async () => {
    const { quotas } = on({ containers: 0 }, { contact: 'platform@example.org' });
    expect(await said(quotas.reserve(create()))).toBe(
      '403 quota: team-a has 0 of 0 containers; remove one, or ask platform@example.org for a larger quota',
    );
  });

  it('stay when the Engine can not tell any more, and are refused when it can not tell before', async () => {
    const { engine, quotas } = on({ containers: 1 });
    const reservation = await quotas.reserve(create());
    engine.failing = true;
    expect(await reservation?.settle(engine.put({ tenant: 'team-a' }))).toBeUndefined();
    await expect(quotas.reserve(create())).rejects.toThrow('the Engine is gone');
  });

  it('keep nobody waiting whose client is gone', async () => {
    const { quotas } = on({ containers: 1 }, { waitMs: 60_000 });
    const first = await quotas.reserve(create());
    const gone = new AbortController();
    const atTheEdge = said(quotas.reserve(create({}, { signal: () => gone.signal })));
    const behindIt = said(quotas.reserve(create({}, { signal: () => gone.signal })));
    setTimeout(() => gone.abort(), 20);
    expect(await atTheEdge).toMatch(/^400 client-gone/);
    expect(await behindIt).toMatch(/^400 client-gone/);
    expect(await said(quotas.reserve(create({}, { signal: () => gone.signal })))).toMatch(/^400 client-gone/);
    await first?.settle(undefined);
    expect(await said(quotas.reserve(create()))).toBe('ok');
  });
});

describe('containers that run', () => {
  it('are counted when one is started, not when it is made', async () => {
    const { engine, quotas } = on({ running: 2 });
    engine.put({ tenant: 'team-a', state: 'running' });
    engine.put({ tenant: 'team-a', state: 'paused' });
    const stopped = engine.put({ tenant: 'team-a', state: 'exited' });
    expect(await quotas.reserve(create())).toBeUndefined();
    expect(await said(quotas.reserve(start(stopped)))).toBe(
      `403 quota: team-a has 2 of 2 running containers; stop one, ${ASK}`,
    );
    const restart = requestOf(`POST /v1.41/containers/${stopped}/restart`, undefined, { actedOn: stopped });
    expect(await said(quotas.reserve(restart))).toMatch(/^403 quota: team-a has 2 of 2 running/);
  });

  it.each(['running', 'paused', 'restarting'])(
    'add nothing when one is started that is %s',
    async (state) => {
      const { engine, quotas } = on({ running: 1 });
      const id = engine.put({ tenant: 'team-a', state });
      expect(await quotas.reserve(start(id))).toBeUndefined();
    },
  );

  it('are stopped when too many were started', async () => {
    const { engine, quotas } = on({ running: 1 });
    const id = engine.put({ tenant: 'team-a' });
    const reservation = await quotas.reserve(start(id));
    expect(reservation?.undo).toBe('stop');
    await engine.start(id);
    engine.put({ tenant: 'team-a', state: 'running' });
    expect((await reservation?.settle(id))?.message).toBe(
      `team-a has 1 of 1 running containers; stop one, ${ASK}`,
    );
  });

  it('leave one alone that has ended already', async () => {
    const { engine, quotas } = on({ running: 1 });
    const id = engine.put({ tenant: 'team-a' });
    const reservation = await quotas.reserve(start(id));
    engine.put({ tenant: 'team-a', state: 'running' });
    expect(await reservation?.settle(id)).toBeUndefined();
  });
});

describe('memory and CPUs', () => {
  it('are summed over all containers, running or not', async () => {
    const { engine, quotas } = on({ memory: '1g', cpus: 2 });
    engine.put({ tenant: 'team-a', state: 'running', hostConfig: { Memory: 512 * MIB, NanoCpus: 5e8 } });
    engine.put({ tenant: 'team-a', hostConfig: { Memory: 256 * MIB, CpuQuota: 50_000, CpuPeriod: 50_000 } });
    expect(await said(quotas.reserve(create({ Memory: 257 * MIB, NanoCpus: 1 })))).toBe(
      `403 quota HostConfig.Memory: team-a has 768m of 1g of memory reserved, and this asks for 257m more; remove a container, lower the limit of one (docker update --memory), ${ASK}`,
    );
    expect(await said(quotas.reserve(create({ Memory: MIB, CpuQuota: 60_000 })))).toMatch(
      /^403 quota HostConfig.CpuQuota: team-a has 1.5 of 2 CPUs reserved, and this asks for 0.6 more; /,
    );
    const reservation = await quotas.reserve(create({ Memory: 256 * MIB, NanoCpus: 5e8 }));
    expect(reservation).toBeDefined();
    expect(await said(quotas.reserve(create({ Memory: MIB, NanoCpus: 1e7 })))).toMatch(
      /^403 quota HostConfig.Memory: team-a has 1g of 1g of memory reserved \(256m of them under way\)/,
    );
  });

  it.each([
    [{}, 'HostConfig.Memory', 'memory, and this asks for no limit of it; give one (docker run --memory)'],
    [
      { Memory: -1 },
      'HostConfig.Memory',
      'memory, and this asks for no limit of it; give one (docker run --memory)',
    ],
    [
      { Memory: MIB },
      'HostConfig.NanoCpus',
      'CPUs, and this asks for no limit of them; give one (docker run --cpus)',
    ],
  ])('are refused without a limit: %j', async (hostConfig, field, text) => {
    const { quotas } = on({ memory: '1g', cpus: 2 });
    expect(await said(quotas.reserve(create(hostConfig)))).toBe(
      `403 quota ${field}: team-a has a quota of ${text}`,
    );
  });

  it('need a limit of what is counted only', async () => {
    const { quotas } = on({ memory: '1g' });
    expect(await said(quotas.reserve(create({ Memory: MIB })))).toBe('ok');
  });

  it('of a container that has no limit leave nothing for others, until it has one', async () => {
    const { engine, quotas } = on({ memory: '1g' });
    const id = engine.put({ tenant: 'team-a' });
    expect(await said(quotas.reserve(create({ Memory: MIB })))).toBe(
      '403 quota: the container c1 of team-a has no limit of memory, so nothing can be left of the quota; give it one (docker update --memory), or remove it',
    );
    const reservation = await quotas.reserve(update(id, { Memory: 512 * MIB }));
    await engine.update(id, { Memory: 512 * MIB });
    expect(await reservation?.settle(id)).toBeUndefined();
    expect(await said(quotas.reserve(create({ Memory: MIB })))).toBe('ok');
  });

  it('are taken back where the Engine did not keep the limit', async () => {
    const { engine, quotas } = on({ memory: '1g' });
    const reservation = await quotas.reserve(create({ Memory: MIB }));
    expect((await reservation?.settle(engine.put({ tenant: 'team-a' })))?.message).toMatch(
      /has no limit of memory/,
    );
  });

  it('grow by what an update adds', async () => {
    const { engine, quotas } = on({ memory: '1g', cpus: 1 });
    const id = engine.put({ tenant: 'team-a', hostConfig: { Memory: 512 * MIB, NanoCpus: 5e8 } });
    engine.put({ tenant: 'team-a', hostConfig: { Memory: 256 * MIB, NanoCpus: 1e8 } });
    expect(await quotas.reserve(update(id, { Memory: 256 * MIB }))).toBeUndefined();
    expect(await quotas.reserve(update(id, { PidsLimit: 5 }))).toBeUndefined();
    const grown = await quotas.reserve(update(id, { Memory: 768 * MIB }));
    expect(grown?.undo).toBe('none');
    await grown?.settle(undefined);
    expect(await said(quotas.reserve(update(id, { Memory: 769 * MIB })))).toMatch(
      /^403 quota Memory: team-a has 768m of 1g of memory reserved, and this asks for 257m more/,
    );
    expect(await said(quotas.reserve(update(id, { CpuQuota: 100_000, CpuPeriod: 100_000 })))).toMatch(
      /^403 quota CpuQuota: team-a has 0.6 of 1 CPUs reserved, and this asks for 0.5 more/,
    );
  });

  it.each([
    [{ Memory: -1 }, 'Memory'],
    [{ CpuQuota: 5_000 }, 'CpuQuota'],
    [{ CpuQuota: -1 }, 'CpuQuota'],
    [{ CpuPeriod: 5_000 }, 'CpuPeriod'],
    [{ NanoCpus: -1 }, 'NanoCpus'],
  ])('are refused by an update that takes a limit away or does not tell: %j', async (body, field) => {
    const { engine, quotas } = on({ memory: '1g', cpus: 1 });
    const id = engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB, NanoCpus: 5e8 } });
    expect(await said(quotas.reserve(update(id, body)))).toMatch(
      new RegExp(`^403 quota ${field}: team-a has a quota of .*, and this asks for no limit of`),
    );
  });

  it('of a container that is nobody’s add nothing', async () => {
    const { engine, quotas } = on({ memory: '1g', running: 0 });
    const id = engine.put({});
    expect(await quotas.reserve(update(id, { Memory: -1 }))).toBeUndefined();
    expect(await quotas.reserve(start(id))).toBeUndefined();
  });
});

describe('limits of containers', () => {
  const inspections = (engine: FakeEngine): number =>
    engine.asked.filter((target) => /\/containers\/[0-9a-f]{64}\/json$/.test(target)).length;

  async function settled(hostConfig: object, { quotas }: ReturnType<typeof on>): Promise<string> {
    return said(quotas.reserve(create(hostConfig)).then((reservation) => reservation?.settle(undefined)));
  }

  it('are inspected at each count while nobody follows the events', async () => {
    const both = on({ memory: '1g' });
    for (let index = 0; index < 20; index += 1)
      both.engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB } });
    await settled({ Memory: MIB }, both);
    await settled({ Memory: MIB }, both);
    expect(inspections(both.engine)).toBe(40);
  });

  it('are remembered while somebody does, until an update, here or elsewhere', async () => {
    const both = on({ memory: '1g' });
    const { engine, quotas } = both;
    engine.follow((event) => quotas.heard(event));
    quotas.follows(true);
    const ids = Array.from({ length: 20 }, () =>
      engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB } }),
    );
    await settled({ Memory: MIB }, both);
    await settled({ Memory: MIB }, both);
    expect(inspections(engine)).toBe(20);
    await engine.update(ids[3] ?? '', { Memory: 990 * MIB });
    expect(await settled({ Memory: 100 * MIB }, both)).toMatch(/^403 quota .* has 1009m of 1g/);
    expect(inspections(engine)).toBe(21);
    quotas.follows(false);
    await settled({ Memory: MIB }, both);
    expect(inspections(engine)).toBe(41);
  });

  it('are forgotten after an update here, before its event has come', async () => {
    const { engine, quotas } = on({ memory: '10m' });
    quotas.follows(true);
    const id = engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB } });
    const reservation = await quotas.reserve(update(id, { Memory: 9 * MIB }));
    await engine.update(id, { Memory: 9 * MIB });
    await reservation?.settle(id);
    expect(await said(quotas.reserve(create({ Memory: 2 * MIB })))).toMatch(/has 9m of 10m/);
  });

  it('are not remembered when they changed while they were read', async () => {
    let changes: (() => void) | undefined;
    const engine = new FakeEngine(async (what) => {
      if (what.startsWith('is told') && what.includes(`${id}/json`)) changes?.();
    });
    const id = engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB } });
    const quotas = createQuotas([{ for: ['team-a'], memory: '4m' }], engine);
    quotas.follows(true);
    changes = () => {
      changes = undefined;
      const container = engine.containers.get(id);
      if (container !== undefined) container.hostConfig = { Memory: 4 * MIB };
      quotas.heard({ Type: 'container', Action: 'update', Actor: { ID: id } });
    };
    const reservation = await quotas.reserve(create({ Memory: MIB }));
    await reservation?.settle(undefined);
    expect(await said(quotas.reserve(create({ Memory: MIB })))).toMatch(/has 4m of 4m/);
  });

  it('of a container that is removed meanwhile count no more', async () => {
    const engine = new FakeEngine(async (what) => {
      if (what.includes('/containers/json') && what.startsWith('is told')) engine.containers.clear();
    });
    engine.put({ tenant: 'team-a', hostConfig: { Memory: MIB } });
    const quotas = createQuotas([{ for: ['team-a'], memory: '1m', containers: 1 }], engine);
    expect(await said(quotas.reserve(create({ Memory: MIB })))).toBe('ok');
  });
});

describe('volumes', () => {
  const anonymous = (digit: string) => ({ Type: 'volume', Name: digit.repeat(64) });

  it('count with those without a name, each once, and those that a container would bring', async () => {
    const { engine, quotas } = on({ volumes: 5 });
    await engine.createNamed('volume', 'team-a', 'db');
    await engine.createNamed('volume', 'team-b', 'other');
    engine.put({
      tenant: 'team-a',
      mounts: [anonymous('a'), anonymous('b'), { Type: 'volume', Name: 'db' }],
    });
    engine.put({ tenant: 'team-a', mounts: [anonymous('b'), { Type: 'bind', Name: '' }] });
    await (await quotas.reserve(create({ Binds: ['db:/db'] })))?.settle(undefined);
    const two = create({ Binds: ['/v', 'new:/n'] }, { newVolumes: ['new'] });
    await (await quotas.reserve(two))?.settle(undefined);
    const three = create({ Binds: ['/v', '/w', 'new:/n'] }, { newVolumes: ['new'] });
    expect(await said(quotas.reserve(three))).toBe(
      `403 quota: team-a has 3 of 5 volumes, and this asks for 3 more; remove one, ${ASK}`,
    );
  });

  it('add nothing when there is one of that name', async () => {
    const { engine, quotas } = on({ volumes: 1 });
    await engine.createNamed('volume', 'team-a', 'db');
    const volume = (Name: string) => requestOf('POST /v1.41/volumes/create', { Name });
    expect(await quotas.reserve(volume('db'))).toBeUndefined();
    expect(await said(quotas.reserve(volume('other')))).toMatch(/has 1 of 1 volumes/);
    expect(await said(quotas.reserve(volume('')))).toMatch(/has 1 of 1 volumes/);
  });

  it('that only the image knew of are seen afterwards', async () => {
    const { engine, quotas } = on({ volumes: 1 });
    const reservation = await quotas.reserve(create());
    const id = engine.put({ tenant: 'team-a', mounts: [anonymous('a'), anonymous('b')] });
    expect((await reservation?.settle(id))?.message).toBe(
      `team-a has 0 of 1 volumes, and this asks for 2 more; remove one, ${ASK}`,
    );
  });

  it('that the gateway made for a container count with it', async () => {
    const { engine, quotas } = on({ volumes: 1 });
    const reservation = await quotas.reserve(create({ Binds: ['new:/n'] }, { newVolumes: ['new'] }));
    await engine.createNamed('volume', 'team-a', 'new');
    expect(await reservation?.settle(engine.put({ tenant: 'team-a' }))).toBeUndefined();
  });

  it('that the gateway made for a container are taken back with it when another was first', async () => {
    const { engine, quotas } = on({ volumes: 1 });
    const reservation = await quotas.reserve(create({ Binds: ['new:/n'] }, { newVolumes: ['new'] }));
    await engine.createNamed('volume', 'team-a', 'elsewhere');
    await engine.createNamed('volume', 'team-a', 'new');
    expect((await reservation?.settle(engine.put({ tenant: 'team-a' })))?.message).toMatch(
      /has 1 of 1 volumes/,
    );
  });
});

describe('networks', () => {
  it('count', async () => {
    const { engine, quotas } = on({ networks: 1 });
    const network = (Name: string) => requestOf('POST /v1.41/networks/create', { Name });
    // The one that every tenant with names of its own has is not counted.
    await engine.createNamed('network', 'team-a', 'team-a__bridge');
    const reservation = await quotas.reserve(network('a'));
    expect(await reservation?.settle(await engine.createNamed('network', 'team-a', 'a'))).toBeUndefined();
    expect(await said(quotas.reserve(network('b')))).toBe(
      `403 quota: team-a has 1 of 1 networks; remove one, ${ASK}`,
    );
  });
});

describe('services', () => {
  const LIMITS = { Limits: { MemoryBytes: 100 * MIB } };
  const spec = (replicas: number | undefined, more: object = {}) => ({
    Name: 'web',
    TaskTemplate: { ContainerSpec: { Image: 'x' }, Resources: LIMITS },
    ...(replicas === undefined ? {} : { Mode: { Replicated: { Replicas: replicas } } }),
    ...more,
  });
  const service = (body: object) => requestOf('POST /v1.41/services/create', body);
  const change = (body: object, query = 'version=3') =>
    requestOf(`POST /v1.41/services/s1/update?${query}`, body, { actedOn: 's1' });

  it('count by their replicas, with their memory', async () => {
    const { engine, quotas } = on({ containers: 4, memory: '1g' });
    engine.services = [{ ID: 's1', CreatedAt: '2026-11-26T11:21:25.1Z', Spec: spec(3) }];
    expect(await said(quotas.reserve(service(spec(2))))).toBe(
      `403 quota Mode: team-a has 3 of 4 containers, and this asks for 2 more; remove one, ${ASK}`,
    );
    for (const body of [spec(1), spec(undefined), spec(undefined, { Mode: { Global: {} } })]) {
      const reservation = await quotas.reserve(service(body));
      expect(reservation?.undo).toBe('remove');
      await reservation?.settle(undefined);
    }
    const jobs = spec(undefined, { Mode: { ReplicatedJob: { MaxConcurrent: 2, TotalCompletions: 9 } } });
    expect(await said(quotas.reserve(service(jobs)))).toMatch(/asks for 2 more/);
    expect(await said(quotas.reserve(create({ Memory: 725 * MIB })))).toMatch(
      /has 300m of 1g of memory reserved, and this asks for 725m more/,
    );
  });

  it('need limits, but for one that is changed in other ways', async () => {
    const { engine, quotas } = on({ containers: 10, memory: '1g' });
    const bare = (replicas: number) => spec(replicas, { TaskTemplate: { ContainerSpec: { Image: 'x' } } });
    expect(await said(quotas.reserve(service(bare(1))))).toBe(
      '403 quota TaskTemplate.Resources.Limits.MemoryBytes: team-a has a quota of memory, and this asks for no limit of it; give one (docker service create --limit-memory)',
    );
    expect(await quotas.reserve(service(bare(0)))).toBeUndefined();
    engine.services = [{ ID: 's1', Spec: bare(2) }];
    expect(await quotas.reserve(change(bare(1)))).toBeUndefined();
    expect(await said(quotas.reserve(change(bare(3))))).toMatch(/no limit of it/);
    expect(await said(quotas.reserve(service(spec(1))))).toMatch(
      /the service web of team-a has no limit of memory/,
    );
  });

  it('grow by what an update or a rollback adds', async () => {
    const { engine, quotas } = on({ containers: 4 });
    engine.services = [{ ID: 's1', Spec: spec(2), PreviousSpec: spec(5) }];
    expect(await quotas.reserve(change(spec(1)))).toBeUndefined();
    expect((await quotas.reserve(change(spec(4))))?.undo).toBe('none');
    expect(await said(quotas.reserve(change(spec(1), 'version=3&rollback=previous')))).toMatch(
      /asks for 3 more/,
    );
  });

  it('count once where their tasks run here, by what the swarm says and not by what a label says', async () => {
    const { engine, quotas } = on({ containers: 4 });
    const labels = { 'com.docker.swarm.task.id': 't1', 'com.docker.swarm.service.id': 's1' };
    engine.services = [{ ID: 's1', Spec: spec(2) }];
    const task = engine.put({ tenant: 'team-a', labels, state: 'running' });
    engine.put({ tenant: 'team-a', labels });
    engine.tasks = [
      { ID: 't1', Status: { ContainerStatus: { ContainerID: task } } },
      { ID: 't2', Status: {} },
    ];
    expect((await quotas.usage('team-a'))?.containers.text).toBe('3 of 4');
    // The swarm does not know the container of the second task yet; a third that says the same is another.
    const second = { 'com.docker.swarm.task.id': 't2' };
    engine.put({ tenant: 'team-a', labels: second });
    expect((await quotas.usage('team-a'))?.containers.text).toBe('3 of 4');
    engine.put({ tenant: 'team-a', labels: second });
    expect((await quotas.usage('team-a'))?.containers.text).toBe('4 of 4');
    expect(engine.asked.find((target) => target.includes('/tasks'))).toBe(
      `/tasks?filters=${encodeURIComponent('{"service":{"s1":true}}')}`,
    );
  });

  it('made by two gateways at once: the later goes', async () => {
    const { engine, quotas } = on({ containers: 2 });
    const first = await quotas.reserve(service(spec(2)));
    const other = createQuotas([{ for: ['team-a'], containers: 2 }], engine);
    const second = await other.reserve(service(spec(2)));
    engine.services = [
      { ID: 's2', CreatedAt: '2026-11-26T11:21:25.12Z', Spec: spec(2) },
      { ID: 's1', CreatedAt: '2026-11-26T11:21:25.119999999Z', Spec: spec(2) },
    ];
    expect(await first?.settle('s1')).toBeUndefined();
    expect((await second?.settle('s2'))?.field).toBe('Mode');
  });
});

describe('images', () => {
  const pull = (image: string, more = {}) =>
    requestOf(`POST /v1.41/images/create?fromImage=${image}&tag=1`, undefined, more);

  it('count when one of their names is the tenant’s, in any registry', async () => {
    const { engine, quotas } = on({ imageBytes: '10m' });
    engine.images = [
      { Id: '1', Size: 4 * MIB, RepoTags: ['team-a/app:1', 'team-a/app:2'] },
      {
        Id: '2',
        Size: 5 * MIB,
        RepoTags: null,
        RepoDigests: [`reg.example.com/team-a/x@sha256:${'a'.repeat(64)}`],
      },
      {
        Id: '3',
        Size: 50 * MIB,
        RepoTags: ['busybox:latest', 'team-ab/x:1', 'reg.example.com/x/team-a/y:1'],
      },
      { Id: '4', Size: 50 * MIB, RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] },
    ];
    expect((await quotas.usage('team-a'))?.imageBytes).toEqual({
      used: 9437184n,
      allowed: 10485760n,
      text: '9m of 10m',
    });
    await (await quotas.reserve(pull('busybox')))?.settle(undefined);
    engine.images.push({ Id: '5', Size: MIB, RepoTags: ['team-a/other:1'] });
    const full = `403 quota: team-a has 10m of 10m of images; remove one (docker rmi), ${ASK}`;
    expect(await said(quotas.reserve(pull('busybox')))).toBe(full);
    for (const line of [
      'images/load',
      'build?t=x',
      'images/create?fromSrc=-',
      'commit?container=x&repo=team-a/z',
    ])
      expect(await said(quotas.reserve(requestOf(`POST /v1.41/${line}`)))).toBe(full);
    expect(await quotas.reserve(requestOf('POST /v1.41/commit?container=x'))).toBeUndefined();
  });

  it('come one at a time for each tenant, so that nobody passes the quota by two', async () => {
    const engine = new FakeEngine();
    const quotas = createQuotas([{ for: ['*'], imageBytes: '10m' }], engine);
    const first = await quotas.reserve(pull('team-a/app'));
    const second = said(quotas.reserve(pull('team-a/other')));
    expect(await said(quotas.reserve(pull('x', { tenant: 'team-b' })))).toBe('ok');
    expect(await quotas.reserve(requestOf('POST /v1.41/build?t=x'))).toBeUndefined();
    engine.images = [{ Id: '1', Size: 11 * MIB, RepoTags: ['team-a/app:1'] }];
    expect(await first?.settle(undefined)).toBeUndefined();
    expect(await second).toMatch(/has 11m of 10m of images/);
    engine.images = [];
    expect(await said(quotas.reserve(pull('team-a/app')))).toBe('ok');
  });

  it('let the next through when the Engine can not tell', async () => {
    const { engine, quotas } = on({ imageBytes: '1m' });
    engine.failing = true;
    await expect(quotas.reserve(pull('x'))).rejects.toThrow();
    engine.failing = false;
    expect(await said(quotas.reserve(pull('x')))).toBe('ok');
  });

  it('count as the composition says', async () => {
    const { engine, quotas } = on(
      { imageBytes: '1m' },
      { ownsImage: (tenant, name) => name.endsWith(`${tenant}-1`) },
    );
    engine.images = [{ Id: '1', Size: MIB, RepoTags: ['x/y:team-a-1'] }];
    expect(await said(quotas.reserve(pull('x')))).toMatch(/has 1m of 1m/);
  });
});

describe('ports', () => {
  const publish = (...ports: string[]) =>
    create({ PortBindings: { '80/tcp': ports.map((HostPort) => ({ HostPort })) } });

  it.each([
    ['30000', true],
    ['30999', true],
    ['30000-30999', true],
    ['8080', true],
    ['29999', false],
    ['30999-31000', false],
    ['8081', false],
    ['', false],
    ['0', false],
    ['x', false],
  ])('of the host: %s', async (port, allowed) => {
    const { engine, quotas } = on({ ports: '30000-30999, 8080' });
    const text = await said(quotas.reserve(publish('30000', port)));
    if (allowed) expect(text).toBe('ok');
    else
      expect(text).toMatch(
        /^403 quota HostConfig.PortBindings\["?80\/tcp"?\]\[1\]: team-a may publish 30000-30999, 8080 of/,
      );
    expect(engine.asked).toEqual([]);
  });

  it('say how to name one', async () => {
    const { quotas } = on({ ports: '30000-30999' });
    expect(await said(quotas.reserve(create({ PublishAllPorts: true })))).toBe(
      "403 quota HostConfig.PublishAllPorts: team-a may publish 30000-30999 of the host's ports, and this publishes a port that the Engine picks for every exposed port; name one of those, such as -p 30000-30999:80",
    );
  });

  it('that the Engine picks are allowed by a word', async () => {
    const { quotas } = on({ ports: '8080,ephemeral' });
    expect(await said(quotas.reserve(publish('', '8080')))).toBe('ok');
    expect(await said(quotas.reserve(publish('8081')))).toMatch(
      /may publish 8080, ephemeral of .*such as -p 8080:80$/,
    );
  });

  it('of services', async () => {
    const { quotas } = on({ ports: '8080' });
    const service = (PublishedPort: number) =>
      requestOf('POST /v1.41/services/create', {
        Name: 'x',
        EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort }] },
      });
    expect(await said(quotas.reserve(service(8080)))).toBe('ok');
    expect(await said(quotas.reserve(service(8081)))).toMatch(/^403 quota EndpointSpec/);
    expect(await said(quotas.reserve(service(0)))).toMatch(/^403 quota EndpointSpec/);
  });
});

describe('what a tenant has', () => {
  it('is told with what it may have', async () => {
    const { engine, quotas } = on({ containers: 10, memory: '4g', ports: '1-2', networks: 0 });
    engine.put({
      tenant: 'team-a',
      state: 'running',
      hostConfig: { Memory: 1.5 * 1024 * MIB, NanoCpus: 2.5e8 },
    });
    engine.put({ tenant: 'team-a' });
    const usage = await quotas.usage('team-a');
    const texts = Object.entries(usage ?? {}).map(([of, value]) => [
      of,
      typeof value === 'object' ? value.text : value,
    ]);
    expect(Object.fromEntries(texts)).toEqual({
      containers: '2 of 10',
      running: '1',
      memory: '1.5g of 4g',
      cpus: '0.25',
      volumes: '0',
      networks: '0 of 0',
      imageBytes: '0b',
      ports: '1-2',
    });
  });
});
