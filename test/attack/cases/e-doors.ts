import { http, json } from '../../support/front-door.ts';
import type { Case } from '../corpus/case.ts';
import { attack, each, forbidden, forwarded, refused, streamed, untold } from '../corpus/write.ts';

/**
 * Second doors to what section E forbids: builds, commits, networks, services, plugins. Ids are those of the rows of
 * sections F and G that they are of; services and plugins are tried by one who has all operations, within baseline.
 */

const encoded = (text: string): string => encodeURIComponent(text);
const build = (query: string): string => http(`POST /v1.41/build?t=alice/x&${query}`);
const commit = (query: string, body?: string): string =>
  body === undefined
    ? http(`POST /v1.41/commit?container=alicec&repo=alice/x&${query}`)
    : json(`POST /v1.41/commit?container=alicec&repo=alice/x&${query}`, body);
const network = (body: object): string =>
  json('POST /v1.41/networks/create', JSON.stringify({ Name: 'mynet', ...body }));
const service = (TaskTemplate: object, more: object = {}): string =>
  json('POST /v1.41/services/create', JSON.stringify({ Name: 's', TaskTemplate, ...more }));
const task = (ContainerSpec: object): string =>
  service({ ContainerSpec: { Image: 'busybox', ...ContainerSpec } });
const newer = (ContainerSpec: object): string =>
  json(
    'POST /v1.46/services/create',
    JSON.stringify({ Name: 's', TaskTemplate: { ContainerSpec: { Image: 'busybox', ...ContainerSpec } } }),
  );
const plugin = (line: string, body = '[]'): string => json(line, body);

const create = (...checks: [string, ...string[]]) => forbidden('ServiceCreate', ...checks);
const denied = (operation: string) => refused(403, 'not-granted', { operation });

export const E_DOORS: readonly Case[] = [
  attack(
    'F015',
    'networks that sit on the host\u2019s own',
    each(
      [
        { Driver: 'macvlan' },
        { Driver: 'ipvlan' },
        { Driver: 'host' },
        { Driver: 'null' },
        { Driver: 'evil' },
        { Driver: 'Bridge' },
      ],
      (value) => network(value),
    ),
    forbidden('NetworkCreate', 'network-driver'),
  ),
  attack(
    'F015',
    'a network on an interface of the host',
    network({ Driver: 'macvlan', Options: { parent: 'eth0' } }),
    forbidden('NetworkCreate', 'network-driver', 'network-option'),
  ),
  attack(
    'F015',
    'options of a bridge that reach the host',
    each(
      [
        { 'com.docker.network.bridge.name': 'docker0' },
        { parent: 'eth0' },
        { 'com.docker.network.container_iface_prefix': 'x' },
        { 'com.docker.network.bridge.gateway_mode_ipv4': 'routed' },
        { 'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0' },
      ],
      (Options) => network({ Options }),
    ),
    forbidden('NetworkCreate', 'network-option'),
  ),
  attack(
    'F017',
    'subnets that may be the host\u2019s',
    network({ IPAM: { Config: [{ Subnet: '10.0.0.0/8' }] } }),
    forbidden('NetworkCreate', 'network-subnet'),
  ),
  attack(
    'F015',
    'a network of one\u2019s own',
    network({ Driver: 'bridge', Internal: true }),
    forwarded(
      'POST /v1.41/networks/create',
      'NetworkCreate',
      '{"Name":"mynet","Driver":"bridge","Internal":true}',
    ),
  ),
  attack(
    'F011',
    'a container on a network by connect, with an address',
    json(
      'POST /v1.41/networks/mynet/connect',
      '{"Container":"alicec","EndpointConfig":{"IPAMConfig":{"IPv4Address":"172.18.0.9"}}}',
    ),
    forbidden('NetworkConnect', 'fixed-address'),
  ),
  attack(
    'F011',
    'a container on a network by connect, with options',
    json(
      'POST /v1.41/networks/mynet/connect',
      '{"Container":"alicec","EndpointConfig":{"DriverOpts":{"com.docker.network.endpoint.sysctls":"x"}}}',
    ),
    forbidden('NetworkConnect', 'endpoint-option'),
  ),
  attack(
    'F011',
    'a container on another\u2019s network',
    json('POST /v1.41/networks/bobn/connect', '{"Container":"alicec"}'),
    forwarded('POST /v1.41/networks/bobn/connect', 'NetworkConnect', '{"Container":"alicec"}'),
    untold('403: bob\u2019s network is not hers'),
  ),
  attack(
    'F035',
    'a build on the network of the host',
    build('networkmode=host'),
    forbidden('ImageBuild', 'host-namespace'),
  ),
  attack(
    'F035',
    'a build on the network of another container',
    each(['container:bobc', 'container:'], (mode) => build(`networkmode=${encoded(mode)}`)),
    forbidden('ImageBuild', 'container-namespace'),
  ),
  attack(
    'F035',
    'a build in another cgroup',
    build('cgroupparent=/'),
    forbidden('ImageBuild', 'cgroup-parent'),
  ),
  attack(
    'F035',
    'a build without a seccomp filter',
    each(['seccomp=unconfined', 'seccomp:unconfined'], (option) => build(`securityopt=${encoded(option)}`)),
    forbidden('ImageBuild', 'seccomp'),
  ),
  attack(
    'F035',
    'a build that the Engine fetches',
    each(
      ['http://10.0.0.1/x.tar', 'https://github.com/x/y.git', 'git@github.com:x/y', 'github.com/x/y'],
      (remote) => build(`remote=${encoded(remote)}`),
    ),
    forbidden('ImageBuild', 'remote-build'),
  ),
  attack(
    'F035',
    'a build with the label of an owner',
    build(`labels=${encoded('{"io.quaywarden.owner":"bob"}')}`),
    refused(403, 'own-label', { operation: 'ImageBuild' }),
  ),
  attack(
    'F035',
    'build arguments with two readings',
    each(['{"A":"1","A":"2"}', '{"A":"1"}{"A":"2"}', "{'A':'1'}"], (args) =>
      build(`buildargs=${encoded(args)}`),
    ),
    refused(400, 'query-value', { field: 'buildargs' }),
  ),
  attack(
    'F035',
    'limits of a build with keys in two cases',
    build(`ulimits=${encoded('[{"Name":"nofile","name":"nproc"}]')}`),
    refused(400, 'query-value', { field: 'ulimits' }),
  ),
  attack(
    'F037',
    'a build that is not seen',
    each(['version=2', 'session=abc&version=2', 'session=abc'], (query) => build(query)),
    forbidden('ImageBuild', 'opaque-build'),
  ),
  attack(
    'F029',
    'a commit with the label of an owner',
    {
      'by changes': commit(`changes=${encoded('LABEL io.quaywarden.owner=bob')}`),
      'by changes, in small letters': commit(`changes=${encoded('label "io.quaywarden.owner"=bob a=b')}`),
      'by two lines of changes': commit(`changes=${encoded('ENV A=b\nLABEL io.quaywarden.owner=bob')}`),
      'by changes twice': commit(
        `changes=${encoded('ENV A=b')}&changes=${encoded('LABEL io.quaywarden.tenant=bob')}`,
      ),
      'by the body': commit('', '{"Labels":{"io.quaywarden.owner":"bob"}}'),
    },
    refused(403, 'own-label', { operation: 'ImageCommit' }),
  ),
  attack(
    'F029',
    'a commit under another\u2019s name',
    http('POST /v1.41/commit?container=alicec&repo=alpine'),
    {
      ...streamed('POST /v1.41/commit?container=alicec&repo=alpine', 'ImageCommit'),
      resource: 'image/docker.io/library/alpine:latest',
    },
    untold('403 outside of her repositories'),
  ),
  attack(
    'G003',
    'a service that binds a path of the host',
    task({ Mounts: [{ Type: 'bind', Source: '/', Target: '/h' }] }),
    create('host-path'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'a service that does what a container may not',
    {
      'options of a driver': task({
        Mounts: [
          {
            Type: 'volume',
            Source: 'vol',
            Target: '/h',
            VolumeOptions: { DriverConfig: { Options: { o: 'bind', device: '/' } } },
          },
        ],
      }),
    },
    create('volume-driver-options'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'capabilities of a service',
    each([['CAP_SYS_ADMIN'], ['all'], ['NET_RAW']], (CapabilityAdd) => task({ CapabilityAdd })),
    create('capability'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'kernel parameters of a service',
    task({ Sysctls: { 'kernel.core_pattern': '|/x' } }),
    create('sysctl'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'seccomp of a service',
    newer({ Privileges: { Seccomp: { Mode: 'unconfined' } } }),
    create('seccomp'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'AppArmor of a service',
    newer({ Privileges: { AppArmor: { Mode: 'disabled' } } }),
    create('apparmor'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'SELinux of a service',
    task({ Privileges: { SELinuxContext: { Disable: true } } }),
    create('selinux'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'a credential spec of a service',
    task({ Privileges: { CredentialSpec: { File: 'x.json' } } }),
    create('credential-spec'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'logs of a service',
    service({
      ContainerSpec: { Image: 'busybox' },
      LogDriver: { Name: 'gelf', Options: { 'gelf-address': 'udp://10.0.0.1' } },
    }),
    create('log-driver'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'the network of the host by a service',
    service({ ContainerSpec: { Image: 'busybox' }, Networks: [{ Target: 'host' }] }),
    create('host-namespace'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'ports of the host by a service',
    service(
      { ContainerSpec: { Image: 'busybox' } },
      { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: 'host' }] } },
    ),
    create('privileged-port'),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'a service with keys in another case',
    service({ containerSpec: { Image: 'busybox', Mounts: [{ Type: 'bind', Source: '/', Target: '/h' }] } }),
    refused(400, 'body-field-case', { operation: 'ServiceCreate' }),
    { as: 'sam' },
  ),
  attack(
    'G003',
    'an update of a service',
    json(
      'POST /v1.41/services/s/update?version=1',
      JSON.stringify({
        Name: 's',
        TaskTemplate: {
          ContainerSpec: { Image: 'busybox', Mounts: [{ Type: 'bind', Source: '/', Target: '/h' }] },
        },
      }),
    ),
    forbidden('ServiceUpdate', 'host-path'),
    { as: 'sam' },
  ),
  attack('G003', 'a service of a developer', task({}), denied('ServiceCreate')),
  attack(
    'G005',
    'a plugin by a service',
    service({
      Runtime: 'plugin',
      PluginSpec: { name: 'p', remote: 'evil/p', privileges: [{ name: 'mount', value: ['/'] }] },
    }),
    create('host-path', 'plugin'),
    { as: 'sam' },
  ),
  attack(
    'G011',
    'a plugin',
    plugin('POST /v1.41/plugins/pull?remote=evil/p&name=p'),
    refused(403, 'plugin', { operation: 'PluginPull' }),
    { as: 'sam' },
  ),
  attack(
    'G011',
    'plugins of a developer: pull',
    plugin('POST /v1.41/plugins/pull?remote=evil/p'),
    denied('PluginPull'),
  ),
  attack(
    'G011',
    'plugins of a developer: set',
    plugin('POST /v1.41/plugins/p/set', '["mount.source=/"]'),
    denied('PluginSet'),
  ),
  attack(
    'G011',
    'plugins of a developer: enable',
    http('POST /v1.41/plugins/p/enable'),
    denied('PluginEnable'),
  ),
  attack(
    'G011',
    'plugins of a developer: disable',
    http('POST /v1.41/plugins/p/disable'),
    denied('PluginDisable'),
  ),
  attack(
    'G011',
    'plugins of a developer: upgrade',
    plugin('POST /v1.41/plugins/p/upgrade?remote=evil/p'),
    denied('PluginUpgrade'),
  ),
  attack(
    'G011',
    'plugins of a developer: create',
    http(
      'POST /v1.41/plugins/create?name=p',
      'Content-Type: application/x-tar',
      'Content-Length: 3',
      '',
      'tar',
    ),
    denied('PluginCreate'),
  ),
  attack(
    'G001',
    'a swarm of a developer: init',
    json('POST /v1.41/swarm/init', '{"ListenAddr":"0.0.0.0"}'),
    denied('SwarmInit'),
  ),
  attack(
    'G001',
    'a swarm of a developer: join',
    json('POST /v1.41/swarm/join', '{"RemoteAddrs":["10.0.0.1"],"JoinToken":"x"}'),
    denied('SwarmJoin'),
  ),
  attack(
    'G009',
    'configs and secrets of a developer',
    http('GET /v1.41/configs/bobs'),
    denied('ConfigInspect'),
  ),
  attack(
    'G015',
    'a checkpoint in a directory of the host',
    json('POST /v1.41/containers/alicec/checkpoints', '{"CheckpointID":"c","CheckpointDir":"/etc/cron.d"}'),
    forbidden('ContainerCheckpointCreate', 'checkpoint-path'),
    { as: 'sam' },
  ),
  attack(
    'G015',
    'a list of a directory of the host',
    http('GET /v1.41/containers/alicec/checkpoints?dir=/root'),
    forbidden('ContainerCheckpointList', 'checkpoint-path'),
    { as: 'sam' },
  ),
  attack(
    'G015',
    'a start out of a directory of the host',
    http('POST /v1.41/containers/alicec/start?checkpoint=c&checkpoint-dir=/root'),
    forbidden('ContainerStart', 'checkpoint-path'),
  ),
];
