import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lintGrants } from '../../src/workbench/lint/lint.ts';
import { VOCABULARY } from '../policy/support.ts';

/** A policy with nothing to say about; each mistake is planted into it alone. */
const SOUND = `p, role:reader, **, @read, true, allow
p, role:maker, **, @read, true, allow
p, role:maker, container/-/web, @lifecycle, satisfies('baseline') && memoryAtMost('1g'), allow
`;

function found(grants: string, tenants = false): string[] {
  return lintGrants('g.csv', grants, { ...VOCABULARY, tenants }).map(({ id, line }) => `${line} ${id}`);
}

/** The last line is the mistake, and what is said of it. */
const PLANTED: readonly (readonly [what: string, lines: string, said: string, inFourth?: string])[] = [
  ['an operation that is none', 'p, role:x, **, ContainerStrat, true, allow', 'invalid'],
  ['a class that is none', 'p, role:x, **, @reed, true, allow', 'invalid'],
  ['a function that is none', "p, role:x, **, ContainerCreate, memoryAtmost('1g'), allow", 'invalid'],
  ['a fact that is none', 'p, role:x, **, ContainerCreate, r.facts.privilegd == null, allow', 'invalid'],
  ['a profile that is none', "p, role:x, **, ContainerCreate, satisfies('baselin'), allow", 'invalid'],
  ['a role that no line speaks of', 'g, user:alice, role:makr', 'invalid'],
  ['a resource that nothing has', 'p, role:reader, container/web, ContainerStart, true, allow', 'invalid'],
  ['an effect that is none', 'p, role:reader, container/-/w, ContainerStart, true, alow', 'invalid'],
  ['a quote that is not closed', 'p, role:reader, container/-/w, ContainerStart, "true, allow', 'invalid'],
  ['the same line again', 'p, role:reader, **, @read, true, allow', 'duplicate'],
  ['a line that another says', 'p, role:reader, container/-/web, ContainerInspect, true, allow', 'shadowed'],
  ['a denial of what is allowed', 'p, role:reader, **, @read, true, deny', 'contradiction', '1'],
  ['a denial of more than is allowed', 'p, *, container/**, @lifecycle, true, deny', 'never-allows', '3'],
  ['a condition that is false', 'p, role:maker, container/-/a, ContainerStart, false, allow', 'never-met'],
  [
    'a condition against itself',
    "p, role:maker, container/-/a, ContainerCreate, satisfies('baseline') && !satisfies('baseline'), allow",
    'never-met',
  ],
  [
    'an exclusion of nothing',
    'p, role:maker, container/-/a, ContainerStart !ContainerStop, true, allow',
    'idle-exclusion',
  ],
  ['a wall of names', 'p, role:maker, container/-/prod-*, ContainerStart, true, deny', 'name-is-no-identity'],
  [
    'a denial that is not negated',
    "p, *, **, ContainerCreate, imageFrom('evil.example.com/**'), deny",
    'deny-not-negated',
  ],
  [
    'a limit that can be raised',
    'p, role:maker, container/-/web, ContainerUpdate, true, allow',
    'limit-can-be-raised',
    '3',
  ],
  [
    'containers without a profile',
    "p, role:maker, container/-/a, ContainerCreate, imageFrom('docker.io/**') && memoryAtMost('1g'), allow",
    'root-on-host',
  ],
  [
    'one profile of two',
    "p, role:maker, container/-/a, ContainerCreate, satisfies('baseline') || imageFrom('docker.io/**'), allow",
    'root-on-host',
  ],
  [
    'privileged exec, in one container even',
    "p, role:maker, container/-/web, ContainerExec, true, allow\np, role:maker, exec/**, ExecStart, satisfies('baseline'), allow",
    'root-on-host',
    '4',
  ],
  ...(
    [
      "hostPathsWithin('/etc')",
      "hostPathsWithin('/var/run/docker.sock:ro')",
      "hostPathsWithin('/home')",
      "isEmpty(r.body.HostConfig.Binds) && r.body.HostConfig.Privileged != true && capsWithin('CHOWN')",
      "isEmpty(r.facts.hostPaths) && isEmpty(r.facts.privileged) && noneOf(r.facts.devices.kind, 'device', 'cgroup-rule') && noneOf(r.facts.capabilities.added.name, 'SYS_ADMIN')",
      "isEmpty(r.facts.hostPaths) && isEmpty(r.facts.privileged) && capsWithin('CHOWN') && noneOf(r.facts.devices.kind, 'device')",
    ] as const
  ).map(
    (condition) =>
      [
        `what allows only some of it: ${condition}`,
        `p, role:maker, container/-/a, ContainerCreate, "${condition}", allow`,
        'root-on-host',
      ] as const,
  ),
  ['plugins that are there', 'p, role:maker, plugin/**, PluginSet, true, allow', 'root-on-host'],
  ['the tokens of the swarm', 'p, role:maker, swarm, SwarmInspect, true, allow', 'root-on-host'],
  ['BuildKit', 'p, role:maker, engine, Session, true, allow', 'root-on-host'],
  ['plugins', 'p, role:maker, plugin/**, Plugin*, true, allow', 'root-on-host'],
  ['volumes of the host', 'p, role:maker, volume/**, VolumeCreate, true, allow', 'root-on-host'],
  ['the swarm', 'p, role:maker, swarm, @swarm, true, allow', 'root-on-host'],
  [
    'exec everywhere',
    "p, role:maker, container/**, ContainerAttach, satisfies('baseline'), allow",
    'exec-in-others',
  ],
  ['all images by name', 'p, role:maker, image/**, ImageTag, true, allow', 'replaces-images'],
  ['fields that nobody knows', 'p, role:maker, container/**, UnknownFields, true, allow', 'unknown-fields'],
  [
    'half of docker exec',
    "p, role:maker, container/-/web, ContainerExec, satisfies('baseline'), allow",
    'half-exec',
  ],
  ['a client that can not ask first', 'p, role:other, container/**, ContainerList, true, allow', 'no-ping'],
  [
    'a silence without a reason',
    '# lint: allow no-ping\np, role:maker, container/-/b, ContainerStart, true, allow',
    'silence-without-reason',
  ],
  [
    'a silence of nothing',
    '# lint: allow no-pong - why not\np, role:maker, container/-/b, ContainerStart, true, allow',
    'silence-unknown',
  ],
];

describe('policy lint', () => {
  it('says nothing of a sound policy', () => {
    expect(found(SOUND)).toEqual([]);
  });

  it.each(PLANTED)('finds %s', (_, lines, said, line = '4') => {
    expect(found(SOUND + lines)).toContain(`${line} ${said}`);
  });

  it('has 25 mistakes at least', () => {
    expect(PLANTED.length).toBeGreaterThanOrEqual(25);
  });

  it('takes what a condition minds for what it does, whatever else it asks for', () => {
    const create = (condition: string): string =>
      `p, role:maker, container/-/a, ContainerCreate, "${condition}", allow`;
    expect(found(SOUND + create("satisfies('restricted') && r.principal.method == 'jwt'"))).toEqual([]);
    expect(
      found(
        `${SOUND}${create("memoryAtMost('1g')")}\np, *, **, ContainerCreate, !satisfies('baseline'), deny`,
      ),
    ).toEqual([]);
    const [most] = lintGrants('g.csv', SOUND + create('isEmpty(r.facts.privileged)'), VOCABULARY);
    expect(most?.sentence).toMatch(/mount any path/);
    expect(most?.sentence).not.toMatch(/privileged/);
  });

  it('is silenced by a comment that says why, and not otherwise', () => {
    const grant = 'p, role:maker, engine, Session, true, allow';
    expect(found(`${SOUND}# lint: allow root-on-host - builds are trusted here\n${grant}`)).toEqual([]);
    expect(found(`${SOUND}# lint: allow root-on-host - builds\n\n# more\n${grant}`)).toEqual([]);
    expect(found(`${SOUND}# lint: allow root-on-host\n${grant}`)).toEqual([
      '4 silence-without-reason',
      '5 root-on-host',
    ]);
    expect(found(`${SOUND}# lint: allow invalid - it is\np, role:x, **, Nothing, true, allow`)).toContain(
      '5 invalid',
    );
  });

  it.each(['grants', 'tenants'])('has nothing to say of the shipped %s.csv', (name) => {
    const text = readFileSync(new URL(`../../policies/${name}.csv`, import.meta.url), 'utf8');
    expect(found(text, name === 'tenants')).toEqual([]);
  });

  it('looks at each grant among those that may cover it only', () => {
    const lines = Array.from(
      { length: 10_000 },
      (_, index) =>
        `p, user:u${index % 500}, container/-/c${index}-*, ContainerCreate ContainerStart, "satisfies('baseline') && memoryAtMost('${(index % 97) + 1}m')", allow`,
    );
    const began = process.cpuUsage();
    const said = found(`${lines.join('\n')}\n${lines[4_321]}\np, *, **, @read, true, allow`);
    console.info(
      `10,000 grants are linted in ${Math.round(process.cpuUsage(began).user / 1_000)} ms of CPU time`,
    );
    expect(said).toEqual(['10001 duplicate']);
  });
});
