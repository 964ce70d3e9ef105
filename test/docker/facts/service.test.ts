import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import type { Facts } from '../../../src/docker/facts/types.ts';
import { ask } from './ask.ts';

const AT = 'TaskTemplate.ContainerSpec';

const askService = (spec: object, version = 56) => ask(`POST /v1.${version}/services/create`, spec);
/** The facts of a service of nginx with this in its ContainerSpec. */
const askContainer = (spec: object) => askTask({ ContainerSpec: { Image: 'nginx', ...spec } });
const askTask = (task: object) => askService({ TaskTemplate: task });
const askMount = (mount: object) => askContainer({ Mounts: [{ Target: '/t', ...mount }] });
const askPrivileges = (privileges: object) => askContainer({ Privileges: privileges }).security;

describe('a service', () => {
  it('runs tasks', () => {
    expect(askService({}).runs).toBe('service');
    expect(askService({}).image).toBeNull();
  });

  it('asks for nothing more than it says', () => {
    const image = {
      field: `${AT}.Image`,
      reference: 'docker.io/library/nginx:latest',
      name: { type: 'name', domain: 'docker.io', path: 'library/nginx', tag: 'latest' },
    };
    expect(askContainer({})).toEqual({
      ...NO_FACTS,
      runs: 'service',
      image,
      images: [image],
      registries: [{ field: `${AT}.Image`, registry: 'docker.io' }],
      networks: [
        {
          field: 'TaskTemplate.Networks',
          name: 'bridge',
          driver: null,
          aliases: [],
          addresses: [],
          options: [],
        },
      ],
      user: { field: `${AT}.User`, value: '', root: null },
      restart: { field: 'TaskTemplate.RestartPolicy.Condition', policy: 'any' },
    });
    const { ports, logging } = askService({ EndpointSpec: {}, TaskTemplate: { LogDriver: {} } });
    expect([ports, logging]).toEqual([[], null]);
    const { resources } = askTask({ Resources: { Reservations: { GenericResources: [{}] } } });
    expect(resources).toEqual({ ulimits: [] });
  });

  it('speaks with the registry of an image, in whatever case it is written', () => {
    const { image, registries } = askTask({ ContainerSpec: { Image: 'REG.example.com:5000/a/b' } });
    expect(image?.name).toBeNull();
    expect(registries).toEqual([{ field: `${AT}.Image`, registry: 'reg.example.com:5000' }]);
  });

  it('has the image in full', () => {
    const field = `${AT}.Image`;
    const facts = askTask({ ContainerSpec: { Image: 'registry.example.com:5000/a/b:1' } });
    expect(facts.image).toMatchObject({ field, reference: 'registry.example.com:5000/a/b:1' });
    expect(facts.images).toEqual([facts.image]);
    expect(facts.registries).toEqual([{ field, registry: 'registry.example.com:5000' }]);
    expect(askContainer({}).image?.reference).toBe('docker.io/library/nginx:latest');
  });

  it('does not take an id for a name: nodes run an image by it when they have it', () => {
    const id = `sha256:${'a'.repeat(64)}`;
    expect(askTask({ ContainerSpec: { Image: id } }).image).toEqual({
      field: `${AT}.Image`,
      reference: id,
      name: null,
    });
  });

  it('may be rolled back to a spec of which nothing can be told', () => {
    const rollback = (query: string) =>
      ask(`POST /v1.41/services/web/update?version=1${query}`, { TaskTemplate: {} }).hostPaths;
    expect(rollback('&rollback=previous')).toEqual([
      { field: 'query rollback', path: null, mode: 'rw', via: 'bind' },
    ]);
    expect(rollback('&rollback=none')).toEqual([]);
    expect(rollback('&rollback=')).toEqual([]);
    expect(rollback('')).toEqual([]);
  });

  it('asks for the same when it is updated', () => {
    const spec = { TaskTemplate: { ContainerSpec: { Image: 'nginx', User: '0' } } };
    expect(ask('POST /v1.41/services/web/update?version=1', spec)).toEqual(
      ask('POST /v1.41/services/create', spec),
    );
  });

  it('has the labels of the service, of its containers and of the volumes that they make', () => {
    const { labels } = askService({
      Labels: { a: '1' },
      TaskTemplate: {
        ContainerSpec: {
          Labels: { b: '2' },
          Mounts: [{ Type: 'volume', Target: '/v', VolumeOptions: { Labels: { c: '3' } } }],
        },
      },
    });
    expect({ ...labels }).toEqual({ a: '1', b: '2', c: '3' });
  });
});

describe('the containers of a service', () => {
  it.each<[string, object, Partial<Facts>]>([
    ['command', { Command: ['sh', '-c'], Args: ['id'] }, { command: ['sh', '-c', 'id'] }],
    ['arguments alone', { Args: ['id'] }, { command: ['id'] }],
    ['user', { User: '0:0' }, { user: { field: `${AT}.User`, value: '0:0', root: true } }],
    ['user that only the image knows', {}, { user: { field: `${AT}.User`, value: '', root: null } }],
    ['groups', { Groups: ['docker'] }, { groups: [{ field: `${AT}.Groups[0]`, name: 'docker' }] }],
    ['variables by name', { Env: ['A=secret', 'B'] }, { environment: ['A', 'B'] }],
    [
      'devices by variables',
      { Env: ['NVIDIA_VISIBLE_DEVICES=all'] },
      { devices: [{ field: `${AT}.Env[0]`, kind: 'request', value: 'NVIDIA_VISIBLE_DEVICES' }] },
    ],
    [
      'working directory in /proc',
      { Dir: '/proc/self/fd/8' },
      { hostPaths: [{ field: `${AT}.Dir`, path: null, mode: 'rw', via: 'working-dir' }] },
    ],
    [
      'capabilities',
      { CapabilityAdd: ['cap_sys_admin', 'ALL'], CapabilityDrop: ['Net_Raw', 'CAP_ALL'] },
      {
        capabilities: {
          added: [
            { field: `${AT}.CapabilityAdd[0]`, name: 'SYS_ADMIN' },
            { field: `${AT}.CapabilityAdd[1]`, name: 'ALL' },
          ],
          dropped: ['NET_RAW', 'CAP_ALL'],
        },
      },
    ],
    [
      'sysctls',
      { Sysctls: { 'net/core/somaxconn': '1' } },
      { sysctls: [{ field: `${AT}.Sysctls["net/core/somaxconn"]`, name: 'net.core.somaxconn', value: '1' }] },
    ],
    [
      'DNS servers',
      { DNSConfig: { Nameservers: ['10.0.0.1'] } },
      { names: { extraHosts: [], dns: [{ field: `${AT}.DNSConfig.Nameservers[0]`, address: '10.0.0.1' }] } },
    ],
    [
      'lines of /etc/hosts',
      { Hosts: ['  10.0.0.1\tdb  db.local', 'host-gateway x', '10.0.0.2'] },
      {
        names: {
          dns: [],
          extraHosts: [
            { field: `${AT}.Hosts[0]`, name: 'db', address: '10.0.0.1' },
            { field: `${AT}.Hosts[0]`, name: 'db.local', address: '10.0.0.1' },
            { field: `${AT}.Hosts[1]`, name: 'x', address: 'host-gateway' },
          ],
        },
      },
    ],
    ['OOM score', { OomScoreAdj: -1000 }, { oomScoreAdj: { field: `${AT}.OomScoreAdj`, value: -1000n } }],
    ['OOM score that is the default', { OomScoreAdj: 0 }, { oomScoreAdj: null }],
    [
      'secrets and configs, by id where there is one',
      {
        Secrets: [{ SecretID: 's1', SecretName: 'mine' }, { SecretName: 'other' }],
        Configs: [{ ConfigID: 'c1', ConfigName: 'mine' }, { ConfigName: 'other' }],
      },
      {
        secrets: [
          { field: `${AT}.Secrets[0].SecretID`, name: 's1', kind: 'secret' },
          { field: `${AT}.Secrets[1].SecretName`, name: 'other', kind: 'secret' },
          { field: `${AT}.Configs[0].ConfigID`, name: 'c1', kind: 'config' },
          { field: `${AT}.Configs[1].ConfigName`, name: 'other', kind: 'config' },
        ],
      },
    ],
    [
      'ulimits',
      { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] },
      { resources: { ulimits: [{ field: `${AT}.Ulimits[0]`, name: 'nofile', soft: 1n, hard: 2n }] } },
    ],
  ])('have a %s', (_, spec, facts) => {
    expect(askContainer(spec)).toMatchObject(facts);
  });
});

describe('mounts of a service', () => {
  const field = `${AT}.Mounts[0]`;
  const bound = (path: string | null, mode = 'rw') => [{ field, path, mode, via: 'bind' }];

  it.each([
    ['a bind', { Type: 'bind', Source: '/srv/../etc' }, bound('/etc')],
    ['a bind that is read-only', { Type: 'bind', Source: '/', ReadOnly: true }, bound('/', 'ro')],
    ['a bind in capitals', { Type: 'BIND', Source: '/etc' }, bound('/etc')],
    ['a bind by a letter that Go folds', { Type: 'bınd', Source: '/etc' }, bound('/etc')],
    ['a bind without a type', { Source: '/etc' }, bound('/etc')],
    ['a bind of a template', { Type: 'bind', Source: '/srv/{{print "../etc"}}' }, bound(null)],
    ['a template without a type', { Source: '{{.Node.Hostname}}' }, bound(null)],
    ['a pipe', { Type: 'npipe', Source: '\\\\.\\pipe\\docker_engine' }, bound(null)],
    ['a type that no Engine has yet', { Type: 'new', Source: '/etc' }, bound(null)],
    ['a volume whose name is a template', { Type: 'volume', Source: '{{.Task.Name}}' }, bound(null)],
    ['a volume', { Type: 'Volume', Source: 'data' }, []],
    ['a tmpfs', { Type: 'tmpfs' }, []],
  ])('tell the path of %s', (_, mount, hostPaths) => {
    expect(askMount(mount).hostPaths).toEqual(hostPaths);
  });

  it.each([
    ['', 'bind'],
    ['Bind', 'bind'],
    ['volume', 'volume'],
    ['VOLUME', 'volume'],
    ['TmpFS', 'tmpfs'],
    ['cluster', 'cluster'],
    ['Image', 'image'],
  ])('of type %j are of the kind %s', (type, kind) => {
    expect(askMount({ Type: type, Source: 'x' }).mountTypes).toEqual([{ field, type: kind }]);
  });

  it.each(['shared', 'RShared', 'rſhared'])(
    'with the propagation %s reach back into the host',
    (propagation) => {
      const { hostPaths } = askMount({
        Type: 'bind',
        Source: '/srv',
        BindOptions: { Propagation: propagation },
      });
      expect(hostPaths.map(({ via }) => via)).toEqual(['bind', 'propagation']);
    },
  );

  it('tell driver options, with whatever type they come', () => {
    const options = { DriverConfig: { Name: 'local', Options: { o: 'bind', device: '/' } } };
    const at = `${field}.VolumeOptions.DriverConfig.Options`;
    const { volumes, hostPaths } = askMount({ Type: 'volume', Source: 'v', VolumeOptions: options });
    expect(volumes).toEqual([{ field, name: 'v', driver: 'local', options: ['o', 'device'], mode: 'rw' }]);
    expect(hostPaths).toContainEqual({ field: at, path: null, mode: 'rw', via: 'driver-option' });
    expect(askMount({ Type: 'tmpfs', VolumeOptions: options }).hostPaths).toHaveLength(1);
  });
});

describe('privileges of a service', () => {
  const at = `${AT}.Privileges`;

  it.each([
    [
      'no seccomp',
      { Seccomp: { Mode: 'unconfined' } },
      { seccomp: { field: `${at}.Seccomp.Mode`, profile: 'unconfined' } },
    ],
    [
      'a profile',
      { Seccomp: { Mode: 'custom', Profile: 'e30=' } },
      { seccomp: { field: `${at}.Seccomp.Mode`, profile: 'custom' } },
    ],
    [
      'a seccomp mode nobody knows',
      { Seccomp: { Mode: 'new' } },
      { seccomp: { field: `${at}.Seccomp.Mode`, profile: 'custom' } },
    ],
    [
      'no AppArmor',
      { AppArmor: { Mode: 'disabled' } },
      { apparmor: { field: `${at}.AppArmor.Mode`, profile: 'unconfined' } },
    ],
    [
      'an AppArmor mode nobody knows',
      { AppArmor: { Mode: 'new' } },
      { apparmor: { field: `${at}.AppArmor.Mode`, profile: 'new' } },
    ],
    [
      'no SELinux',
      { SELinuxContext: { Disable: true } },
      { selinux: { field: `${at}.SELinuxContext`, disabled: true } },
    ],
    [
      'an SELinux label',
      { SELinuxContext: { User: 'u', Role: 'r', Type: 't', Level: 'l' } },
      {
        selinux: {
          field: `${at}.SELinuxContext`,
          disabled: false,
          user: 'u',
          role: 'r',
          type: 't',
          level: 'l',
        },
      },
    ],
    [
      'no new privileges',
      { NoNewPrivileges: true },
      { noNewPrivileges: { field: `${at}.NoNewPrivileges`, value: true } },
    ],
    [
      'the defaults',
      { Seccomp: { Mode: 'default' }, AppArmor: { Mode: 'default' }, SELinuxContext: { Disable: false } },
      {},
    ],
    ['what is off', { NoNewPrivileges: false, Seccomp: {}, AppArmor: {} }, {}],
  ])('say %s', (_, privileges, security) => {
    expect({ ...askPrivileges(privileges) }).toEqual({ ...security, others: [] });
  });

  it.each([
    ['File', 'file', 'spec.json'],
    ['Registry', 'registry', 'key'],
  ])('name a credential spec by %s', (name, scheme, value) => {
    const field = `${at}.CredentialSpec.${name}`;
    const { security, hostPaths, secrets } = askContainer({
      Privileges: { CredentialSpec: { [name]: value } },
    });
    expect(security.others).toEqual([{ field, option: `credentialspec=${scheme}://${value}` }]);
    expect(hostPaths).toEqual([{ field, path: null, mode: 'ro', via: 'credential-spec' }]);
    expect(secrets).toEqual([]);
  });

  it('name a credential spec by the config that holds it', () => {
    const field = `${at}.CredentialSpec.Config`;
    const { security, hostPaths, secrets } = askContainer({
      Privileges: { CredentialSpec: { Config: 'c1' } },
    });
    expect(security.others).toEqual([{ field, option: 'credentialspec=config://c1' }]);
    expect(hostPaths).toEqual([]);
    expect(secrets).toEqual([{ field, name: 'c1', kind: 'config' }]);
  });
});

describe('tasks of a service', () => {
  it('have limits', () => {
    const at = 'TaskTemplate.Resources';
    const Resources = { Limits: { MemoryBytes: 100, NanoCPUs: 5, Pids: 7 }, SwapBytes: 11 };
    expect({ ...askTask({ Resources }).resources }).toEqual({
      memory: { field: `${at}.Limits.MemoryBytes`, value: 100n },
      memorySwap: { field: `${at}.SwapBytes`, value: 111n },
      nanoCpus: { field: `${at}.Limits.NanoCPUs`, value: 5n },
      pids: { field: `${at}.Limits.Pids`, value: 7n },
      ulimits: [],
    });
  });

  it.each([
    ['is not said', {}, undefined],
    ['has no limit', { SwapBytes: -1, Limits: { MemoryBytes: 100 } }, -1n],
    ['is none', { SwapBytes: 0, Limits: { MemoryBytes: 100 } }, 100n],
  ])('have swap that %s', (_, Resources, value) => {
    expect(askTask({ Resources }).resources.memorySwap?.value).toBe(value);
  });

  it.each([
    ['DiscreteResourceSpec', { Kind: 'gpu', Value: 2 }],
    ['NamedResourceSpec', { Kind: 'gpu', Value: 'uuid-1' }],
  ])('ask for devices by %s', (name, spec) => {
    const { devices } = askTask({ Resources: { Reservations: { GenericResources: [{ [name]: spec }] } } });
    const field = 'TaskTemplate.Resources.Reservations.GenericResources[0]';
    expect(devices).toEqual([{ field, kind: 'request', value: 'gpu' }]);
  });

  it('join networks with aliases and options', () => {
    const Networks = [{ Target: 'front', Aliases: ['db'], DriverOpts: { o: '1' } }];
    const fact = { name: 'front', driver: null, aliases: ['db'], addresses: [], options: ['o'] };
    expect(askTask({ Networks }).networks).toEqual([{ field: 'TaskTemplate.Networks[0]', ...fact }]);
    expect(askService({ Networks, TaskTemplate: {} }).networks).toEqual([{ field: 'Networks[0]', ...fact }]);
  });

  it('join what both places name', () => {
    const { networks } = askService({
      Networks: [{ Target: 'a' }],
      TaskTemplate: { Networks: [{ Target: 'b' }] },
    });
    expect(networks.map(({ name }) => name).sort()).toEqual(['a', 'b']);
  });

  it('are on the default network of their nodes when no network is named', () => {
    expect(askTask({}).networks).toMatchObject([{ field: 'TaskTemplate.Networks', name: 'bridge' }]);
  });

  it('are in the network of their nodes by the name host', () => {
    const facts = askTask({ Networks: [{ Target: 'host' }] });
    expect(facts.hostNamespaces).toEqual([{ field: 'TaskTemplate.Networks[0]', namespace: 'network' }]);
    expect(facts.networks).toEqual([]);
  });

  it('log by a driver whose options may name paths', () => {
    const { logging, hostPaths } = askTask({
      LogDriver: { Name: 'syslog', Options: { 'syslog-address': 'unix:///run/x.sock' } },
    });
    const field = 'TaskTemplate.LogDriver';
    expect(logging).toMatchObject({ field, driver: 'syslog' });
    expect(hostPaths).toEqual([
      { field: `${field}.Options["syslog-address"]`, path: '/run/x.sock', mode: 'rw', via: 'log-option' },
    ]);
  });

  it.each([
    [{ Condition: 'on-failure' }, { policy: 'on-failure' }],
    [{ Condition: '' }, { policy: 'any' }],
    [{ MaxAttempts: 3 }, { policy: 'any' }],
    [undefined, { policy: 'any' }],
    [{ Condition: 'none' }, null],
  ])('are replaced as %j says', (RestartPolicy, restart) => {
    const field = 'TaskTemplate.RestartPolicy.Condition';
    expect(askTask({ RestartPolicy }).restart).toEqual(restart === null ? null : { field, ...restart });
  });
});

describe('ports of a service', () => {
  const published = (port: object) => askService({ EndpointSpec: { Ports: [port] } }).ports;
  const field = 'EndpointSpec.Ports[0]';

  it.each([
    ['by the routing mesh', { Protocol: 'tcp', PublishMode: 'ingress' }, '80/tcp'],
    ['on the nodes of its tasks', { Protocol: 'UDP', PublishMode: 'host' }, '80/udp'],
    ['without a protocol', {}, '80/tcp'],
    ['by a protocol that swarmkit does not know', { Protocol: 'x' }, '80/tcp'],
    ['by SCTP', { Protocol: 'sctp' }, '80/sctp'],
  ])('are open on the host %s', (_, port, container) => {
    expect(published({ TargetPort: 80, PublishedPort: 8080, ...port })).toEqual([
      { field, container, host: { first: 8080, last: 8080 }, address: '' },
    ]);
  });

  it('are picked by the swarm when none is given', () => {
    expect(published({ TargetPort: 80 })).toEqual([{ field, container: '80/tcp', host: null, address: '' }]);
  });
});

describe('a service that installs a plugin', () => {
  const at = 'TaskTemplate.PluginSpec';

  it('names it, its registry and what it is granted', () => {
    const facts = askTask({
      Runtime: 'plugin',
      PluginSpec: {
        name: 'p',
        remote: 'evil.example.com/p',
        env: ['A=1', 'NVIDIA_VISIBLE_DEVICES=all'],
        privileges: [{ name: 'mount', value: ['/'] }],
      },
    });
    expect(facts.plugins).toEqual([{ field: `${at}.remote`, reference: 'evil.example.com/p:latest' }]);
    expect(facts.registries).toEqual([{ field: `${at}.remote`, registry: 'evil.example.com' }]);
    expect(facts.environment).toEqual(['A', 'NVIDIA_VISIBLE_DEVICES']);
    expect(facts.devices).toMatchObject([{ field: `${at}.env[1]` }]);
    expect(facts.hostPaths).toEqual([
      { field: `${at}.privileges[0].value[0]`, path: '/', mode: 'rw', via: 'bind' },
    ]);
  });

  it.each([
    ['its runtime alone', { Runtime: 'plugin' }, ''],
    ['its spec alone', { PluginSpec: { remote: 'a/b' } }, 'docker.io/a/b:latest'],
    ['the published spelling', { PluginSpec: { Remote: 'a/b' } }, 'docker.io/a/b:latest'],
  ])('is one by %s', (_, task, reference) => {
    expect(askTask(task)).toMatchObject({ plugins: [{ field: `${at}.remote`, reference }], privileged: [] });
  });

  it('is none without either', () => {
    expect(askTask({ Runtime: 'container' }).plugins).toEqual([]);
  });
});
