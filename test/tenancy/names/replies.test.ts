import { describe, expect, it } from 'vitest';
import { isAskedFor, widerEventFilters } from '../../../src/tenancy/names/events.ts';
import { privateNames, SHARED } from '../../../src/tenancy/names/names.ts';
import { renamed } from '../../../src/tenancy/names/replies.ts';

const names = privateNames('team-a');
const shown = (operation: string, body: unknown) =>
  JSON.parse(renamed(operation, `${JSON.stringify(body)}\n`, names)) as unknown;

describe('a reply with the reader’s names', () => {
  it('of a container: itself, what it mounts, the networks it is on', () => {
    const networks = (key: string, aliases: unknown, dns: unknown) => ({
      [key]: { NetworkID: 'n1', Aliases: aliases, DNSNames: dns },
    });
    expect(
      shown('ContainerInspect', {
        Name: '/team-a__web',
        Mounts: [
          { Name: 'team-a__db', Source: '/var/lib/docker/volumes/team-a__db/_data' },
          { Source: '/srv' },
        ],
        HostConfig: {
          NetworkMode: 'n1',
          Binds: ['team-a__db:/data', '/srv:/srv'],
          Mounts: [{ Type: 'volume', Source: 'team-a__db' }],
          Links: ['/team-a__db:/team-a__web/db'],
        },
        Config: { Env: ['X=team-a__web'], Labels: { name: 'team-a__web' } },
        NetworkSettings: {
          Networks: networks('team-a__back', ['door', 'web', '4ea3a88baeed'], ['team-a__web', 'door', 'web']),
        },
      }),
    ).toEqual({
      Name: '/web',
      Mounts: [{ Name: 'db', Source: '/var/lib/docker/volumes/db/_data' }, { Source: '/srv' }],
      HostConfig: {
        NetworkMode: 'back',
        Binds: ['db:/data', '/srv:/srv'],
        Mounts: [{ Type: 'volume', Source: 'db' }],
        Links: ['/db:/web/db'],
      },
      // What its owner wrote is its owner's word.
      Config: { Env: ['X=team-a__web'], Labels: { name: 'team-a__web' } },
      NetworkSettings: { Networks: networks('back', ['door', '4ea3a88baeed'], ['door', 'web']) },
    });
  });

  it('of a container on the tenant’s bridge tells its address where the Engine tells that of its own', () => {
    const settings = { IPAddress: '', IPPrefixLen: 0, SandboxID: 's1' };
    const at = { NetworkID: 'n1', IPAddress: '172.18.0.2', IPPrefixLen: 16 };
    const inspected = (name: string, more: object) => ({
      Name: '/web',
      NetworkSettings: { ...settings, ...more, Networks: { [name]: at } },
    });
    const address = { IPAddress: '172.18.0.2', IPPrefixLen: 16 };
    expect(shown('ContainerInspect', inspected('team-a__bridge', {}))).toEqual(inspected('bridge', address));
    expect(shown('ContainerInspect', inspected('team-a__back', {}))).toEqual(inspected('back', {}));
  });

  it('of a container on two networks of one name tells the older one by its id', () => {
    const on = (networks: object) => ({ Name: '/web', NetworkSettings: { Networks: networks } });
    const [old, own] = [{ NetworkID: 'n1' }, { NetworkID: 'n2' }];
    expect(shown('ContainerInspect', on({ back: old, 'team-a__back': own }))).toEqual(
      on({ n1: old, back: own }),
    );
  });

  it('leaves every other byte, and what is another’s', () => {
    const body =
      '[{"Names":["/team-b__web"], "Created" : 12345678901234567890, "NetworkSettings":{"Networks":null}}]\n';
    expect(renamed('ContainerList', body, names)).toBe(
      '[{"Names":["/team-b__web"],"Created":12345678901234567890,"NetworkSettings":{"Networks":null}}]\n',
    );
    expect(renamed('ContainerList', body, SHARED)).toBe(body);
    expect(renamed('ImageList', body, names)).toBe(body);
  });

  it('has no alias where none was given', () => {
    const aliases = (list: unknown) => ({
      Name: '/team-a__web',
      NetworkSettings: { Networks: { back: { Aliases: list } } },
    });
    expect(shown('ContainerInspect', aliases(['web']))).toMatchObject({
      NetworkSettings: { Networks: { back: { Aliases: null } } },
    });
    expect(shown('ContainerInspect', aliases(null))).toMatchObject({
      NetworkSettings: { Networks: { back: { Aliases: null } } },
    });
  });

  it.each([
    [
      'NetworkInspect',
      { Name: 'team-a__back', Containers: { c1: { Name: 'team-a__web' } } },
      { Name: 'back', Containers: { c1: { Name: 'web' } } },
    ],
    ['NetworkPrune', { NetworksDeleted: ['team-a__back', 'old'] }, { NetworksDeleted: ['back', 'old'] }],
    [
      'VolumePrune',
      { VolumesDeleted: ['team-a__db'], SpaceReclaimed: 3 },
      { VolumesDeleted: ['db'], SpaceReclaimed: 3 },
    ],
    [
      'VolumeCreate',
      { Name: 'team-a__db', Mountpoint: '/v/team-a__db/_data' },
      { Name: 'db', Mountpoint: '/v/db/_data' },
    ],
    [
      'SystemDataUsage',
      { Volumes: [{ Name: 'team-a__db' }], VolumeUsage: { Items: [{ Name: 'team-a__db' }] } },
      { Volumes: [{ Name: 'db' }], VolumeUsage: { Items: [{ Name: 'db' }] } },
    ],
    ['ContainerStats', { name: '/team-a__web', id: 'c1' }, { name: '/web', id: 'c1' }],
    ['ContainerCreate', { Id: 'c1', Warnings: ['x "team-a__db" y'] }, { Id: 'c1', Warnings: ['x "db" y'] }],
    [
      'TaskList',
      [{ NetworksAttachments: [{ Network: { Spec: { Name: 'team-a__ov' } } }] }],
      [{ NetworksAttachments: [{ Network: { Spec: { Name: 'ov' } } }] }],
    ],
    [
      'ServiceInspect',
      { Spec: { Name: 'web', TaskTemplate: { ContainerSpec: { Mounts: [{ Source: 'team-a__db' }] } } } },
      { Spec: { Name: 'web', TaskTemplate: { ContainerSpec: { Mounts: [{ Source: 'db' }] } } } },
    ],
  ])('%s', (operation, given, expected) => {
    expect(shown(operation, given)).toEqual(expected);
  });
});

describe('events', () => {
  const event = (Type: string, Action: string, ID: string, Attributes: object) => ({
    Type,
    Action,
    Actor: { ID, Attributes },
  });

  it('tell the reader’s names, and labels as they are', () => {
    expect(
      shown(
        'SystemEvents',
        event('container', 'rename', 'c1', { name: 'team-a__new', oldName: '/team-a__old', l: 'team-a__x' }),
      ),
    ).toEqual(event('container', 'rename', 'c1', { name: 'new', oldName: '/old', l: 'team-a__x' }));
    expect(shown('SystemEvents', event('volume', 'mount', 'team-a__db', { container: 'c1' }))).toEqual(
      event('volume', 'mount', 'db', { container: 'c1' }),
    );
    expect(
      renamed(
        'SystemEvents',
        `\u001e${JSON.stringify(event('network', 'create', 'n1', { name: 'team-a__back' }))}`,
        names,
      ),
    ).toBe(`\u001e${JSON.stringify(event('network', 'create', 'n1', { name: 'back' }))}`);
  });

  it('are those that were asked for by the beginning of a name or id', () => {
    expect(widerEventFilters({ container: ['web'], type: ['container'] }, names)).toEqual({
      container: ['team-a__web', 'web'],
      type: ['container'],
    });
    const line = JSON.stringify(event('container', 'start', 'c1', { name: 'web2' }));
    expect(isAskedFor(line, { container: ['web'] })).toBe(true);
    expect(isAskedFor(line, { container: ['c1'] })).toBe(true);
    expect(isAskedFor(line, { container: ['team'] })).toBe(false);
    expect(isAskedFor(line, { container: ['web'], volume: ['db'] })).toBe(false);
    expect(isAskedFor(line, {})).toBe(true);
  });
});
