import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import { Refusal } from '../../../src/errors.ts';
import { askBuild } from './ask.ts';

describe('a build', () => {
  it('of an archive, by the classic builder, on the default network', () => {
    expect(askBuild({})).toEqual({
      ...NO_FACTS,
      runs: 'build',
      networks: [expect.objectContaining({ field: 'query networkmode', name: 'bridge' })],
      build: { context: 'archive', builder: 'classic', baseImages: null },
    });
  });

  it.each([
    ['host', { hostNamespaces: [{ field: 'query networkmode', namespace: 'network' }] }],
    ['container:bobc', { joinedContainers: [{ container: 'bobc', namespace: 'network' }] }],
    ['bobn', { networks: [{ field: 'query networkmode', name: 'bobn' }] }],
    ['none', { networks: [], hostNamespaces: [] }],
  ])('F035: on the network %s', (networkmode, facts) => {
    expect(askBuild({ networkmode })).toMatchObject(facts);
  });

  it('F035: with lines of /etc/hosts, a parent cgroup and security options', () => {
    expect(
      askBuild({
        extrahosts: ['x:host-gateway'],
        cgroupparent: '/',
        securityopt: ['seccomp=unconfined', 'y'],
      }),
    ).toMatchObject({
      names: { extraHosts: [{ field: 'query extrahosts[0]', name: 'x', address: 'host-gateway' }] },
      cgroupParent: { field: 'query cgroupparent', path: '/' },
      security: {
        seccomp: { field: 'query securityopt[0]', profile: 'unconfined' },
        others: [{ field: 'query securityopt[1]', option: 'y' }],
      },
    });
  });

  it('by BuildKit is not within the limits that only the classic builder knows', () => {
    const asked = askBuild({ version: '2', memory: '1', memswap: '1', cpuquota: '1000', cpuperiod: '1000' });
    expect(asked.resources).toEqual({ ulimits: [] });
  });

  it('within limits', () => {
    expect(
      askBuild({
        memory: '1',
        memswap: '-1',
        cpuquota: '1000',
        cpuperiod: '1000',
        shmsize: '5',
        ulimits: '[{"Name":"nofile","Soft":6,"Hard":7}]',
      }).resources,
    ).toEqual({
      memory: { field: 'query memory', value: 1n },
      memorySwap: { field: 'query memswap', value: -1n },
      nanoCpus: { field: 'query cpuquota', value: 1_000_000_000n },
      shm: { field: 'query shmsize', value: 5n },
      ulimits: [{ field: 'query ulimits[0]', name: 'nofile', soft: 6n, hard: 7n }],
    });
  });

  it('names images', () => {
    expect(askBuild({ t: ['alice/x', 'reg.io/y:1', '', 'Bad'] }).tags).toMatchObject([
      { field: 'query t[0]', reference: 'docker.io/alice/x:latest', name: { path: 'alice/x' } },
      { field: 'query t[1]', reference: 'reg.io/y:1' },
      { field: 'query t[3]', reference: 'Bad', name: null },
    ]);
  });

  it('takes no id for a name', () => {
    expect(askBuild({ t: 'cafe' }).tags).toMatchObject([{ name: { path: 'library/cafe' } }]);
  });

  it('uses images as caches', () => {
    expect(askBuild({ cachefrom: '["bob/app","cafe"]' }).images).toMatchObject([
      { field: 'query cachefrom[0]', reference: 'docker.io/bob/app:latest' },
      { field: 'query cachefrom[1]', reference: 'cafe', name: null },
    ]);
  });

  it('sets labels and arguments, these by name alone', () => {
    const facts = askBuild({ labels: '{"a":"b"}', buildargs: '{"TOKEN":"s3cret","HTTP_PROXY":null}' });
    expect(facts).toMatchObject({ labels: { a: 'b' }, environment: ['TOKEN', 'HTTP_PROXY'] });
    expect(JSON.stringify({ ...facts, resources: null })).not.toContain('s3cret');
  });

  it.each([
    ['https://me:s3cret@h/x.git#main:dir', 'https://h/x.git#main:dir'],
    ['https://h/x.tar?token=s3cret', 'https://h/x.tar'],
    ['https://h/a@b', 'https://h/a@b'],
    ['git@h:x/y.git', 'git@h:x/y.git'],
  ])('of %s has a remote context', (remote, url) => {
    expect(askBuild({ remote }).build).toMatchObject({
      context: 'remote',
      remote: { field: 'query remote', url },
    });
  });

  it.each(['client-session', 'upload-request'])(
    'F037: of %s has a context that comes through a session',
    (remote) => {
      expect(askBuild({ remote, session: 'x', version: '2' }).build).toEqual({
        context: 'session',
        builder: 'buildkit',
        baseImages: null,
      });
    },
  );

  it('F037: that names a session has a context that comes through it, whichever builder it asks for', () => {
    expect(askBuild({ session: 'x' }).build).toMatchObject({ context: 'session', builder: 'classic' });
    expect(askBuild({ session: '' }).build).toMatchObject({ context: 'archive' });
    expect(askBuild({ session: 'x', remote: 'http://a/b' }).build).toMatchObject({ context: 'remote' });
  });

  it.each(['', '1', '3'])('of version %j is by the classic builder', (version) => {
    expect(askBuild({ version }).build?.builder).toBe('classic');
  });

  it('tells its outputs, and the images that they name', () => {
    const outputs = '[{"Type":"image","Attrs":{"name":"bob/app,x:1","push":"true"}},{"Type":"local"},{}]';
    const facts = askBuild({ t: 'alice/x', outputs });
    expect(facts.build?.outputs).toEqual([
      { field: 'query outputs[0]', type: 'image' },
      { field: 'query outputs[1]', type: 'local' },
      { field: 'query outputs[2]', type: '' },
    ]);
    expect(facts.tags).toMatchObject([
      { field: 'query t[0]', reference: 'docker.io/alice/x:latest' },
      { field: 'query outputs[0].Attrs.name', reference: 'docker.io/bob/app:latest' },
      { field: 'query outputs[0].Attrs.name', reference: 'docker.io/library/x:1' },
    ]);
  });

  it.each([
    ['labels', '["a"]'],
    ['labels', '{"a":1}'],
    ['buildargs', '"a"'],
    ['cachefrom', '{}'],
    ['cachefrom', '[1]'],
    ['ulimits', '[{"name":"nofile"}]'],
    ['ulimits', '[{"Name":"nofile","New":1}]'],
    ['outputs', '[{"Type":"local","New":"x"}]'],
  ])('is refused with %s %s', (name, value) => {
    const asked = () => askBuild({ [name]: value });
    expect(asked).toThrow(Refusal);
    expect(asked).toThrow(expect.objectContaining({ status: 400, reason: 'query-value', field: name }));
  });

  it('is refused in one sentence', () => {
    expect(() => askBuild({ ulimits: '[{"Name":"nofile","New":1}]' })).toThrow(
      /^the query parameter ulimits holds \[0\].New, which is not known$/,
    );
    expect(() => askBuild({ labels: '{"a":1}' })).toThrow(/^the query parameter labels cannot be read: /);
  });

  it.each(['labels', 'buildargs', 'cachefrom', 'ulimits', 'outputs'])('takes null for no %s', (name) => {
    expect(askBuild({ [name]: 'null' })).toEqual(askBuild({}));
  });
});
