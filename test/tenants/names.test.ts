import { appendFileSync, copyFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { docker } from '../support/docker.ts';
import type { FrontDoor } from '../support/front-door.ts';
import { openTenantDoor, openTenants, type Tenants } from '../support/tenants.ts';
import { type Caller, callerAt, type Reply } from './caller.ts';
import { IDLE } from './world.ts';

const PRIVATE = { config: { tenancy: { enabled: true, names: 'private' } } };

/** Grants that speak of names: a tenant's own. */
const GRANTS = `
p, role:narrow, container/{tenant}/, ContainerList, true, allow
p, role:support, container/{tenant}/, ContainerList, true, allow
p, role:narrow, container/{tenant}/web, @read @lifecycle, true, allow
p, role:narrow, container/{tenant}/narrow-*, @read @lifecycle, networksWithin('back') && volumesWithin('db'), allow
p, role:narrow, network/{tenant}/back, ContainerCreate NetworkInspect, true, allow
p, role:narrow, volume/{tenant}/db, ContainerCreate VolumeInspect, true, allow
p, role:narrow, image/docker.io/library/**, @read ContainerCreate, true, allow
p, role:support, container/team-a/web, @read, true, allow
p, role:support, network/-/bridge, NetworkInspect NetworkConnect, true, allow
`;

let tenants: Tenants;
let other: FrontDoor;
const as = {} as Record<'alice' | 'bob' | 'viewer' | 'narrow' | 'support' | 'root' | 'admin', Caller>;
/** All that alice, vera and bob ever read. */
const read: string[] = [];

beforeAll(async () => {
  const options = {
    ...PRIVATE,
    prepare: (dir: string) => appendFileSync(`${dir}/policies/grants.csv`, GRANTS),
  };
  tenants = await openTenants(options);
  other = await openTenantDoor({ ...options, engineSocket: tenants.engine.socket });
  await tenants.door.certPath('narrow', { cn: 'narrow', o: 'team-a', ou: 'narrow' });
  await tenants.door.certPath('support', { cn: 'support', o: 'help', ou: 'support' });
  await tenants.door.certPath('root', { cn: 'root', o: 'team-a', ou: 'operator' });
  for (const name of ['alice', 'bob', 'viewer', 'narrow', 'support', 'root', 'admin'] as const) {
    const caller = await callerAt(tenants.door, name);
    as[name] = ['root', 'admin', 'support'].includes(name) ? caller : heard(caller);
  }
  for (const who of ['alice', 'bob'] as const) {
    await as[who].json('POST /networks/create', { Name: 'back', Labels: { of: who } });
    await run(who, 'web', { HostConfig: { NetworkMode: 'back', Binds: ['db:/data'] } });
    await run(who, 'plain', {});
  }
});
afterAll(async () => {
  for (const caller of Object.values(as)) caller.close();
  await other?.close();
  await tenants?.close();
});

/** Somebody whose replies are kept. */
function heard(caller: Caller): Caller {
  const call: Caller['call'] = async (line, body, timeoutMs) => {
    const reply = await caller.call(line, body, timeoutMs);
    read.push(`${line}\n${reply.head}\n${reply.body}`);
    return reply;
  };
  return {
    ...caller,
    call,
    json: async <T>(line: string, body?: unknown) => {
      const reply = await call(line, body);
      if (reply.status > 299) throw new Error(`${line}: ${reply.status} ${reply.body}`);
      return (reply.body === '' ? {} : JSON.parse(reply.body)) as T;
    },
  };
}

async function run(who: keyof typeof as, name: string, body: object): Promise<string> {
  const { Id } = await as[who].json<{ Id: string }>(`POST /containers/create?name=${name}`, {
    Image: 'busybox:latest',
    Cmd: ['sh', '-c', IDLE],
    ...body,
  });
  await as[who].json(`POST /containers/${Id}/start`);
  return Id;
}

/** The docker CLI of somebody. */
async function cli(who: 'alice' | 'bob', line: string): Promise<string> {
  const { gateway } = tenants.door;
  const certPath = await tenants.door.certPath(who);
  copyFileSync(`${gateway.certPath('admin')}/ca.pem`, `${certPath}/ca.pem`);
  const { stdout, stderr } = await docker(line.split(' '), { host: gateway.host, certPath });
  read.push(`${line}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

const query = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`;
const messageOf = ({ body }: Reply) => (JSON.parse(body) as { message: string }).message;

async function names(who: keyof typeof as, line: string): Promise<string[]> {
  const body = await as[who].json<object>(`GET ${line}`);
  const items = ('Volumes' in body ? body.Volumes : body) as { Name?: string; Names?: string[] }[];
  return items.map(({ Name, Names = [] }) => Name ?? Names.join()).sort();
}

describe('two tenants with the same names', () => {
  it('have each their own containers, networks and volumes', async () => {
    for (const who of ['alice', 'bob'] as const) {
      expect(await names(who, '/containers/json')).toEqual(['/plain', '/web']);
      expect(await names(who, '/networks')).toEqual(['back', 'bridge']);
      expect(await names(who, '/volumes')).toEqual(['db']);
      expect(await as[who].json('GET /networks/back')).toMatchObject({ Name: 'back', Labels: { of: who } });
      expect(await as[who].json('GET /containers/web/json')).toMatchObject({
        Name: '/web',
        HostConfig: { NetworkMode: 'back', Binds: ['db:/data'] },
        Mounts: [{ Name: 'db' }],
        NetworkSettings: { Networks: { back: {} } },
        Config: { Labels: { 'io.quaywarden.owner': who } },
      });
      expect(await as[who].json('GET /volumes/db')).toMatchObject({ Name: 'db' });
      await cli(who, `exec web sh -c cat>/data/${who}</dev/null`);
    }
    expect(await cli('alice', 'exec web ls /data')).toBe('alice\n');
    expect(await cli('bob', 'run --rm -v db:/data busybox ls /data')).toBe('bob\n');
  });

  it('reach what is theirs by name, on networks that they made and on the one that each has', async () => {
    const ping = async (who: 'alice' | 'bob', options: string, name: string) =>
      cli(who, `run --rm ${options} busybox ping -c1 -W1 ${name}`.replace('  ', ' '));
    const address = async (who: 'alice' | 'bob', name: string) =>
      Object.values(
        (
          await as[who].json<{ NetworkSettings: { Networks: Record<string, { IPAddress: string }> } }>(
            `GET /containers/${name}/json`,
          )
        ).NetworkSettings.Networks,
      )[0]?.IPAddress;
    for (const who of ['alice', 'bob'] as const) {
      expect(await ping(who, '--network back', 'web')).toContain(`PING web (${await address(who, 'web')})`);
      expect(await ping(who, '', 'plain')).toContain(`PING plain (${await address(who, 'plain')})`);
    }
    // Not across: another network, which has no way there.
    expect(await ping('alice', '', (await address('bob', 'plain')) ?? '')).toContain('100% packet loss');
    await as.alice.json('POST /networks/back/connect', { Container: 'plain' });
    expect(await ping('alice', '--network back', 'plain')).toContain('1 packets received');
    await as.alice.json('POST /networks/back/disconnect', { Container: 'plain' });
  });

  it('show an operator what the Engine calls them', async () => {
    expect(await names('admin', '/containers/json')).toEqual([
      '/team-a__plain',
      '/team-a__web',
      '/team-b__plain',
      '/team-b__web',
    ]);
    expect((await as.admin.call('GET /containers/web/json')).status).toBe(404);
    expect(await as.admin.json('GET /containers/team-b__web/json')).toMatchObject({
      Name: '/team-b__web',
      NetworkSettings: { Networks: { 'team-b__back': {} } },
    });
  });

  it('show whoever has a grant on one that one, under its whole name', async () => {
    expect(await names('support', '/containers/json')).toEqual(['/team-a__web']);
    expect((await as.support.call('GET /containers/web/json')).status).toBe(404);
    expect((await as.support.call('GET /containers/team-a__web/json')).status).toBe(200);
    expect((await as.support.call('GET /containers/team-b__web/json')).status).toBe(404);
  });

  it('find nothing by the name on the Engine, their own or another’s', async () => {
    for (const name of ['team-a__web', 'team-b__web']) {
      const reply = await as.bob.call(`GET /containers/${name}/json`);
      expect([reply.status, messageOf(reply)]).toEqual([404, `No such container: ${name}`]);
      read.pop();
    }
  });
});

describe('the network that containers join which name none', () => {
  it('is one for each tenant, shown as bridge, and the Engine’s own is not there', async () => {
    const [a, b] = await Promise.all(
      (['alice', 'bob'] as const).map((who) => as[who].json<{ Id: string }>('GET /networks/bridge')),
    );
    expect(a?.Id).not.toBe(b?.Id);
    const { Id: engines } = await as.admin.json<{ Id: string; Containers: object }>('GET /networks/bridge');
    expect((await as.alice.call(`GET /networks/${engines}`)).status).toBe(404);
    expect(await as.admin.json('GET /networks/bridge')).toMatchObject({ Containers: {} });
    for (const NetworkMode of ['', 'default', 'bridge', undefined]) {
      const { Id } = await as.alice.json<{ Id: string }>('POST /containers/create', {
        Image: 'busybox:latest',
        HostConfig: { NetworkMode },
        NetworkingConfig: NetworkMode === 'bridge' ? { EndpointsConfig: { bridge: {} } } : {},
      });
      expect(await as.alice.json(`GET /containers/${Id}/json`)).toMatchObject({
        HostConfig: { NetworkMode: 'bridge' },
        NetworkSettings: { Networks: { bridge: { NetworkID: a?.Id } } },
      });
      await as.alice.json(`DELETE /containers/${Id}`);
    }
    const twice = await as.alice.call('POST /containers/create', {
      Image: 'busybox:latest',
      NetworkingConfig: { EndpointsConfig: { bridge: {}, default: {} } },
    });
    expect([twice.status, messageOf(twice)]).toEqual([400, expect.stringContaining('network-named-twice')]);
  });

  it('stays, whatever is pruned or removed, and nobody makes another of the words', async () => {
    const gone = await as.alice.call('DELETE /networks/bridge');
    expect([gone.status, messageOf(gone)]).toEqual([
      403,
      'bridge is a pre-defined network and cannot be removed',
    ]);
    await as.narrow.call('GET /networks');
    await as.alice.json('POST /networks/create', { Name: 'unused' });
    expect(await as.alice.json('POST /networks/prune')).toEqual({ NetworksDeleted: ['unused'] });
    for (const Name of ['bridge', 'host', 'none', 'default']) {
      const made = await as.alice.call('POST /networks/create', { Name });
      expect([made.status, messageOf(made)]).toEqual([
        403,
        `operation is not permitted on predefined ${Name} network`,
      ]);
    }
  });

  it('is made once by two gateways at once', async () => {
    const callers = await Promise.all(
      [tenants.door, other].map(async (door) => {
        await door.certPath('fresh', { cn: 'fresh', o: 'team.fresh', ou: 'developer' });
        return callerAt(door, 'fresh');
      }),
    );
    const ids = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, at) =>
          ((await callers[at % 2]?.json<{ Id: string }>('GET /networks/bridge')) ?? { Id: '' }).Id,
      ),
    );
    // Whoever is first may be told of one that goes again when both made one; from then on it is one.
    const after = await Promise.all(callers.map((each) => each.json<{ Id: string }>('GET /networks/bridge')));
    expect(new Set(after.map(({ Id }) => Id)).size).toBe(1);
    expect(ids).toContain(after[0]?.Id);
    expect((await names('admin', '/networks')).filter((each) => each.includes('fresh'))).toEqual([
      'team_2efresh__bridge',
    ]);
    // A prune that would take it, as nothing is on it, spares it.
    expect(await callers[0]?.json('POST /networks/prune')).toEqual({ NetworksDeleted: null });
    expect(await callers[0]?.json('GET /networks/bridge')).toMatchObject({ Id: after[0]?.Id });
    for (const each of callers) each.close();
  });
});

describe('filters', () => {
  it.each([
    [{ name: ['web'] }, ['/web']],
    [{ name: ['^/web$'] }, ['/web']],
    [{ name: ['^web$', 'plain'] }, ['/plain', '/web']],
    [{ name: ['team'] }, []],
    [{ name: ['__'] }, []],
    [{ name: ['^[a-p]+$'] }, ['/plain']],
    [{ network: ['back'] }, ['/web']],
    [{ network: ['bridge'] }, ['/plain']],
    [{ network: ['team-a__back'] }, []],
    [{ volume: ['db'] }, ['/web']],
    [{ volume: ['/data'] }, ['/web']],
    [{ name: ['web'], network: ['bridge'] }, []],
  ])('of containers: %o', async (filters, expected) => {
    expect(await names('alice', `/containers/json?${query(filters)}`)).toEqual(expected);
  });

  it('count after names were looked at', async () => {
    expect(await names('alice', `/containers/json?limit=1&${query({ name: ['web'] })}`)).toEqual(['/web']);
    expect(await names('alice', '/containers/json?limit=1')).toEqual(['/plain']);
  });

  it('of networks and volumes', async () => {
    expect(await names('alice', `/networks?${query({ name: ['^ba'] })}`)).toEqual(['back']);
    expect(await names('alice', `/networks?${query({ name: ['team'] })}`)).toEqual([]);
    expect(await names('alice', `/volumes?${query({ name: ['d.$'] })}`)).toEqual(['db']);
    expect(await names('alice', `/volumes?${query({ name: ['a__db'] })}`)).toEqual([]);
  });

  it('that can not be told are refused', async () => {
    const reply = await as.alice.call(`GET /containers/json?${query({ name: ['(?i)WEB'] })}`);
    expect([reply.status, messageOf(reply)]).toEqual([400, expect.stringContaining('[filter-pattern]')]);
  });

  it('of events, and events with the names', async () => {
    const since = Math.floor(Date.now() / 1_000) - 600;
    const events = async (filters: object) => {
      const line = `GET /events?since=${since}&until=${Math.floor(Date.now() / 1_000)}&${query(filters)}`;
      const { body } = await as.alice.call(line, undefined, 20_000);
      const lines = body.split('\n').filter((text) => text !== '');
      return lines.map((text) => {
        const { Action, Actor } = JSON.parse(text) as {
          Action: string;
          Actor: { ID: string; Attributes: { name?: string } };
        };
        return `${Action} ${Actor.Attributes.name ?? Actor.ID}`;
      });
    };
    expect(await events({ container: ['web'], event: ['create', 'start'] })).toEqual([
      'create web',
      'start web',
    ]);
    expect(await events({ container: ['team'] })).toEqual([]);
    expect(new Set(await events({ type: ['volume'], event: ['create'] }))).toEqual(new Set(['create db']));
    expect(await events({ network: ['back'], event: ['create'] })).toEqual(['create back']);
    expect(await events({ volume: ['db'], event: ['mount'] })).toContain('mount db');
  });
});

describe('names', () => {
  it('change, and are said as the Engine says them when they are taken', async () => {
    const id = await run('alice', 'first', {});
    await as.alice.json('POST /containers/first/rename?name=second');
    expect(await as.alice.json('GET /containers/second/json')).toMatchObject({ Id: id, Name: '/second' });
    expect((await as.alice.call('GET /containers/first/json')).status).toBe(404);
    const taken = await as.alice.call('POST /containers/create?name=second', { Image: 'busybox:latest' });
    expect([taken.status, messageOf(taken)]).toEqual([
      409,
      `Conflict. The container name "/second" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
    ]);
    const again = await as.alice.call('POST /networks/create', { Name: 'back', CheckDuplicate: true });
    expect([again.status, messageOf(again)]).toEqual([409, 'network with name back already exists']);
    const bad = await as.alice.call('POST /containers/create?name=-x', { Image: 'busybox:latest' });
    expect([bad.status, messageOf(bad)]).toEqual([
      400,
      'Invalid container name (-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed',
    ]);
    const inUse = await as.alice.call('DELETE /volumes/db');
    expect([inUse.status, messageOf(inUse)]).toEqual([
      409,
      expect.stringMatching(/^remove db: volume is in use/),
    ]);
    await as.alice.json(`DELETE /containers/${id}?force=1`);
  });

  it('of what is there already are found as they are, after what is the tenant’s own', async () => {
    // Whoever sees all names as the Engine does.
    await as.root.json('POST /volumes/create', { Name: 'old' });
    await as.root.json('POST /containers/create?name=old', { Image: 'busybox:latest' });
    expect(await as.alice.json('GET /containers/old/json')).toMatchObject({ Name: '/old' });
    expect(await as.alice.json('POST /volumes/create', { Name: 'old' })).toMatchObject({ Name: 'old' });
    expect(await names('admin', `/volumes?${query({ name: ['old'] })}`)).toEqual(['old']);
    expect((await as.bob.call('GET /volumes/old')).status).toBe(404);
    expect(await as.bob.json('POST /volumes/create', { Name: 'old' })).toMatchObject({ Name: 'old' });
    const { Id } = await as.alice.json<{ Id: string }>('POST /containers/create?name=old', {
      Image: 'busybox:latest',
    });
    expect(await as.alice.json('GET /containers/old/json')).toMatchObject({ Id });
    await as.alice.json('DELETE /containers/old');
    await as.alice.json('DELETE /containers/old');
    await as.alice.json('DELETE /volumes/old');
    await as.bob.json('DELETE /volumes/old');
  });

  it('are a tenant’s own in grants and conditions', async () => {
    expect(await names('narrow', '/containers/json')).toEqual(['/web']);
    const make = async (name: string, HostConfig: object) =>
      (await as.narrow.call(`POST /containers/create?name=${name}`, { Image: 'busybox:latest', HostConfig }))
        .status;
    expect(await make('narrow-1', { NetworkMode: 'back', Binds: ['db:/data'] })).toBe(201);
    expect(await make('narrow-2', { NetworkMode: 'bridge' })).toBe(403);
    expect(await make('narrow-2', { NetworkMode: 'back', Binds: ['else:/data'] })).toBe(403);
    expect(await make('broad', { NetworkMode: 'back' })).toBe(403);
    expect((await as.narrow.call('DELETE /containers/narrow-1')).status).toBe(204);
  });
});

it('never does the tenant read what its names are on the Engine', async () => {
  const { alice, viewer } = as;
  const { Id } = await alice.json<{ Id: string }>('POST /containers/create?name=broad', {
    Image: 'busybox:latest',
    HostConfig: { Mounts: [{ Type: 'volume', Source: 'broad', Target: '/b' }] },
    NetworkingConfig: { EndpointsConfig: { back: { Aliases: ['b'] } } },
  });
  for (const line of [
    `GET /containers/${Id}/json?size=1`,
    'GET /containers/json?all=1&size=1',
    'GET /containers/web/stats?stream=0',
    'GET /containers/web/top',
    'GET /containers/web/changes',
    'GET /networks/back?verbose=1',
    'GET /networks/bridge',
    'GET /system/df',
    'GET /info',
    'POST /containers/broad/wait?condition=not-running',
    'DELETE /volumes/broad',
    'DELETE /networks/back',
    'POST /containers/web/rename?name=plain',
    'POST /containers/web/update',
    'POST /commit?container=web&repo=team-a/web',
    'GET /images/team-a/web/json',
    'GET /images/team-a/web/history',
    'POST /containers/prune',
    'POST /networks/prune',
    'POST /volumes/prune',
  ]) {
    await alice.call(line, line.includes('update') ? {} : undefined);
    if (line.startsWith('GET')) await viewer.call(line);
  }
  for (const options of ['ps -a --no-trunc', 'inspect web', 'system df -v']) {
    await cli('alice', options);
  }
  expect(read.length).toBeGreaterThan(100);
  expect(read.filter((text) => /team-[ab]__/.test(text.slice(text.indexOf('\n'))))).toEqual([]);
});
