import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { rawClient } from '../support/http.ts';
import type { Caller } from './caller.ts';
import { FILTERS } from './places.ts';
import { IDLE, openWorld, type Things, tellsOf, type World } from './world.ts';

let world: World;
/** A running container of each tenant on the network that everybody may use. */
let guests: { readonly theirs: string; readonly own: string };

beforeAll(async () => {
  world = await openWorld();
  const { alan, bert, engine } = world.as;
  const [theirs, own] = await Promise.all([guest(alan), guest(bert), guest(engine)]);
  guests = { theirs: theirs as string, own: own as string };
});
afterAll(async () => {
  await world?.close();
});

async function guest(as: Caller): Promise<string> {
  const { Id } = await as.json<{ Id: string }>('POST /containers/create', {
    Image: 'busybox:latest',
    Cmd: ['sh', '-c', IDLE],
  });
  await as.json(`POST /containers/${Id}/start`);
  return Id;
}

const LISTS = OPERATIONS.filter(
  ({ id, path }) => /^(?:Container|Network|Volume|Image|Service|Task|Secret|Config)List$/.test(id) && path,
);

/** What a list tells of each object that it has, by its id; a volume's is its name. */
function idsOf(body: string): string[] {
  const read = JSON.parse(body) as object;
  const items = ('Volumes' in read ? read.Volumes : read) as Record<string, string>[] | null;
  return (items ?? []).map(({ Id, ID, Name }) => Id ?? ID ?? Name ?? '');
}

/** Containers are listed newest first; the rest in no order. */
function ordered(operationId: string, ids: readonly string[]): readonly string[] {
  return operationId === 'ContainerList' ? ids : [...ids].sort();
}

/** Ids of what somebody of a tenant sees of a kind: asked of the Engine by the label, told from the set-up. */
async function mine(tenant: string, things: Things): Promise<Set<string>> {
  const { engine } = world.as;
  const label = encodeURIComponent(JSON.stringify({ label: [`io.quaywarden.tenant=${tenant}`] }));
  const containers = idsOf((await engine.call(`GET /containers/json?all=1&filters=${label}`)).body);
  const volumes = idsOf((await engine.call(`GET /volumes?filters=${label}`)).body);
  const { Id: bridge } = await engine.json<{ Id: string }>('GET /networks/bridge');
  const { Id: busybox } = await engine.json<{ Id: string }>('GET /images/busybox:latest/json');
  return new Set([...things.all.map(({ id }) => id), ...containers, ...volumes, bridge, busybox]);
}

const query = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;

describe.each([
  { who: 'bert', tenant: 'team-b', own: 'own', other: 'theirs', secrets: true },
  { who: 'bob', tenant: 'team-b', own: 'own', other: 'theirs', secrets: false },
  { who: 'viewer', tenant: 'team-a', own: 'theirs', other: 'own', secrets: false },
] as const)('$who of $tenant', ({ who, tenant, own, other, secrets }) => {
  const lists = LISTS.filter((each) => secrets || each.class !== 'secret');

  it.each(lists.map((each) => [each.id, each] as const))(
    'sees in a %s what the Engine lists of its own, by whatever filter',
    async (id, operation) => {
      const { as } = world;
      const seen = await mine(tenant, world[own]);
      const { container, image } = world[own].of;
      const thing = world[own].of[operation.kind as 'container'];
      const values = [
        ...new Set([thing.name, thing.id, container.name, image.name]),
        ...['true', 'running', 'bridge', 'local', 'canary', world[own].label.key, world[other].label.key],
        `${world[other].label.key}=${world[other].label.value}`,
      ].filter((value) => value !== '');
      const all = id === 'ContainerList' ? 'all=1&' : '';
      let compared = 0;
      const hold = async (parameters: string) => {
        const target = `GET ${operation.path}?${parameters}`;
        const [got, bare] = await Promise.all([as[who].call(target), as.engine.call(target)]);
        const said = decodeURIComponent(parameters);
        const told = tellsOf(got, world[other], world.unowned).filter((secret) => !said.includes(secret));
        expect(told, target).toEqual([]);
        if (bare.status !== 200) return expect(got.status, target).toBeGreaterThanOrEqual(400);
        compared += 1;
        expect(got.status, `${target} ${got.body}`).toBe(200);
        const wanted = idsOf(bare.body).filter((each) => seen.has(each));
        expect(ordered(id, idsOf(got.body)), target).toEqual(ordered(id, wanted));
      };
      await hold(all);
      expect(idsOf((await as[who].call(`GET ${operation.path}?${all}`)).body)).toContain(thing.id);
      for (const key of FILTERS) {
        const works = values.map(async (value) => {
          // Of others' things the Engine would say more than that there are none.
          if (/^(?:since|before|service|node)$/.test(key) && !isOf(value, world[own])) return;
          await hold(`${all}${query({ [key]: [value] })}`);
        });
        await Promise.all(works);
      }
      expect(compared).toBeGreaterThan(10);
    },
  );

  it('sees as many containers as it asks for, of its own', async () => {
    const { as } = world;
    const seen = await mine(tenant, world[own]);
    const bare = await as.engine.call('GET /containers/json?all=1');
    const wanted = idsOf(bare.body).filter((each) => seen.has(each));
    expect(wanted.length).toBeGreaterThan(2);
    for (let limit = 1; limit <= wanted.length + 1; limit += 1) {
      const got = await as[who].call(`GET /containers/json?limit=${limit}`);
      expect(idsOf(got.body)).toEqual(wanted.slice(0, limit));
    }
  });

  it('counts its own alone', async () => {
    const { as } = world;
    const running = idsOf((await as[who].call('GET /containers/json')).body).length;
    const all = idsOf((await as[who].call('GET /containers/json?all=1')).body).length;
    const images = idsOf((await as[who].call('GET /images/json')).body).length;
    const info = await as[who].call('GET /info');
    expect(JSON.parse(info.body)).toMatchObject({
      Containers: all,
      ContainersRunning: running,
      ContainersStopped: all - running,
      ContainersPaused: 0,
      Images: images,
    });
    const usage = await as[who].call('GET /system/df');
    const seen = await mine(tenant, world[own]);
    const used = JSON.parse(usage.body) as Record<string, Record<string, string>[]>;
    expect(used['Containers']).toHaveLength(all);
    expect(used['Images']).toHaveLength(images);
    for (const kind of ['Containers', 'Images', 'Volumes']) {
      expect(
        (used[kind] ?? []).map(({ Id, Name }) => Id ?? Name).filter((id) => !seen.has(id ?? '')),
      ).toEqual([]);
    }
    for (const reply of [info, usage]) expect(tellsOf(reply, world[other], world.unowned)).toEqual([]);
  });

  it('sees on a network that everybody uses its own containers alone', async () => {
    for (const line of ['GET /networks/bridge', 'GET /networks/bridge?verbose=true', 'GET /v1.27/networks']) {
      const got = await world.as[who].call(line);
      expect(tellsOf(got, world[other], world.unowned), line).toEqual([]);
      expect(got.body, line).toContain(own === 'own' ? guests.own : guests.theirs);
      expect(got.body, line).not.toContain(own === 'own' ? guests.theirs : guests.own);
    }
  });

  it('sees past events of its own alone', async () => {
    const until = Math.floor(Date.now() / 1000);
    const filters = [
      'container',
      'image',
      'network',
      'volume',
      'secret',
      'config',
      'service',
      'node',
      'daemon',
    ];
    for (const more of ['', ...filters.map((type) => `&${query({ type: [type] })}`)]) {
      const got = await world.as[who].call(`GET /events?since=1&until=${until}${more}`);
      expect(got.status).toBe(200);
      expect(tellsOf(got, world[other], world.unowned), more).toEqual([]);
      if (more === '') for (const { id } of containersOf(world[own])) expect(got.body).toContain(id);
    }
  });

  it('sees events of its own at once, while they happen', async () => {
    const { door, as } = world;
    const client = await rawClient(
      door.gateway.port,
      `${door.gateway.certPath('admin')}/ca.pem`,
      await door.certPath(who),
    );
    client.write(`GET /events HTTP/1.1\r\nHost: x\r\n\r\n`);
    await client.until(/\r\n\r\n/);
    const [mine, others] = own === 'own' ? [as.bert, as.alan] : [as.alan, as.bert];
    const late: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      await others.json('POST /volumes/create', { Name: `canary-other-${who}-${round}` });
      await mine.json('POST /volumes/create', { Name: `live-${who}-${round}` });
      const started = performance.now();
      await client.until(new RegExp(`"ID":"live-${who}-${round}"`), 5_000);
      late.push(performance.now() - started);
    }
    expect(client.received()).not.toContain('canary-other');
    client.socket.destroy();
    expect(Math.min(...late), `${late}`).toBeLessThan(500);
  });
});

function isOf(value: string, { all }: Things): boolean {
  return all.some(({ name, id }) => name === value || id === value);
}

function containersOf({ all }: Things): Things['all'] {
  return all.filter(({ kind }) => kind === 'container');
}

describe('an image that a tenant makes of a container', () => {
  it('carries no owner, and can not be given one', async () => {
    const { name } = world.own.of.image;
    const { Config } = await world.as.bert.json<{ Config: { Labels: Record<string, string> } }>(
      `GET /images/${name}/json`,
    );
    expect(Config.Labels).toEqual({
      'io.quaywarden.tenant': '',
      'io.quaywarden.owner': '',
      'io.quaywarden.mark': '',
    });
    const changes = encodeURIComponent('LABEL io.quaywarden.tenant=team-a');
    const box = world.own.of.container.id;
    const refused = await world.as.bert.call(
      `POST /commit?container=${box}&repo=team-b/more&changes=${changes}`,
    );
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('[own-label]')]);
  });
});

describe('an operator', () => {
  it.each(LISTS.map(({ id, path }) => [id, path] as const))('sees all in a %s', async (id, path) => {
    const target = `GET ${path}?all=1`;
    const line = path.startsWith('/containers') || path.startsWith('/images') ? target : `GET ${path}`;
    const [got, bare] = await Promise.all([world.as.admin.call(line), world.as.engine.call(line)]);
    expect(ordered(id, idsOf(got.body))).toEqual(ordered(id, idsOf(bare.body)));
    // It may have become ten seconds meanwhile.
    const still = (body: string): string => body.replaceAll(/"Status":"Up [^"]*"/g, '"Status":"Up"');
    expect(still(got.body)).toHaveLength(still(bare.body).length);
  });

  it('counts and hears all', async () => {
    const until = Math.floor(Date.now() / 1000);
    for (const line of [`GET /events?since=1&until=${until}`, 'GET /networks/bridge']) {
      const [got, bare] = await Promise.all([world.as.admin.call(line), world.as.engine.call(line)]);
      expect(got.body.split('\n').sort()).toEqual(bare.body.split('\n').sort());
    }
    const [got, bare] = await Promise.all([
      world.as.admin.json<{ Containers: number }>('GET /info'),
      world.as.engine.json<{ Containers: number }>('GET /info'),
    ]);
    expect(got.Containers).toBe(bare.Containers);
  });
});

describe('a prune', () => {
  /** What nobody uses, of each kind; the names begin with the tenant's. */
  const leave = async (as: Caller, whose: string) => {
    const container = `${whose}-stopped`;
    await as.json(`POST /containers/create?name=${container}`, { Image: 'busybox:latest' });
    await as.json('POST /networks/create', { Name: `${whose}-unused` });
    await as.json('POST /volumes/create', { Name: `${whose}-unused` });
  };
  const names = async () => {
    const { engine } = world.as;
    const all = await Promise.all(
      ['containers/json?all=1', 'networks', 'volumes', 'images/json?all=1'].map((path) =>
        engine.call(`GET /${path}`),
      ),
    );
    const words = /(?:common|team-[ab])-(?:stopped|unused)|"sha256:\w+"/g;
    return [...new Set(all.flatMap(({ body }) => body.match(words) ?? []))].sort();
  };

  it.each([
    ['containers', 'stopped'],
    ['networks', 'unused'],
    ['volumes', 'unused'],
  ] as const)('of %s removes and reports what is its own', async (kind, what) => {
    const { alan, bert, engine } = world.as;
    await Promise.all([leave(alan, 'team-a'), leave(bert, 'team-b'), leave(engine, 'common')]);
    const before = await world.as.engine.call(
      `GET /${kind === 'containers' ? 'containers/json?all=1' : kind}`,
    );
    const got = await world.as.bob.call(`POST /${kind}/prune`);
    expect([got.status, tellsOf(got, world.theirs, world.unowned)]).toEqual([200, []]);
    expect(got.body).not.toMatch(/team-a|common/);
    const after = await world.as.engine.call(
      `GET /${kind === 'containers' ? 'containers/json?all=1' : kind}`,
    );
    const gone = idsOf(before.body).filter((id) => !idsOf(after.body).includes(id));
    const reported = Object.values(JSON.parse(got.body) as Record<string, unknown>)[0] as string[];
    expect(gone.length).toBeGreaterThan(0);
    expect(reported).toHaveLength(gone.length);
    const left = await names();
    expect(left).toContain(`team-a-${what}`);
    expect(left).toContain(`common-${what}`);
    if (kind !== 'networks') expect(reported.sort()).toEqual(gone.sort());
    for (const whose of ['team-a', 'team-b', 'common']) {
      await engine.call(`DELETE /containers/${whose}-stopped`);
      await engine.call(`DELETE /networks/${whose}-unused`);
      await engine.call(`DELETE /volumes/${whose}-unused`);
    }
  });

  it('of images removes none of another', async () => {
    const before = (await names()).filter((name) => name.startsWith('"sha256'));
    for (const dangling of ['true', 'false']) {
      const got = await world.as.bob.call(`POST /images/prune?${query({ dangling: [dangling] })}`);
      expect([got.status, tellsOf(got, world.theirs, world.unowned)]).toEqual([200, []]);
    }
    expect((await names()).filter((name) => name.startsWith('"sha256'))).toEqual(before);
  });
});
