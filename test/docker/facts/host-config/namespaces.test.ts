import { describe, expect, it } from 'vitest';
import { askContainer, askHost } from '../ask.ts';

const FIELDS = [
  ['NetworkMode', 'network'],
  ['PidMode', 'pid'],
  ['IpcMode', 'ipc'],
  ['UTSMode', 'uts'],
  ['UsernsMode', 'user'],
  ['CgroupnsMode', 'cgroup'],
  ['Cgroup', 'cgroup'],
] as const;

describe('namespaces', () => {
  it.each(FIELDS)("%s host is the host's %s namespace", (name, namespace) => {
    expect(askHost({ [name]: 'host' })).toMatchObject({
      hostNamespaces: [{ field: `HostConfig.${name}`, namespace }],
      joinedContainers: [],
    });
  });

  it.each(FIELDS)('%s container:bobc joins that container', (name, namespace) => {
    expect(askHost({ [name]: 'container:bobc' })).toMatchObject({
      hostNamespaces: [],
      joinedContainers: [{ field: `HostConfig.${name}`, container: 'bobc', namespace }],
    });
  });

  it.each(FIELDS)('%s in another spelling is not the host', (name) => {
    for (const mode of ['Host', 'HOST', 'host ', ' host', 'host:', 'hosts']) {
      expect(askHost({ [name]: mode }).hostNamespaces).toEqual([]);
    }
  });

  it.each(['', 'private', 'shareable', 'none'])('E023: IpcMode %j joins nobody', (IpcMode) => {
    expect(askHost({ IpcMode })).toMatchObject({ hostNamespaces: [], joinedContainers: [] });
  });

  it('a default that an old API version has is not asked for', () => {
    expect(askHost({}, 30)).toMatchObject({ hostNamespaces: [], joinedContainers: [] });
  });

  it.each(['container:a:b', 'Container:a:b', 'x:a:b'])('PidMode %s looks up the container a:b', (PidMode) => {
    expect(askHost({ PidMode }).joinedContainers).toMatchObject([{ container: 'a:b', namespace: 'pid' }]);
  });
});

describe('networks', () => {
  it.each(['Host', 'host ', 'Container:x', 'service:x', 'my-net', 'Bridge', 'None'])(
    'E021: NetworkMode %j is the name of a network',
    (NetworkMode) => {
      expect(askHost({ NetworkMode })).toMatchObject({
        hostNamespaces: [],
        joinedContainers: [],
        networks: [
          {
            field: 'HostConfig.NetworkMode',
            name: NetworkMode,
            driver: null,
            aliases: [],
            addresses: [],
            options: [],
          },
        ],
      });
    },
  );

  it.each(['', 'default', 'bridge'])('NetworkMode %j is bridge', (NetworkMode) => {
    expect(askHost({ NetworkMode }).networks).toMatchObject([{ name: 'bridge' }]);
  });

  it.each(['none', 'host', 'container:x'])('NetworkMode %s names none', (NetworkMode) => {
    expect(askHost({ NetworkMode }).networks).toEqual([]);
  });

  it('without any NetworkMode is bridge', () => {
    expect(askContainer({}).networks).toMatchObject([{ field: 'HostConfig.NetworkMode', name: 'bridge' }]);
  });

  it('E045: an endpoint has aliases, addresses and options', () => {
    const db = {
      Aliases: ['db'],
      IPAMConfig: { IPv4Address: '10.0.0.2', IPv6Address: 'fd00::2', LinkLocalIPs: ['169.254.0.2'] },
      MacAddress: '02:42:0a:00:00:02',
      DriverOpts: { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.x=1' },
      Links: ['bobc:db'],
    };
    const field = 'NetworkingConfig.EndpointsConfig["bobn"]';
    const facts = askContainer({
      HostConfig: { NetworkMode: 'none' },
      NetworkingConfig: { EndpointsConfig: { bobn: db } },
    });
    expect(facts.networks).toEqual([
      {
        field,
        name: 'bobn',
        driver: null,
        aliases: ['db'],
        addresses: ['10.0.0.2', 'fd00::2', '169.254.0.2', '02:42:0a:00:00:02'],
        options: ['com.docker.network.endpoint.sysctls'],
      },
    ]);
    expect(facts.joinedContainers).toEqual([
      { field: `${field}.Links[0]`, container: 'bobc', namespace: 'link' },
    ]);
  });

  it('an endpoint joins the network of its NetworkID too, with the same addresses', () => {
    const EndpointsConfig = { alicen: { NetworkID: 'cafe', Aliases: ['db'] } };
    expect(askContainer({ NetworkingConfig: { EndpointsConfig } }).networks.slice(1)).toMatchObject([
      { name: 'alicen', aliases: ['db'] },
      { field: 'NetworkingConfig.EndpointsConfig["alicen"].NetworkID', name: 'cafe', aliases: ['db'] },
    ]);
  });

  it('an endpoint whose NetworkID is a word for the host, or for a container, joins it as its name would', () => {
    const EndpointsConfig = { alicen: { NetworkID: 'host' }, other: { NetworkID: 'container:bobc' } };
    const facts = askContainer({ NetworkingConfig: { EndpointsConfig } });
    expect(facts.hostNamespaces).toEqual([
      { field: 'NetworkingConfig.EndpointsConfig["alicen"].NetworkID', namespace: 'network' },
    ]);
    expect(facts.joinedContainers).toMatchObject([{ container: 'bobc', namespace: 'network' }]);
  });

  it('an endpoint whose NetworkID is its name is one network', () => {
    const EndpointsConfig = { cafe: { NetworkID: 'cafe' } };
    expect(askContainer({ NetworkingConfig: { EndpointsConfig } }).networks).toHaveLength(2);
  });

  it("an endpoint named host is the host's network, one named container: joins it, default is bridge", () => {
    const EndpointsConfig = { host: {}, 'container:x': {}, default: {}, none: {} };
    const facts = askContainer({
      HostConfig: { NetworkMode: 'none' },
      NetworkingConfig: { EndpointsConfig },
    });
    expect(facts).toMatchObject({
      hostNamespaces: [{ field: 'NetworkingConfig.EndpointsConfig["host"]', namespace: 'network' }],
      joinedContainers: [{ container: 'x', namespace: 'network' }],
      networks: [{ name: 'bridge' }],
    });
  });

  it('the MAC address at the top level is asked for on the network of NetworkMode', () => {
    const MacAddress = '02:42:0a:00:00:02';
    expect(askContainer({ MacAddress, HostConfig: { NetworkMode: 'bobn' } }).networks).toMatchObject([
      { field: 'HostConfig.NetworkMode', addresses: [] },
      { field: 'MacAddress', name: 'bobn', addresses: [MacAddress] },
    ]);
    expect(askContainer({ MacAddress, HostConfig: { NetworkMode: 'host' } }).networks).toEqual([]);
  });
});

describe('links', () => {
  it('lead to a container whose name has a slash in it', () => {
    expect(askHost({ Links: ['a/bobc:db'] }).joinedContainers).toMatchObject([{ container: 'a/bobc' }]);
  });

  it.each(['bobc:db', 'bobc', '/bobc:/x/db', '/bobc'])('%s leads to bobc', (text) => {
    expect(askHost({ Links: [text] }).joinedContainers).toEqual([
      { field: 'HostConfig.Links[0]', container: 'bobc', namespace: 'link' },
    ]);
  });
});
