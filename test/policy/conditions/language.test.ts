import { describe, expect, it } from 'vitest';
import type { What } from '../support.ts';
import { allowedBy, deniedBy } from './support.ts';

const field = 'HostConfig.Memory';
const WHAT: What = {
  facts: {
    runs: 'container',
    resources: { memory: { field, value: 2n ** 40n }, ulimits: [] },
    runtime: { field: 'HostConfig.Runtime', name: 'runsc' },
    labels: { 'com.example.team': 'red', toString: 'own' },
    capabilities: {
      added: [
        { field: 'HostConfig.CapAdd[0]', name: 'CHOWN' },
        { field: 'HostConfig.CapAdd[1]', name: 'KILL' },
      ],
      dropped: ['ALL'],
    },
    ports: [
      {
        field: 'HostConfig.PortBindings["80/tcp"][0]',
        container: '80/tcp',
        host: { first: 8080, last: 8080 },
        address: '',
      },
    ],
  },
  body: {
    Image: 'alpine',
    Tty: true,
    HostConfig: { Privileged: false, Memory: 2n ** 60n + 1n, CapAdd: ['CHOWN', 'KILL'] },
  },
  query: { name: 'web', platform: 'linux/amd64' },
  version: 44,
};

describe('a condition that is met', () => {
  it.each([
    'true',
    '!false',
    "r.facts.runs == 'container'",
    "r.facts.runs != 'exec'",
    'r.facts.runs == "container"',
    "'container' == r.facts.runs",
    "r.facts.runs in ['exec', 'container']",
    "!(r.facts.runs in ['exec'])",
    "r.facts.runs in ['container'] && r.version in [43, 44]",
    'r.version >= 44 && r.version <= 44 && !(r.version > 44) && !(r.version < 44)',
    '43 < r.version',
    'r.version != 43',
    'r.version > -1',
    'r.version != -44',
    'r.version < 100.5 && r.version < 1e21',
    'true && true || false',
    'false && true || true',
    'true && (false || true)',
    "noneOf(r.facts.hostPaths.mode, 'rw', 'r*')",
    'noneOf(r.facts.resources.ulimits.soft, 5)',
    'r.facts.resources.memory.value == 1099511627776',
    'r.body.HostConfig.Memory == 1152921504606846977',
    'r.body.HostConfig.Memory > 1152921504606846976',
    'r.facts.resources.memory.value <= 1.5e12',
    'r.body.Tty',
    'r.body.Tty == true',
    '!r.body.HostConfig.Privileged',
    'r.body.HostConfig.Privileged == false',
    "r.body['Image'] == 'alpine'",
    "r.query.name == 'web'",
    "r.facts.labels['com.example.team'] == 'red'",
    "r.facts.labels.toString == 'own'",
    "r.body.HostConfig.CapAdd[1] == 'KILL'",
    "'KILL' in r.body.HostConfig.CapAdd",
    "'KILL' in r.facts.capabilities.added.name",
    "r.operation == 'ContainerCreate'",
    "r.resource == 'container/-/web'",
    "r.principal.name == 'alice' && r.principal.tenant == 'default' && r.principal.method == 'certificate'",
    'r.facts.build == null && r.facts.runtime != null',
    'r.facts.resources.pids == null && r.body.HostConfig.PidsLimit == null',
    "false || r.facts.runs == 'exec' || r.version == 44",
    "allIn(r.facts.capabilities.added.name, 'CHOWN', 'K*')",
    "anyOf(r.facts.capabilities.added.name, 'KILL')",
    "noneOf(r.facts.capabilities.added.name, 'SYS_*')",
    'allIn(r.facts.ports.host.first, 8080)',
    "anyOf(r.principal.name, 'al*')",
    'isEmpty(r.facts.devices) && isEmpty(r.facts.annotations) && !isEmpty(r.facts.labels)',
    "isEmpty(r.facts.privileged) && satisfies('privileged')",
    'r.body.Image != r.query.name',
  ])('allows: %s', async (condition) => {
    const what = { ...WHAT, facts: { ...WHAT.facts, capabilities: WHAT.facts?.capabilities as never } };
    expect(await allowedBy(condition, what)).toMatchObject({ effect: 'allow', reason: 'granted' });
  });
});

describe('a condition that is not met', () => {
  it.each([
    'false',
    '!true',
    'true && false || false',
    'true && (false || false)',
    'r.version == -44',
    "r.facts.runs == 'exec'",
    'r.version > 44 || r.version < 44',
    'r.facts.resources.memory.value == 1099511627777',
    'r.body.HostConfig.Memory == 1152921504606846976',
    'r.body.HostConfig.Privileged',
    "'SYS_ADMIN' in r.body.HostConfig.CapAdd",
    "allIn(r.facts.capabilities.added.name, 'CHOWN')",
    "anyOf(r.facts.capabilities.added.name, 'SYS_*')",
    "noneOf(r.facts.capabilities.added.name, 'KILL')",
    'isEmpty(r.facts.capabilities.added)',
    'r.facts.runtime == null',
    "r.facts.runs == 'container' && r.version == 43",
  ])('does not allow: %s', async (condition) => {
    expect(await allowedBy(condition, WHAT)).toMatchObject({ effect: 'deny', reason: 'condition-not-met' });
    expect(await deniedBy(condition, WHAT)).toMatchObject({ effect: 'allow' });
  });
});

describe('a text in a condition', () => {
  it.each([
    'r.example.com/team',
    ' p.example.com',
    '(r.facts)',
    ',p.eft',
    'eval(p.condition)',
    'true && r.x',
  ])('is no expression, whatever is in it: %s', async (text) => {
    const query = { name: text };
    expect(await allowedBy(`r.query.name == '${text}'`, { query })).toMatchObject({ effect: 'allow' });
    expect(
      await allowedBy(`r.query.name == '${text}'`, { query: { name: text.replaceAll('.', '_') } }),
    ).toMatchObject({
      effect: text.includes('.') ? 'deny' : 'allow',
    });
  });
});
