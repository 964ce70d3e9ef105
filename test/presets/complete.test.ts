import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { allPresets } from '../../src/cli/init/presets.ts';
import { findOperation, OPERATIONS } from '../../src/docker/operations.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { fileOf, MODEL } from '../policy/support.ts';
import { casesOf, NAMES, PROFILES_OF_ALL, pathOf, policyOf, textOf, verdictOn } from './presets.ts';

const PRESETS = allPresets();
const FILES = ['README.md', 'compose.yaml', 'grants.csv', 'grants.test.yaml', 'preset.yaml'];

/** Presets whose clients make containers; the others may make none at all. */
const MAKERS = [
  ...['backup-job', 'compose-deployment', 'dev-containers', 'gitea-runner', 'github-runner', 'gitlab-runner'],
  ...['jenkins', 'portainer', 'remote-developer', 'testcontainers', 'watchtower'],
];
/** Presets that hold their client to images that are named. */
const IMAGES_NAMED = [
  ...['backup-job', 'compose-deployment', 'dev-containers', 'gitea-runner', 'github-runner', 'jenkins'],
  'testcontainers',
];
/** Presets whose clients enter containers. */
const ENTERING = [
  ...['dev-containers', 'gitea-runner', 'gitlab-runner', 'jenkins', 'portainer', 'remote-developer'],
  'testcontainers',
];
const BUILDERS = ['dev-containers', 'nightly-rebuild', 'remote-developer'];

/** What every creation of Watchtower carries: it writes out what an inspection showed. */
const INSPECTED = {
  Runtime: 'runc',
  MaskedPaths: [
    ...['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list'],
    ...['/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware'],
  ],
  ReadonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
};

/** Images that one preset or another permits, so that what is refused below is refused for something else. */
const IMAGES = ['busybox', 'jenkins/agent', 'redis:7'];
const NETWORKS = ['default', 'none', 'github_network_1'];

/** What is root on the host, or next to it. */
const HOST_CONFIGS: readonly object[] = [
  { Privileged: true },
  { Binds: ['/:/host'] },
  { Binds: ['/:/host:ro'] },
  { Binds: ['/var/run/docker.sock:/var/run/docker.sock'] },
  { Mounts: [{ Type: 'bind', Source: '/etc', Target: '/etc' }] },
  {
    Mounts: [
      {
        Type: 'volume',
        Source: 'v',
        Target: '/v',
        VolumeOptions: { DriverConfig: { Name: 'local', Options: { type: 'none', o: 'bind', device: '/' } } },
      },
    ],
  },
  { PidMode: 'host' },
  { IpcMode: 'host' },
  { UsernsMode: 'host' },
  { NetworkMode: 'host' },
  { PidMode: 'container:gateway' },
  { CapAdd: ['SYS_ADMIN'] },
  { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'rwm' }] },
  { SecurityOpt: ['apparmor=unconfined'] },
  { SecurityOpt: ['seccomp=unconfined'] },
  { VolumesFrom: ['gateway'] },
  { CgroupParent: '/' },
];

describe('the presets', () => {
  it('are those that docs/presets.md lists, with the same words', () => {
    const page = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8');
    const rows = PRESETS.map(
      ({ name, title, summary, checked, reach }) =>
        `| [\`${name}\`](../policies/presets/${name}/README.md) | ${title} | ${summary} | ${reach === 'tls' ? 'TLS' : 'socket'} | ${checked} |`,
    );
    expect(page.split('\n').filter((line) => line.startsWith('| [`'))).toEqual(rows);
  });

  it('load side by side, behind the starter grants', async () => {
    const starter = readFileSync(new URL('../../policies/grants.csv', import.meta.url), 'utf8');
    const grants = [starter, ...NAMES.map((name) => textOf(name, 'grants.csv'))].join('\n');
    const policy = await loadPolicy({
      model: MODEL,
      grants: fileOf(grants, 'grants.csv'),
      profiles: PROFILES_OF_ALL,
    });
    for (const name of NAMES) {
      for (const { http, body, expect: wanted } of casesOf(name)) {
        expect([http, (await verdictOn(policy, name, { http, body })) === 'allow']).toEqual([
          http,
          wanted === 'allow',
        ]);
      }
    }
  });

  it.each(ENTERING)('of %s say aloud that whoever enters every container may be root on the host', (name) => {
    expect(textOf(name, 'README.md').replaceAll('\n', ' ')).toContain('**root on the host**');
  });

  it('publish nothing beyond this machine, but what is there to be reached', () => {
    const open = NAMES.filter((name) => /^ +ports: \["(?!127\.0\.0\.1:)/m.test(textOf(name, 'compose.yaml')));
    expect(open).toEqual(['traefik']);
  });

  it('have compose files that docker-compose reads', () => {
    // All in one run, as each starts Python anew.
    const files = NAMES.flatMap((name) => ['-f', pathOf(name, 'compose.yaml')]);
    const env = {
      PATH: process.env['PATH'],
      ...{ QUAYWARDEN_RUN: '/srv/run', QUAYWARDEN_GID: '1000', QUAYWARDEN_CERTS: '/srv/certs' },
      ...{ QUAYWARDEN_HOST: 'engine.example.org', HOMARR_KEY: 'x', GITEA_URL: 'x', GITEA_TOKEN: 'x' },
    };
    const said = execFileSync('docker-compose', [...files, 'config'], { env, encoding: 'utf8' });
    const services = (parse(said) as { services: Record<string, object> }).services;
    expect(Object.keys(services).sort()).toEqual([...NAMES]);
  });
});

describe.each(PRESETS)('the preset $name', (preset) => {
  const { name, checked, reach } = preset;

  it('is complete, and its README says which of the two it is', () => {
    expect(readdirSync(pathOf(name, '')).sort()).toEqual(FILES);
    const readme = textOf(name, 'README.md');
    const tested = '**Tested with the real client**';
    const documented = '**Endpoints taken from what the client documents**';
    expect([readme.includes(tested), readme.includes(documented)]).toEqual([
      checked === 'tested',
      checked === 'documented',
    ]);
    for (const heading of [
      '## It may',
      '## It may not',
      '## Setting up',
      '## Where the endpoints are from',
    ]) {
      expect(readme).toContain(`\n${heading}\n`);
    }
    const tests = casesOf(name);
    expect(new Set(tests.map((test) => test.expect))).toEqual(new Set(['allow', 'deny']));
  });

  it('reaches the gateway and not the Engine', () => {
    const { services } = parse(textOf(name, 'compose.yaml')) as {
      services: Record<string, { volumes: string[] }>;
    };
    expect(Object.keys(services)).toEqual([name]);
    const sources = services[name]?.volumes.map(
      (volume) => volume.replace(/\$\{[^}]*\}/g, 'VARIABLE').split(':')[0],
    );
    expect(sources).toContainEqual(
      expect.stringMatching(reach === 'tls' ? `^VARIABLE/${name}$` : `^VARIABLE/${name}(/docker\\.sock)?$`),
    );
    for (const source of sources ?? []) {
      expect(source).not.toMatch(/^\/(var(\/run)?|run|etc|root|home)?$|docker\.sock$(?<!^VARIABLE.*)/);
    }
  });

  it('is of one role, names operations and no classes, and gives nothing away without a condition', () => {
    const grants = textOf(name, 'grants.csv')
      .split('\n')
      .filter((line) => line.startsWith('p,') || line.startsWith('g,'));
    for (const line of grants) {
      const [kind, subject, resource, operations = '', ...rest] = line.split(', ');
      expect([kind, subject, rest.at(-1)]).toEqual(['p', `role:${name}`, 'allow']);
      expect(resource).not.toBe('**');
      for (const word of operations.split(' ')) expect([line, findOperation(word)?.id]).toEqual([line, word]);
      if (
        /ContainerCreate|ContainerUpdate|ContainerExec|ImageBuild|VolumeCreate|NetworkCreate/.test(operations)
      ) {
        expect(line).toMatch(
          preset.profiles === undefined ? "satisfies('baseline')" : `satisfies('${name}')`,
        );
      }
    }
  });

  it('makes no container that is root on the host, and none at all where it need not', async () => {
    const policy = await policyOf(name);
    const written = name === 'watchtower' ? INSPECTED : {};
    const ask = ({ Image, HostConfig }: { Image: string; HostConfig: object }): Promise<string> => {
      const body = { Image, HostConfig: { ...written, ...HostConfig } };
      return verdictOn(policy, name, { http: 'POST /v1.41/containers/create?name=x', body });
    };
    const plain = await Promise.all(
      IMAGES.flatMap((Image) => NETWORKS.map((NetworkMode) => ask({ Image, HostConfig: { NetworkMode } }))),
    );
    expect(plain.includes('allow')).toBe(MAKERS.includes(name));
    for (const Image of IMAGES) {
      for (const NetworkMode of NETWORKS) {
        for (const hostConfig of HOST_CONFIGS) {
          const asked = { Image, HostConfig: { NetworkMode, ...hostConfig } };
          expect([asked, await ask(asked)]).not.toEqual([asked, 'allow']);
        }
      }
    }
    if (IMAGES_NAMED.includes(name)) {
      for (const NetworkMode of NETWORKS) {
        expect(await ask({ Image: 'evil.example.com/miner', HostConfig: { NetworkMode } })).not.toBe('allow');
      }
    }
  });

  it('enters containers only where its client has to, and never privileged', async () => {
    const policy = await policyOf(name);
    const ask = (body: object): Promise<string> =>
      verdictOn(policy, name, { http: 'POST /v1.41/containers/web/exec', body });
    expect((await ask({ Cmd: ['sh'] })) === 'allow').toBe(ENTERING.includes(name));
    expect(await ask({ Cmd: ['sh'], Privileged: true })).not.toBe('allow');
  });

  it('has no part in swarm, plugins, secrets, BuildKit and the Engine itself', async () => {
    const policy = await policyOf(name);
    const never = OPERATIONS.filter(
      ({ id, class: group }) =>
        ['swarm', 'secret', 'admin'].includes(group) ||
        ['ImageLoad', 'ContainerExport', 'ImageCommit', 'UnknownFields'].includes(id),
    );
    const principal = { name, tenant: 'default', roles: [name], method: 'listener' as const };
    for (const operation of never) {
      const asks = { principal, operation, version: 41, query: {} };
      for (const resource of [`${operation.kind}/-/x`, operation.kind, `${operation.kind}/x`]) {
        expect([operation.id, policy.admits({ ...asks, resource }).effect]).toEqual([operation.id, 'deny']);
      }
    }
    const builds = await verdictOn(policy, name, { http: 'POST /v1.41/build?version=2&t=x' });
    expect(builds).not.toBe('allow');
    const speaks = policy.speaksOf({ principal, operation: 'ImageBuild' });
    expect(speaks).toBe(BUILDERS.includes(name));
  });
});
