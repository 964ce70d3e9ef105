import { describe, expect, it } from 'vitest';
import { readContent, writeContent } from '../../../src/docker/content.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { mutate } from '../../../src/policy/mutations/mutate.ts';
import { compileMutations, type MutationRule } from '../../../src/policy/mutations/rules.ts';

type Rule = Omit<MutationRule, 'for'>;

function requestOf(target: string, body?: object) {
  const api = parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 });
  const content = body === undefined ? undefined : readContent(api, Buffer.from(JSON.stringify(body)));
  return { api, content };
}

function changed(rule: Rule, body: object, target = '/v1.41/containers/create') {
  const made = mutate(requestOf(target, body), compileMutations([{ for: ['*'], ...rule }])(new Set(['*'])));
  return {
    body: made.content === undefined ? undefined : JSON.parse(writeContent(made.content).toString()),
    changes: made.changes,
  };
}

function pulled(rule: Rule, target: string) {
  const made = mutate(requestOf(target), compileMutations([{ for: ['*'], ...rule }])(new Set(['*'])));
  return { target: made.api.target, changes: made.changes };
}

describe('no-new-privileges', () => {
  const rule = { noNewPrivileges: true };

  it('is added to what stands in SecurityOpt', () => {
    expect(changed(rule, { Image: 'x', HostConfig: { SecurityOpt: ['label=level:s0'] } })).toEqual({
      body: { Image: 'x', HostConfig: { SecurityOpt: ['label=level:s0', 'no-new-privileges'] } },
      changes: ['no-new-privileges was added'],
    });
  });

  it('is added where there is no HostConfig', () => {
    expect(changed(rule, { Image: 'x' }).body).toEqual({
      Image: 'x',
      HostConfig: { SecurityOpt: ['no-new-privileges'] },
    });
  });

  it.each(['no-new-privileges', 'no-new-privileges:false', 'no-new-privileges=true'])(
    'is left alone where the request says %s',
    (option) => {
      const body = { Image: 'x', HostConfig: { SecurityOpt: [option] } };
      expect(changed(rule, body)).toEqual({ body, changes: [] });
    },
  );

  it('is off unless it is on', () => {
    expect(changed({ noNewPrivileges: false, pids: 1 }, { Image: 'x' }).changes).toEqual([
      'the number of processes was limited to 1',
    ]);
  });
});

describe('dropped capabilities', () => {
  it('come after those that the request drops', () => {
    expect(
      changed({ dropCapabilities: ['NET_RAW', 'MKNOD'] }, { Image: 'x', HostConfig: { CapDrop: ['CHOWN'] } }),
    ).toEqual({
      body: { Image: 'x', HostConfig: { CapDrop: ['CHOWN', 'NET_RAW', 'MKNOD'] } },
      changes: ['the capabilities NET_RAW, MKNOD were dropped'],
    });
  });

  it('leave out what the request adds or drops in any spelling', () => {
    const body = { Image: 'x', HostConfig: { CapAdd: ['cap_net_raw'], CapDrop: ['mknod'] } };
    expect(changed({ dropCapabilities: ['NET_RAW', 'MKNOD', 'CHOWN'] }, body)).toMatchObject({
      body: { HostConfig: { CapDrop: ['mknod', 'CHOWN'] } },
      changes: ['the capability CHOWN was dropped'],
    });
  });

  it.each([{ CapDrop: ['ALL'] }, { CapAdd: ['ALL'] }])('are left alone beside %j', (HostConfig) => {
    expect(changed({ dropCapabilities: ['NET_RAW'] }, { Image: 'x', HostConfig }).changes).toEqual([]);
  });
});

describe('limits', () => {
  it('are set where none is asked for', () => {
    expect(changed({ memory: '512m', cpus: 1.5, pids: 100 }, { Image: 'x' })).toEqual({
      body: { Image: 'x', HostConfig: { Memory: 536_870_912, NanoCpus: 1_500_000_000, PidsLimit: 100 } },
      changes: [
        'memory was limited to 512m',
        'CPU time was limited to 1.5 CPUs',
        'the number of processes was limited to 100',
      ],
    });
  });

  it('take 0 and -1 for none', () => {
    const HostConfig = { Memory: 0, NanoCpus: 0, PidsLimit: -1 };
    expect(changed({ memory: '1g', cpus: 1, pids: 5 }, { Image: 'x', HostConfig })).toEqual({
      body: { Image: 'x', HostConfig: { Memory: 1_073_741_824, NanoCpus: 1_000_000_000, PidsLimit: 5 } },
      changes: [
        'memory was limited to 1g',
        'CPU time was limited to 1 CPU',
        'the number of processes was limited to 5',
      ],
    });
  });

  it('are a quota of the period where one is given, for the Engine takes no NanoCpus beside it', () => {
    expect(changed({ cpus: 0.5 }, { Image: 'x', HostConfig: { CpuPeriod: 50_000 } }).body).toEqual({
      Image: 'x',
      HostConfig: { CpuPeriod: 50_000, CpuQuota: 25_000 },
    });
  });

  it('are no quota of a period of 0, which is none', () => {
    expect(changed({ cpus: 0.5 }, { Image: 'x', HostConfig: { CpuPeriod: 0 } }).body).toEqual({
      Image: 'x',
      HostConfig: { CpuPeriod: 0, NanoCpus: 500_000_000 },
    });
  });

  it('leave alone what is asked for, a quota of CPU time too', () => {
    const HostConfig = { Memory: 9_000_000, CpuPeriod: 100_000, CpuQuota: 50_000, PidsLimit: 7 };
    expect(changed({ memory: '1g', cpus: 1, pids: 5 }, { Image: 'x', HostConfig }).changes).toEqual([]);
  });
});

describe('a mirror', () => {
  const rule = { mirrors: [{ from: 'docker.io', to: 'reg.example.com:5000/hub' }] };

  it.each([
    ['alpine', 'reg.example.com:5000/hub/library/alpine'],
    ['alpine:3', 'reg.example.com:5000/hub/library/alpine:3'],
    [
      `docker.io/team/app@sha256:${'a'.repeat(64)}`,
      `reg.example.com:5000/hub/team/app@sha256:${'a'.repeat(64)}`,
    ],
  ])('takes the place of the registry of %s when it is run', (image, rewritten) => {
    expect(changed(rule, { Image: image })).toEqual({
      body: { Image: rewritten },
      changes: [`the image ${image} was rewritten to ${rewritten}`],
    });
  });

  it.each(['reg.example.com/x', 'sha256:abc', 'cafe', 'UPPER'])('leaves %s alone', (image) => {
    expect(changed(rule, { Image: image }).changes).toEqual([]);
  });

  it('takes its place when it is pulled, so that docker run finds what it has pulled', () => {
    expect(pulled(rule, '/v1.41/images/create?fromImage=alpine&tag=3')).toEqual({
      target: '/v1.41/images/create?fromImage=reg.example.com%3A5000%2Fhub%2Flibrary%2Falpine&tag=3',
      changes: ['alpine was rewritten to reg.example.com:5000/hub/library/alpine'],
    });
  });

  it('takes its place where all tags are pulled, and of a registry with a port', () => {
    expect(pulled(rule, '/v1.41/images/create?fromImage=alpine:').changes).toEqual([
      'alpine: was rewritten to reg.example.com:5000/hub/library/alpine',
    ]);
    const local = { mirrors: [{ from: 'localhost:5000', to: 'x.io' }] };
    expect(pulled(local, '/v1.41/images/create?fromImage=localhost:5000/a').changes).toEqual([
      'localhost:5000/a was rewritten to x.io/a',
    ]);
  });

  it('leaves a container without an image alone', () => {
    expect(changed(rule, { Cmd: ['id'] }).changes).toEqual([]);
  });

  it('leaves imports and other registries alone', () => {
    expect(pulled(rule, '/v1.41/images/create?fromSrc=-&repo=alpine').changes).toEqual([]);
    expect(pulled(rule, '/v1.41/images/create?fromImage=quay.io/x').changes).toEqual([]);
  });
});

describe('rules', () => {
  const rules: MutationRule[] = [
    { for: ['role:dev', 'user:bob'], pids: 1 },
    { for: ['tenant:red'], memory: '1m' },
  ];

  it.each([
    [['user:bob', '*'], 1],
    [['role:dev', 'tenant:red'], 2],
    [['role:dev'], 1],
    [['user:alice', '*'], 0],
  ])('hold for %j', (subjects, count) => {
    expect(compileMutations(rules)(new Set(subjects))).toHaveLength(count);
  });

  it('say nothing about other operations', () => {
    const all = { noNewPrivileges: true, dropCapabilities: ['ALL'], memory: '1m', cpus: 1, pids: 1 };
    expect(changed(all, { Cmd: ['id'] }, '/v1.41/containers/x/exec').changes).toEqual([]);
  });

  it('are not made of what is no size', () => {
    expect(() => compileMutations([{ for: ['*'], memory: 'much' }])).toThrow(new Error('"much" is no size'));
  });
});
