import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../../src/docker/operations.ts';
import { redact, type Secretive } from '../../../src/tenancy/view/redact.ts';
import { RULES } from '../../../src/tenancy/view/redact-rules.ts';
import { REAL, real } from './sight.ts';

const MARK = '[redacted by quaywarden]';
const ALL: readonly Secretive[] = ['environment', 'labels', 'command', 'hostPaths', 'logOptions'];
const hide = (...kinds: Secretive[]) => new Set(kinds);
const redacted = (operation: string, body: unknown, ...kinds: Secretive[]) =>
  JSON.parse(redact(operation, JSON.stringify(body), hide(...kinds)));

/** What the objects of the recorded Engine were made with. */
const SECRETS: Readonly<Record<Secretive, RegExp>> = {
  environment: /hunter\d/,
  labels: /secretlabel/,
  command: /secretcommand|execsecret|healthsecret/,
  hostPaths: /\/var\/lib\/docker|\/tmp\/hostpath|\/etc\/hostname|\/tmp\/qwe/,
  logOptions: /LOGSECRET/,
};

const operationOf = (name: string) => name.replace(/Swarm$|Tagged$/, '');
const linesOf = (name: string) => (name === 'SystemEvents' ? real(name).trimEnd().split('\n') : [real(name)]);

describe('what a real Engine tells', () => {
  const cases = Object.keys(REAL).flatMap((name) => ALL.map((kind) => [name, kind] as const));

  it.each(cases)('by %s has no %s when they are to be hidden', (name, kind) => {
    for (const line of linesOf(name)) {
      expect(redact(operationOf(name), line, hide(kind))).not.toMatch(SECRETS[kind]);
    }
  });

  it('has such values in many places', () => {
    const telling = cases.filter(([name, kind]) => SECRETS[kind].test(real(name)));
    expect(telling.length).toBeGreaterThan(25);
  });

  it.each(Object.keys(REAL))(
    'by %s stays as it is when nothing is to be hidden, and when it has none of it',
    (name) => {
      for (const line of linesOf(name)) {
        expect(redact(operationOf(name), line, hide())).toBe(line);
        expect(redact(operationOf(name), line, hide('logOptions'))).toBe(line);
      }
    },
  );

  it.each(Object.keys(REAL))('by %s keeps its shape when all is hidden', (name) => {
    for (const line of linesOf(name)) {
      expect(shapeOf(JSON.parse(redact(operationOf(name), line, hide(...ALL))))).toEqual(
        shapeOf(JSON.parse(line)),
      );
    }
  });
});

describe('a container', () => {
  it('keeps the names of its variables and labels, and loses their values', () => {
    const Config = {
      Env: ['A=secret', 'B=', 'C', 'D=x=y'],
      Labels: { a: 'secret', b: '', 'io.quaywarden.tenant': 'a', 'io.quaywarden.fake': 'secret' },
    };
    expect(redacted('ContainerInspect', { Config }, 'environment', 'labels')).toEqual({
      Config: {
        Env: [`A=${MARK}`, `B=${MARK}`, 'C', `D=${MARK}`],
        Labels: { a: MARK, b: '', 'io.quaywarden.tenant': 'a', 'io.quaywarden.fake': MARK },
      },
    });
  });

  it('loses its command wherever it stands', () => {
    const body = {
      Path: 'sh',
      Args: ['-c', 'secret'],
      State: { Error: 'exec: "secret": not found' },
      Config: {
        Cmd: ['a', 'b'],
        Entrypoint: null,
        Shell: [],
        Healthcheck: { Test: ['CMD', 'secret'], Interval: 5 },
      },
    };
    expect(redacted('ContainerInspect', body, 'command')).toEqual({
      Path: MARK,
      Args: [MARK],
      State: { Error: MARK },
      Config: { Cmd: [MARK], Entrypoint: null, Shell: [], Healthcheck: { Test: [MARK], Interval: 5 } },
    });
    expect(redacted('ContainerList', [{ Command: 'sh -c secret' }], 'command')).toEqual([{ Command: MARK }]);
  });

  it('loses paths of the host, and no names of volumes', () => {
    const body = {
      LogPath: '/secret',
      Mounts: [
        { Type: 'bind', Source: '/secret', Destination: '/d' },
        { Type: 'volume', Name: 'v', Source: '/var/lib/docker/volumes/v/_data' },
      ],
      HostConfig: {
        Binds: ['/secret:/data:ro', 'volume:/data', 'C:\\secret:D:\\data', '/anonymous'],
        Mounts: [
          { Type: 'bind', Source: '/secret' },
          {
            Type: 'volume',
            Source: 'v',
            VolumeOptions: { DriverConfig: { Options: { device: '/secret' } } },
          },
        ],
        Devices: [{ PathOnHost: '/dev/secret', PathInContainer: '/dev/x' }],
      },
    };
    expect(redacted('ContainerInspect', body, 'hostPaths')).toEqual({
      LogPath: MARK,
      Mounts: [
        { Type: 'bind', Source: MARK, Destination: '/d' },
        { Type: 'volume', Name: 'v', Source: MARK },
      ],
      HostConfig: {
        Binds: [`${MARK}:/data:ro`, 'volume:/data', `${MARK}:D:\\data`, MARK],
        Mounts: [
          { Type: 'bind', Source: MARK },
          { Type: 'volume', Source: 'v', VolumeOptions: { DriverConfig: { Options: { device: MARK } } } },
        ],
        Devices: [{ PathOnHost: MARK, PathInContainer: '/dev/x' }],
      },
    });
  });

  it('loses the options of its log driver', () => {
    const body = { HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': 'secret' } } } };
    expect(redacted('ContainerInspect', body, 'logOptions')).toEqual({
      HostConfig: { LogConfig: { Type: 'splunk', Config: { 'splunk-token': MARK } } },
    });
  });
});

describe('an image', () => {
  it('loses the instructions that it was built by, for these hold variables, labels and commands', () => {
    for (const kind of ['environment', 'labels', 'command'] as const) {
      expect(redacted('ImageHistory', [{ CreatedBy: 'ENV A=secret' }], kind)).toEqual([{ CreatedBy: MARK }]);
      const body = { ContainerConfig: { Cmd: ['/bin/sh', '-c', '#(nop) ', 'ENV A=secret'] } };
      expect(redacted('ImageInspect', body, kind)).toEqual({ ContainerConfig: { Cmd: [MARK] } });
    }
    expect(redacted('ImageHistory', [{ CreatedBy: 'x' }], 'hostPaths')).toEqual([{ CreatedBy: 'x' }]);
  });
});

describe('a service, its past, its tasks and plugins', () => {
  const template = {
    ContainerSpec: {
      Env: ['A=secret'],
      Labels: { a: 'secret' },
      Command: ['secret'],
      Args: ['secret'],
      Image: 'i',
    },
    LogDriver: { Name: 'x', Options: { token: 'secret' } },
  };

  it.each(['Spec', 'PreviousSpec'])('lose the values of %s', (member) => {
    const body = { ID: 'x', [member]: { Name: 'n', Labels: { a: 'secret' }, TaskTemplate: template } };
    expect(JSON.stringify(redacted('ServiceInspect', body, ...ALL))).not.toContain('secret');
    expect(JSON.stringify(redacted('ServiceList', [body], ...ALL))).not.toContain('secret');
  });

  it('lose what each has of its own', () => {
    const task = { Labels: { a: 'secret' }, Spec: template, Status: { Err: 'secret' } };
    expect(JSON.stringify(redacted('TaskInspect', task, ...ALL))).not.toContain('secret');
    const plugin = {
      Settings: {
        Env: ['A=secret'],
        Args: ['secret'],
        Mounts: [{ Source: '/secret' }],
        Devices: [{ Path: '/secret' }],
      },
      Config: { Env: [{ Name: 'A', Value: 'secret' }], Args: { Value: ['secret'] }, Entrypoint: ['secret'] },
    };
    expect(JSON.stringify(redacted('PluginInspect', plugin, ...ALL))).not.toContain('secret');
    expect(JSON.stringify(redacted('PluginList', [plugin], ...ALL))).not.toContain('secret');
    expect(redacted('PluginList', [plugin], 'logOptions')).toEqual([plugin]);
  });
});

describe('an event', () => {
  const event = (Action: string, Attributes: object, Type = 'container') => ({
    status: Action,
    Type,
    Action,
    Actor: { ID: 'x', Attributes },
  });

  it('loses the command of an execution', () => {
    for (const verb of ['exec_create', 'exec_start']) {
      expect(redacted('SystemEvents', event(`${verb}: sh -c\nsecret: x`, {}), 'command')).toEqual(
        event(`${verb}: ${MARK}`, {}),
      );
    }
    const healthy = event('health_status: healthy', {});
    expect(redacted('SystemEvents', healthy, 'command')).toEqual(healthy);
  });

  it('loses labels, and nothing that the Engine itself says', () => {
    const Attributes = {
      name: 'web',
      image: 'i',
      exitCode: '0',
      a: 'secret',
      comment: 'secret',
      'io.quaywarden.tenant': 'a',
    };
    expect(redacted('SystemEvents', event('die', Attributes), 'labels')).toEqual(
      event('die', { ...Attributes, a: MARK, comment: MARK }),
    );
    const commit = event('commit', { name: 'web', comment: 'own', imageID: 'sha256:1', imageRef: 'r' });
    expect(redacted('SystemEvents', commit, 'labels')).toEqual(commit);
    expect(
      redacted('SystemEvents', event('tag', { name: 'x:1', image: 'secret' }, 'image'), 'labels'),
    ).toEqual(event('tag', { name: 'x:1', image: MARK }, 'image'));
    const connect = event('connect', { container: 'c', name: 'n', type: 'bridge' }, 'network');
    expect(redacted('SystemEvents', connect, 'labels')).toEqual(connect);
    expect(redacted('SystemEvents', event('new', { name: 'secret' }, 'new'), 'labels')).toEqual(
      event('new', { name: MARK }, 'new'),
    );
  });

  it('of a sequence keeps what begins it', () => {
    const line = `\u001e${JSON.stringify(event('exec_start: secret', {}))}`;
    expect(redact('SystemEvents', line, hide('command'))).toBe(line.replaceAll('secret', MARK));
    expect(redact('SystemEvents', '', hide('command'))).toBe('');
  });
});

describe('a redaction', () => {
  it('knows operations of the catalogue only', () => {
    const known = new Set(OPERATIONS.map(({ id }) => id));
    expect(Object.keys(RULES).filter((id) => !known.has(id))).toEqual([]);
  });

  it('leaves replies alone that it has no rules for', () => {
    expect(redact('SystemVersion', 'no JSON', hide(...ALL))).toBe('no JSON');
  });

  it('keeps every byte beside what it takes out', () => {
    const body = '{"Id":"\\u003c","Size":12345678901234567890,"Config":{"Env":["A=secret"],"X":1.0}}\n';
    expect(redact('ContainerInspect', body, hide('environment'))).toBe(body.replace('secret', MARK));
  });

  it('throws at what is malformed, or of another shape', () => {
    for (const body of [
      '{"Config":',
      '{"Config":{"Env":"A=secret"}}',
      '{"Config":{"Env":[5]}}',
      '[]',
      '{"Config":[]}',
    ]) {
      expect(() => redact('ContainerInspect', body, hide('environment'))).toThrow();
    }
  });

  it('leaves no value at any place that it has a rule for', () => {
    const operations = Object.entries(RULES);
    const place = fc
      .constantFrom(...operations)
      .chain(([id, rules]) => fc.tuple(fc.constant(id), fc.constantFrom(...rules)));
    fc.assert(
      fc.property(place, fc.string(), ([id, { path, kinds, way }], more) => {
        const value = {
          value: 'CANARY',
          labels: { k: `CANARY${more}` },
          pairs: [`N=CANARY${more}`],
          path: `/CANARY`,
          bind: '/CANARY:/x',
        };
        const body = path.reduceRight<unknown>(
          (inner, step) => (step === '[]' ? [inner] : step === '{}' ? { k: inner } : { [step]: inner }),
          value[way],
        );
        for (const kind of kinds) expect(JSON.stringify(redacted(id, body, kind))).not.toContain('CANARY');
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Keys and types, where a list is one of its first element's, for its length may be hidden. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}
