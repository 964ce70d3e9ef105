import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../../src/docker/request.ts';
import { privateNames } from '../../../src/tenancy/names/names.ts';
import {
  bodyForEngine,
  checkGoodName,
  checkMayGo,
  type Named,
  queryForEngine,
} from '../../../src/tenancy/names/request.ts';
import type { Owned } from '../../../src/tenancy/owned.ts';

const [BRIDGE, BACK, PROXY, WEB] = ['b', '1', '2', '3'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
  string,
];
const names = privateNames('team-a');
const back: Owned = { kind: 'network', id: BACK, name: 'back', tenant: 'team-a' };
const proxy: Owned = { kind: 'network', id: PROXY, name: 'proxy', tenant: '-' };
const web: Owned = { kind: 'container', id: WEB, name: 'web', tenant: 'team-a' };

function named(more: Partial<Named> = {}): Named {
  const bridge = async () => BRIDGE;
  const volumes = new Map([['db', 'team-a__db']]);
  return { names, tenant: 'team-a', object: undefined, objects: [], volumes, bridge, ...more };
}

function api(line: string) {
  const [method = '', target = ''] = line.split(' ');
  return parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
}

const query = async (line: string, more?: Partial<Named>) =>
  (await queryForEngine(api(line), named(more))).query;
const create = (body: unknown, more?: Partial<Named>, name = '?name=/web') =>
  bodyForEngine(api(`POST /containers/create${name}`), body, named(more));

describe('a query for the Engine', () => {
  it('names what is made in the space of whoever owns it', async () => {
    expect(await query('POST /containers/create?name=/web')).toMatchObject({ name: 'team-a__web' });
    expect(await query('POST /containers/create')).toEqual({});
    const rename = `POST /containers/${WEB}/rename?name=new`;
    expect(await query(rename, { object: web })).toEqual({ name: 'team-a__new' });
    expect(await query(rename, { object: { ...web, tenant: 'team-b' } })).toEqual({ name: 'team-b__new' });
    expect(await query(rename, { object: { ...web, tenant: '-' } })).toEqual({ name: 'new' });
  });

  it('has classic builds run on the tenant’s own network', async () => {
    for (const mode of ['', '?networkmode=default', '?networkmode=bridge']) {
      expect(await query(`POST /build${mode}`)).toMatchObject({ networkmode: BRIDGE });
    }
    expect(await query('POST /build?networkmode=none')).toMatchObject({ networkmode: 'none' });
    expect(await query('POST /build?version=2')).toEqual({ version: '2' });
  });

  it('leaves names of lists to the gateway, and then the limit too', async () => {
    const filters = (of: object) => `filters=${encodeURIComponent(JSON.stringify(of))}`;
    expect(
      await query(`GET /containers/json?limit=2&${filters({ name: ['web'], network: ['back'] })}`),
    ).toEqual({
      all: true,
      filters: { network: ['back', 'team-a__back'] },
    });
    expect(await query(`GET /containers/json?limit=2&${filters({ network: ['bridge'] })}`)).toEqual({
      limit: 2n,
      filters: { network: ['team-a__bridge'] },
    });
    await expect(query(`GET /networks?${filters({ name: ['('] })}`)).rejects.toThrow('is no pattern');
  });
});

describe('a body for the Engine', () => {
  it.each([[undefined], [''], ['default'], ['bridge']])(
    'joins the tenant’s own network for %o',
    async (NetworkMode) => {
      expect(await create({ Image: 'x', HostConfig: { NetworkMode } })).toEqual({
        Image: 'x',
        HostConfig: { NetworkMode: BRIDGE },
        NetworkingConfig: { EndpointsConfig: { [BRIDGE]: { NetworkID: BRIDGE, Aliases: ['web'] } } },
      });
      expect(await create({ Image: 'x' }, {}, '')).toEqual({
        Image: 'x',
        HostConfig: { NetworkMode: BRIDGE },
        NetworkingConfig: { EndpointsConfig: { [BRIDGE]: { NetworkID: BRIDGE } } },
      });
    },
  );

  it('joins it by an endpoint, with the links that are of it', async () => {
    const body = {
      HostConfig: { Links: [`${WEB}:other`], NetworkMode: 'default' },
      NetworkingConfig: { EndpointsConfig: { default: { Aliases: ['door'] } } },
    };
    expect(await create(body)).toEqual({
      HostConfig: { NetworkMode: BRIDGE },
      NetworkingConfig: {
        EndpointsConfig: {
          [BRIDGE]: { Aliases: ['door', 'web'], Links: [`${WEB.slice(0, 12)}:other`], NetworkID: BRIDGE },
        },
      },
    });
  });

  it.each(['host', 'none', `container:${WEB}`])('leaves %s', async (NetworkMode) => {
    expect(await create({ HostConfig: { NetworkMode } })).toEqual({ HostConfig: { NetworkMode } });
  });

  it('gives the short name as an alias on networks of its own tenant, and on no others', async () => {
    const body = {
      HostConfig: { NetworkMode: BACK },
      NetworkingConfig: { EndpointsConfig: { [BACK]: { NetworkID: BACK }, [PROXY]: { NetworkID: PROXY } } },
    };
    expect(await create(body, { objects: [back, proxy] })).toMatchObject({
      NetworkingConfig: { EndpointsConfig: { [BACK]: { Aliases: ['web'] }, [PROXY]: { NetworkID: PROXY } } },
    });
    const connect = async (network: Owned, container: Owned) =>
      bodyForEngine(
        api(`POST /networks/${network.id}/connect`),
        { Container: container.id },
        named({ object: network, objects: [container] }),
      );
    expect(await connect(back, web)).toEqual({ Container: WEB, EndpointConfig: { Aliases: ['web'] } });
    expect(await connect(proxy, web)).toEqual({ Container: WEB });
    expect(await connect(back, { ...web, tenant: 'team-b' })).toEqual({ Container: WEB });
  });

  it('mounts what was looked up, and nothing else', async () => {
    const HostConfig = { NetworkMode: 'none', Binds: ['db:/a:ro', '/srv:/b', '/anonymous'] };
    const Mounts = [{ Type: 'volume', Source: 'db' }, { Type: 'volume' }, { Type: 'bind', Source: '/srv' }];
    expect(await create({ HostConfig: { ...HostConfig, Mounts } })).toEqual({
      HostConfig: {
        NetworkMode: 'none',
        Binds: ['team-a__db:/a:ro', '/srv:/b', '/anonymous'],
        Mounts: [{ Type: 'volume', Source: 'team-a__db' }, ...Mounts.slice(1)],
      },
    });
    for (const [Binds, message] of [
      [['team-b__db:/a'], 'does not know whose a volume is'],
      [['team-b__db:/a:new'], "invalid volume specification: 'team-b__db:/a:new'"],
    ] as const) {
      await expect(create({ HostConfig: { Binds } })).rejects.toThrow(message);
    }
    const service = {
      TaskTemplate: { ContainerSpec: { Mounts: [{ Type: 'volume', Source: 'team-b__db' }] } },
    };
    await expect(bodyForEngine(api('POST /services/create'), service, named())).rejects.toThrow(
      'whose a volume is',
    );
  });

  it('names networks and volumes, one that is there already as it is called', async () => {
    const volume = (Name: string) => bodyForEngine(api('POST /volumes/create'), { Name }, named());
    expect(await volume('new')).toEqual({ Name: 'team-a__new' });
    expect(
      await bodyForEngine(
        api('POST /volumes/create'),
        { Name: 'old' },
        named({ volumes: new Map([['old', 'old']]) }),
      ),
    ).toEqual({
      Name: 'old',
    });
    expect(await volume('')).toEqual({ Name: '' });
    expect(await bodyForEngine(api('POST /networks/create'), { Name: 'back' }, named())).toEqual({
      Name: 'team-a__back',
    });
  });
});

describe('names that the Engine would not take', () => {
  it.each([
    ['container', '-x', 'Invalid container name (-x)'],
    ['container', 'x', 'Invalid container name (x)'],
    ['volume', 'x', 'create x: volume name is too short'],
    ['volume', 'x/y', 'create x/y: "x/y" includes invalid characters'],
    ['network', 'host', 'operation is not permitted on predefined host network'],
  ] as const)('%s %s', (kind, name, message) => {
    expect(() => checkGoodName(kind, name, 'name')).toThrow(message);
  });

  it('are no others, and the network that is always there does not go', () => {
    for (const kind of ['container', 'volume', 'network'] as const) checkGoodName(kind, 'web_1.x', 'name');
    const gone = api(`DELETE /networks/${BRIDGE}`);
    expect(() => checkMayGo(gone, { ...back, name: 'bridge' }, names)).toThrow('pre-defined network');
    checkMayGo(gone, back, names);
  });
});
