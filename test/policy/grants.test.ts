import { describe, expect, it } from 'vitest';
import { faultsOf, policyOf } from './support.ts';

const FINE = 'p, *, engine, SystemPing, true, allow';

describe('a bad line', () => {
  it.each([
    [
      'an unknown first column',
      'x, a, b',
      'a line begins with p (a grant) or g (a membership), not with "x"',
    ],
    [
      'a missing column',
      'p, user:a, **, *, true',
      'a grant has 6 columns (p, subject, resource, operations, condition, effect), this one has 5',
    ],
    ['an empty last column', 'p, user:a, **, *, true,', 'the effect "" is neither allow nor deny'],
    [
      'a column too many',
      'p, user:a, **, *, true, allow, more',
      'a grant has 6 columns (p, subject, resource, operations, condition, effect), this one has 7; put a column with a comma in it in double quotes',
    ],
    [
      'a subject without prefix',
      'p, alice, **, *, true, allow',
      'the subject "alice" is none of user:NAME, role:NAME, tenant:NAME and *',
    ],
    [
      'an unknown prefix',
      'p, group:a, **, *, true, allow',
      'the subject "group:a" is none of user:NAME, role:NAME, tenant:NAME and *',
    ],
    [
      'a prefix in capitals',
      'p, User:a, **, *, true, allow',
      'the subject "User:a" is none of user:NAME, role:NAME, tenant:NAME and *',
    ],
    [
      'an empty name',
      'p, user:, **, *, true, allow',
      'the subject "user:" names nobody: a name has 1 to 256 visible characters in composed form (NFC)',
    ],
    [
      'a name that is not composed',
      `p, user:${'José'.normalize('NFD')}, **, *, true, deny`,
      /^the subject "user:.*" names nobody: /,
    ],
    [
      'a name with an invisible sign',
      'p, user:a\u200b, **, *, true, deny',
      'the subject "user:a\\u{200b}" names nobody: a name has 1 to 256 visible characters in composed form (NFC)',
    ],
    [
      'a role that no principal can have',
      'p, role:My Role, **, *, true, allow',
      'the subject "role:My Role" names no role: letters, digits and ._@:+- only, up to 256',
    ],
    [
      'a tenant that no principal can have',
      'p, tenant:-, **, *, true, allow',
      'the subject "tenant:-" names no tenant: letters, digits and ._@:+- only, up to 256',
    ],
    [
      'a subject that would be a pattern',
      'p, user:bob*, **, *, true, deny',
      'the subject "user:bob*" holds a star; subjects are no patterns, and * alone is everybody',
    ],
    [
      'an unknown operation',
      'p, user:a, **, ContainerLogz, true, allow',
      '"ContainerLogz" names no operation or class; did you mean ContainerLogs?',
    ],
    [
      'an operation in another case',
      'p, user:a, **, containerlogs, true, allow',
      '"containerlogs" names no operation or class; did you mean ContainerLogs?',
    ],
    [
      'an unknown class',
      'p, user:a, **, @reads, true, allow',
      '"@reads" names no operation or class; did you mean @read?',
    ],
    [
      'a glob that matches nothing',
      'p, user:a, **, Pod*, true, allow',
      '"Pod*" names no operation or class; see docs/policies.md for the list',
    ],
    [
      'an unknown exclusion',
      'p, user:a, **, @read !Nope, true, allow',
      /^"!Nope" names no operation or class/,
    ],
    [
      'only exclusions',
      'p, user:a, **, !SystemInfo, true, allow',
      'the operations column names nothing to allow or deny; write * for every operation',
    ],
    [
      'exclusions that leave nothing',
      'p, user:a, **, @build !*, true, deny',
      'the exclusions of the operations column leave nothing to allow or deny',
    ],
    [
      'no operations',
      'p, user:a, **, , true, allow',
      'the operations column names nothing to allow or deny; write * for every operation',
    ],
    [
      'a condition',
      'p, user:a, **, *, r.facts, allow',
      'the condition says r.facts alone, which is neither true nor false; compare it with something',
    ],
    ['an empty condition', 'p, user:a, **, *, , deny', 'the condition is empty; write true for no condition'],
    ['an unknown effect', 'p, user:a, **, *, true, permit', 'the effect "permit" is neither allow nor deny'],
    ['an effect in capitals', 'p, user:a, **, *, true, DENY', 'the effect "DENY" is neither allow nor deny'],
    [
      'a comment behind the grant',
      'p, user:a, **, *, true, deny # not bob',
      'the effect "deny # not bob" is neither allow nor deny',
    ],
    [
      'a membership with two columns',
      'g, user:a',
      'a membership has 3 columns (g, member, role), this one has 2',
    ],
    ['a membership in no role', 'g, user:a, operator', 'the role "operator" has not the form role:NAME'],
    ['a membership in a tenant', 'g, user:a, tenant:red', 'the role "tenant:red" has not the form role:NAME'],
    [
      'a membership in a role without a name',
      'g, user:a, role:',
      'the role "role:" names no role: letters, digits and ._@:+- only, up to 256',
    ],
    [
      'a membership of everybody',
      'g, *, role:operator',
      'the member "*" is none of user:NAME, role:NAME and tenant:NAME',
    ],
    [
      'a membership of a name without prefix',
      'g, alice, role:x',
      'the member "alice" is none of user:NAME, role:NAME, tenant:NAME and *',
    ],
    [
      'a membership in a role that nothing is said of',
      'g, user:a, role:oops',
      'nothing is granted or denied to role:oops; write a p line for it',
    ],
    [
      'a role that is a member of itself',
      'g, role:a, role:a',
      'the roles go round in a circle: role:a -> role:a',
    ],
    [
      'quotes that do not end',
      'p, "user:a, **, *, true, allow',
      'the quoting is broken: write "..." around a column, and "" for a quote in it',
    ],
    [
      'a quote within a column',
      'p, user:"a", **, *, true, allow',
      'the quoting is broken: write "..." around a column, and "" for a quote in it',
    ],
    [
      'text behind a quoted column',
      'p, "user:a"b, **, *, true, allow',
      'the quoting is broken: write "..." around a column, and "" for a quote in it',
    ],
    ['a control character', 'p, user:a\u0000, **, *, true, allow', 'the line holds control characters'],
    [
      'a carriage return, which hides what is before it',
      '# p, *, **, *, true, deny\rp, x',
      'the line holds control characters',
    ],
    [
      'a line separator in a comment',
      '# a\u2028p, *, **, *, true, allow',
      'the line holds control characters',
    ],
    ['a byte order mark', '\ufeffp, user:a, **, *, true, allow', 'the line holds control characters'],
  ])('with %s is named with its number', async (_, line, sentence) => {
    const faults = await faultsOf(`# first\n${line}\n${FINE}\n`);
    expect(faults).toEqual([
      typeof sentence === 'string' ? `grants.csv:2: ${sentence}` : expect.stringMatching(/^grants\.csv:2: /),
    ]);
    if (typeof sentence !== 'string') expect(faults[0]?.slice('grants.csv:2: '.length)).toMatch(sentence);
  });

  it('does not hide the next: all faults are named at once, in order', async () => {
    const faults = await faultsOf('p, a, **, *, true, allow\nq\np, user:a, **, Nope, true, maybe\n#\u0007\n');
    expect(faults.map((fault) => /:(\d+): /.exec(fault)?.[1])).toEqual(['1', '2', '3', '3', '4']);
  });

  it('of roles that go round in a circle is named, with the way, on each of its lines', async () => {
    const faults = await faultsOf(
      [
        'g, user:x, role:a',
        'g, role:a, role:b',
        'g, role:b, role:c',
        'g, role:c, role:a',
        'p, role:a, **, *, true, allow',
      ].join('\n'),
    );
    expect(faults).toEqual([
      'grants.csv:2: the roles go round in a circle: role:a -> role:b -> role:c -> role:a',
      'grants.csv:3: the roles go round in a circle: role:b -> role:c -> role:a -> role:b',
      'grants.csv:4: the roles go round in a circle: role:c -> role:a -> role:b -> role:c',
    ]);
  });

  it('that mistypes a role is told which one was meant', async () => {
    expect(await faultsOf('p, role:blocked, **, *, true, deny\ng, user:mallory, role:blokced\n')).toEqual([
      'grants.csv:2: nothing is granted or denied to role:blokced; did you mean role:blocked?',
    ]);
  });

  it('does not make a role unknown that another bad line speaks of', async () => {
    expect(await faultsOf('p, role:x, **, Nope, true, allow\ng, user:a, role:x\n')).toHaveLength(1);
  });
});

describe('a grant over operations and resources that do not meet', () => {
  it.each([
    [
      'container/**',
      'ContainerExec ExecStart',
      'ExecStart acts on exec resources, and "container/**" covers none of them',
    ],
    ['image/**', 'BuildPrune', 'BuildPrune acts on build resources, and "image/**" covers none of them'],
    ['volume/-/db', '@network', 'none of these operations acts on a resource that "volume/-/db" covers'],
    ['swarm', 'Container*', 'none of these operations acts on a resource that "swarm" covers'],
  ])('%s with %s is a fault', async (resource, operations, sentence) => {
    expect(await faultsOf(`p, *, ${resource}, ${operations}, true, deny\n`)).toEqual([
      `grants.csv:1: ${sentence}`,
    ]);
  });

  it.each([
    ['container/**', '@exec'],
    ['**', 'ContainerExec ExecStart'],
    ['*/-/web', 'ContainerExec ExecStart'],
    ['image/**', 'Image* !ImageBuild'],
  ])('%s with %s is not, where some of them do', async (resource, operations) => {
    await expect(policyOf(`p, *, ${resource}, ${operations}, true, deny\n`)).resolves.toBeDefined();
  });
});
