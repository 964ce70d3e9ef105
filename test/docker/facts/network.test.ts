import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const create = (body: object) => ask('POST /v1.56/networks/create', body);
const connect = (endpoint: object | undefined, network = 'front') =>
  ask(`POST /v1.56/networks/${network}/connect`, { Container: 'web', EndpointConfig: endpoint });

const NOTHING = { aliases: [], addresses: [], options: [] };

describe('a network that is made', () => {
  it.each([
    [{ Name: 'n' }, 'bridge'],
    [{ Name: 'n', Driver: '' }, 'bridge'],
    [{ Name: 'n', Driver: 'macvlan' }, 'macvlan'],
    [{ Name: 'n', Driver: 'evil/plugin:1' }, 'evil/plugin:1'],
  ])('has a driver: %j', (body, driver) => {
    expect(create(body).networks).toEqual([{ field: 'Name', name: 'n', driver, ...NOTHING }]);
  });

  it('has the options of its driver and of the driver of its addresses', () => {
    const body = { Name: 'n', Options: { parent: 'eth0' }, IPAM: { Options: { a: 'b' } } };
    expect(create(body).networks[0]?.options).toEqual(['parent', 'a']);
  });

  it('has the addresses that it is given', () => {
    const first = { Subnet: '10.0.0.0/24', IPRange: '10.0.0.128/25', Gateway: '10.0.0.1' };
    const Config = [{ ...first, AuxiliaryAddresses: { r: '10.0.0.2' } }, { Subnet: 'fd00::/64' }];
    expect(create({ Name: 'n', IPAM: { Config } }).networks[0]?.addresses).toEqual([
      '10.0.0.0/24',
      '10.0.0.128/25',
      '10.0.0.1',
      '10.0.0.2',
      'fd00::/64',
    ]);
  });

  it.each([
    [undefined, []],
    ['default', []],
    ['null', []],
    ['evil/ipam', [{ field: 'IPAM.Driver', reference: 'evil/ipam' }]],
  ])('gets addresses from the driver %j, which may be a plugin', (Driver, plugins) => {
    expect(create({ Name: 'n', IPAM: { Driver } }).plugins).toEqual(plugins);
  });

  it('names the one that its configuration comes from', () => {
    expect(create({ Name: 'n', ConfigFrom: { Network: 'bobn' } }).networks).toEqual([
      { field: 'Name', name: 'n', driver: 'bridge', ...NOTHING },
      { field: 'ConfigFrom.Network', name: 'bobn', driver: null, ...NOTHING },
    ]);
    expect(create({ Name: 'n', ConfigFrom: { Network: '' } }).networks).toHaveLength(1);
  });

  it('has labels', () => {
    expect({ ...create({ Name: 'n', Labels: { a: 'b' } }).labels }).toEqual({ a: 'b' });
  });
});

describe('a container that joins a network', () => {
  const field = 'EndpointConfig';

  it('joins the one of the path', () => {
    expect(connect(undefined).networks).toEqual([{ field, name: 'front', driver: null, ...NOTHING }]);
  });

  it('asks for aliases, addresses and options', () => {
    const { networks } = connect({
      Aliases: ['db'],
      MacAddress: '02:42:ac:11:00:02',
      IPAMConfig: { IPv4Address: '10.0.0.9', IPv6Address: 'fd00::9', LinkLocalIPs: ['169.254.1.1'] },
      DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.x=1' },
    });
    expect(networks).toMatchObject([
      {
        name: 'front',
        aliases: ['db'],
        addresses: ['10.0.0.9', 'fd00::9', '169.254.1.1', '02:42:ac:11:00:02'],
        options: ['com.docker.network.endpoint.sysctls'],
      },
    ]);
  });

  it('may be linked to others', () => {
    expect(connect({ Links: ['bobc:db'] }).joinedContainers).toEqual([
      { field: 'EndpointConfig.Links[0]', container: 'bobc', namespace: 'link' },
    ]);
  });

  it('joins the network of the host by its name', () => {
    expect(connect({}, 'host').hostNamespaces).toEqual([{ field, namespace: 'network' }]);
  });

  it('joins a network that the body names by id as well', () => {
    expect(connect({ NetworkID: 'bobn' }).networks.map(({ name }) => name)).toEqual(['front', 'bobn']);
  });
});
