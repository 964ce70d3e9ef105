import type { Case } from '../corpus/case.ts';
import { attack, create, created, each, forbidden, host, untold } from '../corpus/write.ts';

/** Section E: whose namespaces and networks a container is in, and where its output goes. */

const operation = 'ContainerCreate';
const kept = (HostConfig: object) => created({ Image: 'busybox', HostConfig });
const joins = forbidden(operation, 'container-namespace');
const endpoint = (settings: object, network = 'mynet') =>
  create({ Image: 'busybox', NetworkingConfig: { EndpointsConfig: { [network]: settings } } });
const joined = (settings: object, network = 'mynet') =>
  created({ Image: 'busybox', NetworkingConfig: { EndpointsConfig: { [network]: settings } } });
const log = (Type: string, Config: object) => host({ LogConfig: { Type, Config } });
const LOG = forbidden(operation, 'log-driver');

export const E_NETWORK: readonly Case[] = [
  attack(
    'E019',
    'the network of the host',
    host({ NetworkMode: 'host' }),
    forbidden(operation, 'host-namespace'),
    { danger: { container: { 'HostConfig.NetworkMode': 'host' } } },
  ),
  attack('E019', 'the network of another container', host({ NetworkMode: 'container:bobc' }), joins, {
    danger: { container: { 'HostConfig.NetworkMode': /^container:[0-9a-f]{64}$/ } },
  }),
  attack(
    'E019',
    'the network of another container in every form',
    each(
      [
        'container:0123456789ab',
        'container:b',
        'container:/bobc',
        'container:',
        'container:bobc:x',
        'container: bobc',
      ],
      (NetworkMode) => host({ NetworkMode }),
    ),
    joins,
  ),
  attack(
    'E019',
    'the network of the host in words of Podman',
    each(['ns:/proc/1/ns/net', 'slirp4netns:allow_host_loopback=true', 'pasta:-T,80'], (NetworkMode) =>
      host({ NetworkMode }),
    ),
    forbidden(operation, 'host-namespace'),
  ),
  attack(
    'E019',
    'the network of the host by another door',
    endpoint({}, 'host'),
    forbidden(operation, 'host-namespace'),
  ),
  attack('E019', 'the network of another container by another door', endpoint({}, 'container:bobc'), joins),
  attack(
    'E021',
    'words that only look like the host\u2019s',
    each(
      [
        'Host',
        'host ',
        'HOST',
        ' host',
        'hos\u0165',
        'Container:x',
        'CONTAINER:bobc',
        'service:x',
        'hoſt',
        'slirp4netns',
        'pasta',
        'host\u0000',
      ],
      (NetworkMode) => host({ NetworkMode }),
    ).map((attempt) => ({
      ...attempt,
      received: kept({ NetworkMode: attempt.name }).received,
    })),
    kept({}),
    {
      ...untold('403: a network of that name is not hers'),
      danger: { container: { 'HostConfig.NetworkMode': 'Host' } },
    },
  ),
  attack(
    'E021',
    'networks that everybody has',
    each(['', 'default', 'bridge', 'none', 'mynet'], (NetworkMode) => host({ NetworkMode })).map(
      (attempt) => ({ ...attempt, received: kept({ NetworkMode: attempt.name }).received }),
    ),
    kept({}),
  ),
  attack(
    'E023',
    'the shared memory of the host',
    host({ IpcMode: 'host' }),
    forbidden(operation, 'host-namespace'),
    { danger: { container: { 'HostConfig.IpcMode': 'host' } } },
  ),
  attack('E023', 'the shared memory of another', host({ IpcMode: 'container:bobc' }), joins),
  attack(
    'E023',
    'other namespaces of the host',
    each(
      [
        { PidMode: 'host' },
        { UTSMode: 'host' },
        { UsernsMode: 'host' },
        { CgroupnsMode: 'host' },
        { Cgroup: 'host' },
      ],
      (value) => host(value),
    ),
    forbidden(operation, 'host-namespace'),
  ),
  attack(
    'E023',
    'other namespaces of other containers',
    each(
      [
        { PidMode: 'container:bobc' },
        { PidMode: 'x:bobc' },
        { PidMode: 'Container:bobc' },
        { Cgroup: 'container:bobc' },
        { IpcMode: 'container:' },
        { UTSMode: 'container:bobc' },
        { UsernsMode: 'container:bobc' },
        { CgroupnsMode: 'container:bobc' },
      ],
      (value) => host(value),
    ),
    joins,
  ),
  attack(
    'E023',
    'several at once: each is named',
    host({ NetworkMode: 'host', PidMode: 'host', IpcMode: 'host', UTSMode: 'host', UsernsMode: 'host' }),
    forbidden(
      operation,
      'host-namespace',
      'host-namespace',
      'host-namespace',
      'host-namespace',
      'host-namespace',
    ),
  ),
  attack(
    'E023',
    'namespaces of one\u2019s own',
    each(
      [{ IpcMode: 'shareable' }, { IpcMode: 'private' }, { IpcMode: 'none' }, { CgroupnsMode: 'private' }],
      (value) => host(value),
    ).map((attempt) => ({ ...attempt, received: kept(JSON.parse(attempt.name) as object).received })),
    kept({}),
  ),
  attack(
    'E023',
    'links, which hand over the environment',
    each(
      [{ Links: ['bobc:db'] }, { Links: ['/bobc:/alicec/db'] }, { Links: ['bobc'] }, { Links: [''] }],
      (value) => host(value),
    ),
    forbidden(operation, 'container-link'),
  ),
  attack(
    'E041',
    'logs to the Engine\u2019s own socket',
    log('syslog', { 'syslog-address': 'unix:///var/run/docker.sock' }),
    forbidden(operation, 'log-driver', 'log-driver'),
  ),
  attack(
    'E041',
    'a socket of the host that the Engine looks up at once, and tells whether it is there',
    log('syslog', { 'syslog-address': 'unix:///nowhere/log.sock' }),
    forbidden(operation, 'log-driver', 'log-driver'),
    { danger: { status: 400, answer: /stat \/nowhere\/log\.sock/ } },
  ),
  attack(
    'E041',
    'drivers that speak from the Engine\u2019s own place',
    {
      fluentd: log('fluentd', { 'fluentd-address': '10.0.0.1:24224' }),
      gelf: log('gelf', { 'gelf-address': 'udp://10.0.0.1:12201' }),
      awslogs: log('awslogs', { 'awslogs-endpoint': 'http://169.254.169.254', 'awslogs-region': 'x' }),
      splunk: log('splunk', { 'splunk-url': 'http://10.0.0.1', 'splunk-token': 'x' }),
      syslog: log('syslog', { 'syslog-address': 'tcp://10.0.0.1:514' }),
      gcplogs: log('gcplogs', {}),
      etwlogs: log('etwlogs', {}),
      'no logs': log('none', {}),
      'a plugin': log('evil/plugin:latest', {}),
      'json-file in capitals': log('JSON-FILE', {}),
      'json-file with a space': log('json-file ', {}),
    },
    LOG,
    {
      danger: {
        container: {
          'HostConfig.LogConfig': { Type: 'fluentd', Config: { 'fluentd-address': '10.0.0.1:24224' } },
        },
      },
    },
  ),
  attack(
    'E041',
    'drivers that read files of the host',
    {
      'splunk-capath': log('splunk', { 'splunk-capath': '/etc/shadow' }),
      'syslog-tls-key': log('syslog', { 'syslog-tls-key': '/etc/ssl/private/key.pem' }),
      'a socket for fluentd': log('fluentd', { 'fluentd-address': 'unix:///run/x.sock' }),
    },
    forbidden(operation, 'log-driver', 'log-driver'),
  ),
  attack(
    'E041',
    'options that json-file does not have',
    {
      'syslog-address': log('json-file', { 'syslog-address': 'tcp://10.0.0.1' }),
      'no driver': log('', { 'fluentd-address': '10.0.0.1' }),
      'a file': log('json-file', { path: '/etc/cron.d/x' }),
    },
    LOG,
  ),
  attack(
    'E041',
    'logs as everybody keeps them',
    log('json-file', { 'max-size': '10m', 'max-file': '3' }),
    kept({ LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } } }),
  ),
  attack(
    'E043',
    'a name for the host, and a server for names: per policy',
    host({ Dns: ['10.0.0.1'], ExtraHosts: ['x:host-gateway'] }),
    kept({ Dns: ['10.0.0.1'], ExtraHosts: ['x:host-gateway'] }),
    {
      note: 'per policy: baseline says nothing of names; a grant may speak of r.facts.names',
    },
  ),
  attack(
    'E045',
    'a name on a network',
    endpoint({ Aliases: ['db'] }),
    joined({ Aliases: ['db'] }),
    untold('403 on networks that are not hers'),
  ),
  attack(
    'E045',
    'addresses that may be another\u2019s',
    {
      IPv4: endpoint({ IPAMConfig: { IPv4Address: '172.18.0.2' } }),
      IPv6: endpoint({ IPAMConfig: { IPv6Address: 'fd00::2' } }),
      'link-local': endpoint({ IPAMConfig: { LinkLocalIPs: ['169.254.1.1'] } }),
      MAC: endpoint({ MacAddress: '02:42:ac:11:00:02' }),
      'MAC at the top': create({ Image: 'busybox', MacAddress: '02:42:ac:11:00:02' }),
      'MAC at the top, with a network': create({
        Image: 'busybox',
        MacAddress: '02:42:ac:11:00:02',
        HostConfig: { NetworkMode: 'mynet' },
      }),
    },
    forbidden(operation, 'fixed-address'),
  ),
  attack(
    'E045',
    'options of an endpoint',
    each(
      [
        { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.forwarding=1' },
        { 'com.docker.network.endpoint.ifname': 'eth9' },
        { x: '' },
        { '': '' },
      ],
      (DriverOpts) => endpoint({ DriverOpts }),
    ),
    forbidden(operation, 'endpoint-option'),
  ),
  attack(
    'E045',
    'a link on a network',
    endpoint({ Links: ['bobc:db'] }),
    forbidden(operation, 'container-link'),
  ),
  attack(
    'E045',
    'ports of the host that are the host\u2019s own',
    each(
      [
        { PortBindings: { '80/tcp': [{ HostPort: '80' }] } },
        { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '22' }] } },
        { PortBindings: { '80/tcp': [{ HostPort: '1000-2000' }] } },
        { PortBindings: { '80/tcp': [{ HostPort: '8080' }, { HostPort: '0443' }] } },
        { PortBindings: { '80': [{ HostPort: '53/udp' }] } },
        { PortBindings: { '80/tcp': [{ HostPort: 'x' }] } },
        { PortBindings: { '80/tcp': [{ HostPort: '-1' }] } },
        { PortBindings: { '80/tcp': [{ HostPort: '65536' }] } },
      ],
      (value) => host(value),
    ),
    forbidden(operation, 'privileged-port'),
  ),
  attack(
    'E045',
    'ports that everybody may have',
    host({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, PublishAllPorts: true }),
    kept({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }, PublishAllPorts: true }),
  ),
];
