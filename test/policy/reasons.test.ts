import { describe, expect, it } from 'vitest';
import { imageFact } from '../../src/docker/facts/image.ts';
import type { Decision } from '../../src/policy/decision.ts';
import { reasonsOf } from '../../src/policy/reasons.ts';
import { column } from './conditions/support.ts';
import { ask, policyOf, type What } from './support.ts';

const grant = (condition: string, effect = 'allow', operations = 'ContainerCreate'): string =>
  `p, user:alice, **, ${operations}, ${column(condition)}, ${effect}`;

async function create(lines: readonly string[], what: What): Promise<Decision> {
  const { grant: cited, ...decision } = ask(
    await policyOf(lines.join('\n')),
    {},
    'ContainerCreate',
    'container/-/web',
    what,
  );
  const reasons = decision.reasons?.map((reason) => ({
    ...reason,
    grant: reason.grant.replace(/^.*:/, ':'),
  }));
  return {
    ...decision,
    ...(cited === undefined ? {} : { grant: cited.replace(/^.*:/, ':') }),
    ...(reasons === undefined ? {} : { reasons }),
    policyVersion: '',
  };
}

const hostPaths = [{ field: 'HostConfig.Binds[0]', path: '/etc', mode: 'rw', via: 'bind' }] as const;
const WHAT: What = {
  facts: {
    runs: 'container',
    privileged: [{ field: 'HostConfig.Privileged' }],
    hostPaths,
    images: [imageFact('Image', 'alpine')],
  },
};

describe('a refusal by a condition', () => {
  it('names every violation of a profile, with field, remedy, profile and line', async () => {
    const decision = await create(['# dev', grant("satisfies('baseline')")], WHAT);
    expect(decision).toEqual({
      effect: 'deny',
      reason: 'privileged',
      grant: ':2',
      condition: "satisfies('baseline')",
      policyVersion: '',
      reasons: [
        expect.objectContaining({
          check: 'privileged',
          field: 'HostConfig.Privileged',
          profile: 'baseline',
          grant: ':2',
        }),
        expect.objectContaining({
          check: 'host-path',
          field: 'HostConfig.Binds[0]',
          asks: 'mounts "/etc" of the host',
          remedy: expect.stringContaining('docker run -v'),
        }),
      ],
    });
  });

  it('names what every part of it minds, and each thing once', async () => {
    const condition =
      "satisfies('baseline') && imageFrom('reg.example.com/**') && memoryAtMost('2g') && satisfies('baseline')";
    const { reason, reasons } = await create([grant(condition)], WHAT);
    expect(reason).toBe('privileged');
    expect(reasons?.map(({ check, field }) => `${check} ${field}`)).toEqual([
      'privileged HostConfig.Privileged',
      'host-path HostConfig.Binds[0]',
      'image-not-permitted Image',
      'memory-limit HostConfig.Memory',
    ]);
    expect(reasons?.[2]).toEqual({
      check: 'image-not-permitted',
      field: 'Image',
      asks: 'uses the image "docker.io/library/alpine:latest"',
      remedy: 'use an image from reg.example.com/**',
      grant: ':1',
    });
  });

  it('names no more than a hundred', async () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({
      ...hostPaths[0],
      field: `HostConfig.Binds[${i}]`,
    }));
    const { reasons } = await create([grant("satisfies('baseline')")], { facts: { hostPaths: many } });
    expect(reasons).toHaveLength(100);
    expect(reasons?.[99]?.field).toBe('HostConfig.Binds[99]');
  });

  it('names of alternatives the one with the fewest violations', async () => {
    const condition = "satisfies('baseline') || imageFrom('reg.example.com/**')";
    expect((await create([grant(condition)], WHAT)).reasons?.map(({ check }) => check)).toEqual([
      'image-not-permitted',
    ]);
  });

  it('names of several grants the closest, and of equals the first', async () => {
    const lines = [
      grant("satisfies('baseline')"),
      grant('false', 'allow', 'ContainerList'),
      grant("imageFrom('reg.example.com/**')"),
      grant("memoryAtMost('2g')"),
    ];
    expect(await create(lines, WHAT)).toMatchObject({ reason: 'image-not-permitted', grant: ':3' });
    expect(await create([lines[0] as string, lines[3] as string, lines[2] as string], WHAT)).toMatchObject({
      reason: 'memory-limit',
      grant: ':2',
    });
  });

  it('names what the client could change before what it could not', async () => {
    const lines = [
      grant("r.principal.name == 'bob'"),
      grant('r.version > 50'),
      grant("anyOf(r.principal.roles, 'x')"),
      grant("satisfies('baseline')"),
    ];
    expect(await create(lines, WHAT)).toMatchObject({ reason: 'privileged', grant: ':4' });
    expect(await create(lines.slice(0, 2), WHAT)).toMatchObject({ reason: 'condition-not-met', grant: ':1' });
    const condition = "r.principal.name == 'bob' || satisfies('baseline')";
    expect((await create([grant(condition)], WHAT)).reasons).toHaveLength(2);
  });

  it('says of a comparison which field, what it is, and what is wanted', async () => {
    const what = { ...WHAT, body: { HostConfig: { Memory: 5n } }, query: { name: 'secret' }, version: 41 };
    const said = async (condition: string) => {
      const [first, ...more] = (await create([grant(condition)], what)).reasons ?? [];
      expect(more).toEqual([]);
      return `${first?.check}: ${first?.field} ${first?.asks}; ${first?.remedy}`;
    };
    expect(await said('r.body.HostConfig.Memory <= 4')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must be at most 4',
    );
    expect(await said('4 >= r.body.HostConfig.Memory')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must be at most 4',
    );
    expect(await said('r.body.HostConfig.Memory > 5')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must be above 5',
    );
    expect(await said('r.body.HostConfig.Memory != 5')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must be other than 5',
    );
    expect(await said('!(r.body.HostConfig.Memory == 5)')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must not be 5',
    );
    expect(await said('r.body.HostConfig.Memory in [1, 2]')).toBe(
      'condition-not-met: HostConfig.Memory is 5; it must be one of [1, 2]',
    );
    expect(await said("r.facts.runs == 'exec'")).toBe(
      'condition-not-met: facts.runs is "container"; it must be "exec"',
    );
    expect(await said('r.facts.runtime != null')).toBe(
      'condition-not-met: facts.runtime is not given; it must be given',
    );
    expect(await said('r.version >= 44')).toBe('condition-not-met: version is 41; it must be at least 44');
    expect(await said("'admin' in r.principal.roles")).toBe(
      'condition-not-met: principal.roles is otherwise; it must hold "admin"',
    );
    expect(await said("!imageFrom('docker.io/**')")).toBe(
      'condition-not-met: Image is within imageFrom("docker.io/**"); ask for something else',
    );
    expect(await said("!imageFrom('a.io/**', 'docker.io/**')")).toMatch(
      / is within imageFrom\("a\.io\/\*\*", "docker\.io\/\*\*"\);/,
    );
    expect(await said("imageFrom('a.io/**')")).toMatch(/; use an image from a\.io\/\*\*$/);
    expect(await said("imageFrom('a.io/**', 'b.io/**', 'c.io/**')")).toMatch(
      /; use an image from a\.io\/\*\*, b\.io\/\*\* or c\.io\/\*\*$/,
    );
    expect(await said("noneOf(r.facts.hostPaths.path, '/etc')")).toBe(
      'condition-not-met: HostConfig.Binds[0] is "/etc"; it must not be "/etc"',
    );
    expect(await said('isEmpty(r.facts.hostPaths)')).toBe(
      'condition-not-met: facts.hostPaths is there; leave it out',
    );
    expect(await said('false')).toBe('condition-not-met: request is not allowed; the condition is fixed');
  });

  it('repeats no text of a body, a query, a command, labels or options', async () => {
    const what: What = {
      body: { Image: 'hunter2' },
      query: { name: 'hunter2' },
      facts: {
        command: ['hunter2'],
        labels: { a: 'hunter2' },
        logging: { field: 'HostConfig.LogConfig', driver: 'hunter2', options: { a: 'hunter2' } },
      },
    };
    for (const condition of [
      "r.body.Image == 'x'",
      "r.query.name == 'x'",
      "allIn(r.facts.command, 'x')",
      "r.facts.labels.a == 'x'",
      "r.facts.logging.options.a == 'x'",
      "noneOf(r.facts.command, 'hunter*')",
    ]) {
      const decision = await create([grant(condition)], what);
      expect(decision.reasons?.length).toBe(1);
      expect(JSON.stringify(decision.reasons)).not.toContain('hunter2');
    }
  });

  it('is none where no grant is about the request', async () => {
    const lines = [
      'p, user:bob, **, ContainerCreate, false, allow',
      'p, user:alice, volume/**, VolumeCreate, false, allow',
      'p, user:alice, container/-/db, ContainerCreate, false, allow',
    ];
    expect(await create(lines, WHAT)).toEqual({ effect: 'deny', reason: 'not-granted', policyVersion: '' });
  });
});

describe('a decision under conditions', () => {
  it('cites grant and condition when it allows', async () => {
    const condition = "r.facts.runs == 'container'";
    expect(await create([grant(condition)], WHAT)).toEqual({
      effect: 'allow',
      reason: 'granted',
      grant: ':1',
      condition,
      policyVersion: '',
    });
  });

  it('allows by a grant whose condition is met, whatever the others mind', async () => {
    const lines = [grant("satisfies('restricted')"), grant("imageFrom('docker.io/**')"), grant('false')];
    expect(await create(lines, WHAT)).toMatchObject({ effect: 'allow', grant: ':2' });
  });

  it('denies by a denial whose condition is met, and names what that minds', async () => {
    const lines = [grant('true'), grant("!satisfies('baseline')", 'deny')];
    expect(await create(lines, WHAT)).toMatchObject({
      effect: 'deny',
      reason: 'denied-by-grant',
      grant: ':2',
      condition: "!satisfies('baseline')",
      reasons: [
        { check: 'privileged', profile: 'baseline', grant: ':2' },
        { check: 'host-path', profile: 'baseline', grant: ':2' },
      ],
    });
    expect(await create(lines, {})).toMatchObject({ effect: 'allow', grant: ':1' });
  });

  it('denies by what a denial can not tell, and says so', async () => {
    const image = imageFact('Image', 'cafe');
    const lines = [grant('true'), grant("imageFrom('evil.com/**')", 'deny')];
    expect(await create(lines, { facts: { images: [image] } })).toMatchObject({
      reason: 'denied-by-grant',
      reasons: [{ check: 'image-not-permitted', asks: 'uses an image by what may be an id, "cafe"' }],
    });
  });

  it('names no reasons for a denial without a condition', async () => {
    expect(await create([grant('true'), grant('true', 'deny')], WHAT)).toEqual({
      effect: 'deny',
      reason: 'denied-by-grant',
      grant: ':2',
      policyVersion: '',
    });
  });

  it('means by one condition different fields in different grants', async () => {
    const condition = "r.query.platform == 'linux/arm64'";
    const policy = await policyOf(
      [grant(condition), grant(condition, 'allow', 'ImageCreate ImageBuild')].join('\n'),
    );
    const query = { platform: 'linux/arm64' };
    for (const id of ['ContainerCreate', 'ImageCreate']) {
      expect(ask(policy, {}, id, 'x', { query }).effect).toBe('allow');
      expect(ask(policy, {}, id, 'x', { query: {} }).effect).toBe('deny');
    }
  });
});

describe('complaints as reasons', () => {
  const complaint = (field: string, remedy = 'r') => ({ check: 'c', field, asks: 'a', remedy });

  it('are each thing once, with the remedy that came first', () => {
    const complaints = [complaint('A', 'first'), complaint('B'), complaint('A', 'second')];
    expect(reasonsOf(complaints, 'grants.csv:1')).toEqual([
      { ...complaint('A', 'first'), grant: 'grants.csv:1' },
      { ...complaint('B'), grant: 'grants.csv:1' },
    ]);
  });

  it('are the first hundred', () => {
    const complaints = Array.from({ length: 101 }, (_, at) => complaint(`F${at}`));
    expect(reasonsOf(complaints.slice(0, 100), 'g')).toHaveLength(100);
    expect(reasonsOf(complaints, 'g').map(({ field }) => field)).toEqual(
      complaints.slice(0, 100).map(({ field }) => field),
    );
  });
});
