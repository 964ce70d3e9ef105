import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { initialise } from '../../src/cli/init/initialise.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { freshFolder, quaywarden } from '../cli-commands/command.ts';
import { casesOf, NAMES, textOf, verdictOn } from './presets.ts';

/** A set-up in a fresh folder, and what `init` said of it. */
async function setUp(presets: readonly string[], more: object = {}) {
  const dir = freshFolder();
  const report = await initialise(dir, { presets, ...more });
  const read = (path: string): string => readFileSync(`${dir}/${path}`, 'utf8');
  return { dir, report, read };
}

describe('quaywarden init --preset', () => {
  it('makes listeners, grants, folders of sockets and compose files that fit together', async () => {
    const { dir, report, read } = await setUp(['traefik', 'watchtower', 'traefik']);
    expect(report.notes).toEqual([]);
    const config = loadConfig(`${dir}/quaywarden.yaml`);
    expect(config.listeners).toEqual(
      ['traefik', 'watchtower'].map((name) =>
        expect.objectContaining({
          listen: `unix://${dir}/run/${name}/docker.sock`,
          mode: '0660',
          principal: { name, tenant: 'default', roles: [name] },
        }),
      ),
    );
    expect(config.redactions).toEqual([
      { for: ['role:traefik'], hide: ['environment', 'command', 'hostPaths', 'logOptions'] },
    ]);
    const policy = await loadPolicy(config.policy);
    for (const name of ['traefik', 'watchtower']) {
      for (const { http, body, expect: wanted } of casesOf(name)) {
        expect([http, (await verdictOn(policy, name, { http, body })) === 'allow']).toEqual([
          http,
          wanted === 'allow',
        ]);
      }
      expect(statSync(`${dir}/run/${name}`).isDirectory()).toBe(true);
      const compose = read(`presets/${name}/compose.yaml`);
      expect(compose).not.toContain('${QUAYWARDEN_');
      const service = (parse(compose) as { services: Record<string, object> }).services[name];
      expect(service).toMatchObject({
        group_add: [String(process.getgid?.())],
        volumes: [`${dir}/run/${name}:/run/quaywarden:ro`],
      });
      expect(read(`presets/${name}/README.md`)).toBe(textOf(name, 'README.md'));
    }
    expect(report.made).toEqual(expect.arrayContaining(['presets/traefik/compose.yaml', 'run/traefik/']));
  });

  it('writes the tests of each beside the grants, and they pass there', async () => {
    const { dir } = await setUp(NAMES, { hosts: ['engine.example.org'] });
    const { code, stdout, stderr } = await quaywarden([
      'policy',
      'test',
      '--config',
      `${dir}/quaywarden.yaml`,
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const passed = Number(/^(\d+) passed, 0 failed/m.exec(stdout)?.[1]);
    const cases = NAMES.reduce((sum, name) => sum + casesOf(name).length, 0);
    expect(passed).toBeGreaterThan(cases);
  });

  it('issues a certificate to a client that comes by TLS, and none of the others', async () => {
    const { dir, report, read } = await setUp(['testcontainers'], { hosts: ['engine.example.org'] });
    expect(readdirSync(`${dir}/certs/testcontainers`).sort()).toEqual(['ca.pem', 'cert.pem', 'key.pem']);
    expect(loadConfig(`${dir}/quaywarden.yaml`).listeners).toEqual([]);
    expect(existsSync(`${dir}/run`)).toBe(false);
    const compose = read('presets/testcontainers/compose.yaml');
    expect(compose).toContain('DOCKER_HOST: tcp://engine.example.org:2376\n');
    expect(compose).toContain(`- "${dir}/certs/testcontainers:/certs:ro"`);
    expect(report.notes).toEqual([]);
    const { report: nameless } = await setUp(['testcontainers']);
    expect(nameless.notes).toEqual([expect.stringContaining('leaves QUAYWARDEN_HOST open')]);
  });

  it('sets every preset up in one gateway', async () => {
    const { dir } = await setUp(NAMES, { hosts: ['engine.example.org'] });
    const config = loadConfig(`${dir}/quaywarden.yaml`);
    const policy = await loadPolicy(config.policy);
    const byListener = config.listeners.map(({ principal }) => principal.name);
    expect(NAMES.filter((name) => !byListener.includes(name) && !existsSync(`${dir}/certs/${name}`))).toEqual(
      [],
    );
    expect(await verdictOn(policy, 'traefik', { http: 'GET /v1.41/containers/json' })).toBe('allow');
  });

  it('changes nothing when run again', async () => {
    const { dir, read } = await setUp(['traefik', 'watchtower']);
    const before = ['quaywarden.yaml', 'policies/grants.csv', 'policies/profiles.yaml'].map(read);
    const again = await initialise(dir, { presets: ['traefik', 'watchtower'] });
    expect([again.made, again.notes]).toEqual([[], []]);
    expect(['quaywarden.yaml', 'policies/grants.csv', 'policies/profiles.yaml'].map(read)).toEqual(before);
  });

  it('leaves what is there as it is, puts the additions beside, and says no more once they are in', async () => {
    const { dir, read } = await setUp([]);
    const before = read('quaywarden.yaml');
    const { notes } = await initialise(dir, { presets: ['watchtower'] });
    expect(notes).toEqual([
      'policies/grants.csv was kept: add to it what presets/watchtower/grants.csv says',
      'quaywarden.yaml was kept: add to it what presets/watchtower/quaywarden.yaml says',
      'policies/profiles.yaml was kept: add to it what presets/watchtower/profiles.yaml says',
    ]);
    expect(read('quaywarden.yaml')).toBe(before);
    appendFileSync(`${dir}/policies/grants.csv`, read('presets/watchtower/grants.csv'));
    writeFileSync(
      `${dir}/quaywarden.yaml`,
      stringify({ ...parse(before), ...parse(read('presets/watchtower/quaywarden.yaml')) }),
    );
    appendFileSync(
      `${dir}/policies/profiles.yaml`,
      read('presets/watchtower/profiles.yaml').replace('profiles:', ''),
    );
    expect((await initialise(dir, { presets: ['watchtower'] })).notes).toEqual([]);
    await loadPolicy(loadConfig(`${dir}/quaywarden.yaml`).policy);
  });

  it('warns where tenants are told apart', async () => {
    const { dir } = await setUp([], { tenants: true });
    const { notes } = await initialise(dir, { presets: ['traefik'] });
    expect(notes[0]).toContain('container/** is, container/{tenant}/** is not');
  });

  it('puts sockets where it is told', async () => {
    const sockets = freshFolder();
    const { dir, read } = await setUp(['traefik'], { sockets });
    expect(statSync(`${sockets}/traefik`).isDirectory()).toBe(true);
    expect(existsSync(`${dir}/run`)).toBe(false);
    expect(read('quaywarden.yaml')).toContain(`- listen: unix://${sockets}/traefik/docker.sock\n`);
  });

  it.each([
    [
      ['--preset', 'treafik', '--preset', 'zzzzzz'],
      /treafik: there is no such preset; did you mean traefik\?\n.*zzzzzz: .*--list-presets/,
    ],
    [['--preset', 'traefik', '--tenants'], /'--preset <name>' cannot be used with option '--tenants'/],
    [['--preset', 'traefik', '--client', 'alice', '--role', 'r'], /cannot be used with option '--preset/],
    [['--preset', 'traefik', '--sockets', 'a b'], /a b: a preset needs a path of letters/],
    [['--preset', 'traefik', '--sockets', 'x'.repeat(100)], /longer than the 107 bytes/],
  ])('refuses %j with code 2, and makes nothing', async (args, message) => {
    const dir = freshFolder();
    const { code, stderr } = await quaywarden(['init', ...args], { cwd: dir });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('lists the presets, one a line, and makes nothing', async () => {
    const dir = freshFolder();
    const { code, stdout } = await quaywarden(['init', '--list-presets'], { cwd: dir });
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(' ', 1)[0])).toEqual([...NAMES]);
    for (const line of lines) expect(line).toMatch(/^\S+ +(tested|documented) +\S/);
    expect(readdirSync(dir)).toEqual([]);
  });
});
