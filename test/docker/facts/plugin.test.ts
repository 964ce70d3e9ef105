import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/docker/facts/types.ts';
import { ask } from './ask.ts';

const pull = (remote: string, granted: unknown = []) =>
  ask(`POST /v1.56/plugins/pull?remote=${encodeURIComponent(remote)}`, granted);
const set = (...settings: string[]) => ask('POST /v1.56/plugins/p/set', settings);

describe('a plugin', () => {
  it.each([
    ['vieux/sshfs', 'docker.io/vieux/sshfs:latest', 'docker.io'],
    ['index.docker.io/vieux/sshfs:1', 'docker.io/vieux/sshfs:1', 'docker.io'],
    ['10.0.0.1:5000/p', '10.0.0.1:5000/p:latest', '10.0.0.1:5000'],
    ['EVIL.example.com/p', 'EVIL.example.com/p', 'evil.example.com'],
  ])('that is pulled names itself and its registry: %s', (remote, reference, registry) => {
    const { plugins, registries } = pull(remote);
    expect(plugins).toEqual([{ field: 'query remote', reference }]);
    expect(registries).toEqual([{ field: 'query remote', registry }]);
  });

  it('that is upgraded asks for the same as one that is pulled', () => {
    const granted = [{ Name: 'mount', Value: ['/'] }];
    expect(ask('POST /v1.56/plugins/p/upgrade?remote=a/b', granted)).toEqual(pull('a/b', granted));
  });

  const field = '[0].Value[0]';
  it.each<[string, string, Partial<Facts>]>([
    ['network', 'host', { hostNamespaces: [{ field, namespace: 'network' }] }],
    ['network', 'bridge', { hostNamespaces: [] }],
    ['host ipc namespace', 'true', { hostNamespaces: [{ field, namespace: 'ipc' }] }],
    ['host pid namespace', 'true', { hostNamespaces: [{ field, namespace: 'pid' }] }],
    [
      'mount',
      '/srv/../etc',
      {
        hostPaths: [{ field, path: '/etc', mode: 'rw', via: 'bind' }],
        mountTypes: [{ field, type: 'bind' }],
      },
    ],
    ['mount', '', { hostPaths: [{ field, path: null, mode: 'rw', via: 'bind' }] }],
    [
      'device',
      '/dev/fuse',
      {
        hostPaths: [{ field, path: '/dev/fuse', mode: 'rw', via: 'device' }],
        devices: [{ field, kind: 'device', value: '/dev/fuse' }],
      },
    ],
    ['allow-all-devices', 'true', { devices: [{ field, kind: 'cgroup-rule', value: 'a *:* rwm' }] }],
    [
      'capabilities',
      'CAP_SYS_ADMIN',
      { capabilities: { added: [{ field, name: 'SYS_ADMIN' }], dropped: [] } },
    ],
    ['a kind nobody knows', 'x', { privileged: [{ field }] }],
  ])('is granted %s %j', (name, value, facts) => {
    expect(pull('a/b', [{ Name: name, Value: [value] }])).toMatchObject(facts);
  });

  it('is granted nothing by null, which the docker CLI sends', () => {
    expect(pull('a/b', 'null')).toEqual(pull('a/b'));
  });

  it('that is made of an archive has a name', () => {
    expect(ask('POST /v1.56/plugins/create?name=a/b').plugins).toEqual([
      { field: 'query name', reference: 'docker.io/a/b:latest' },
    ]);
  });

  it('that is enabled gets run', () => {
    expect(ask('POST /v1.56/plugins/a/b/enable?timeout=0').plugins).toEqual([
      { field: 'path name', reference: 'docker.io/a/b:latest' },
    ]);
  });

  it('that is pushed goes to the registry of its name', () => {
    expect(ask('POST /v1.56/plugins/reg.example.com/p/push').registries).toEqual([
      { field: 'path name', registry: 'reg.example.com' },
    ]);
  });

  it('of which the privileges are asked for is looked up at its registry', () => {
    const { registries, plugins } = ask('GET /v1.56/plugins/privileges?remote=10.0.0.1/p');
    expect(registries).toEqual([{ field: 'query remote', registry: '10.0.0.1' }]);
    expect(plugins).toEqual([]);
  });
});

describe('a setting of a plugin', () => {
  const at = (path: string | null, via: string) => [{ field: '[0]', path, mode: 'rw', via }];

  it.each([
    ['DEBUG=1', []],
    ['DEBUG', []],
    ['.source=/etc', at('/etc', 'bind')],
    ['args.value=/etc', []],
    ['ssh.source=/root/../etc', at('/etc', 'bind')],
    ['ssh.source=', at(null, 'bind')],
    ['ssh.source=relative', at(null, 'bind')],
    ['a.b.source=/etc', at('/etc', 'bind')],
    ['fuse.path=/dev/sda', at('/dev/sda', 'device')],
    ['fuse.new=/dev/sda', at('/dev/sda', 'bind')],
    ['what=/etc', at('/etc', 'bind')],
    ['ssh.source=/a=b', at('/a=b', 'bind')],
    ['a.value.path=/dev/sda', at('/dev/sda', 'device')],
    ['what=a=/etc', []],
  ])('may name a path of the host: %s', (setting, hostPaths) => {
    expect(set(setting).hostPaths).toEqual(hostPaths);
  });

  it('may ask for devices', () => {
    expect(set('A=1', 'NVIDIA_VISIBLE_DEVICES=all').devices).toEqual([
      { field: '[1]', kind: 'request', value: 'NVIDIA_VISIBLE_DEVICES' },
    ]);
  });

  it('is told by its name', () => {
    expect(set('TOKEN=secret', 'A=1').environment).toEqual(['TOKEN', 'A']);
  });

  it('is one of a plugin that may run', () => {
    expect(set('A=1').plugins).toEqual([{ field: 'path name', reference: 'docker.io/library/p:latest' }]);
  });
});
