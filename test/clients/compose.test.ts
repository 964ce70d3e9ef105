import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Ran, run } from './run.ts';
import { openSite, type Site } from './site.ts';

const IDLE = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

const PROJECT = `
version: "3.7"
services:
  web:
    build: {context: web, args: {WHO: you}}
    image: IMAGE
    command: ["sh", "-c", 'cat /who; ${IDLE}']
    ports: ["127.0.0.1::80"]
    volumes: ["data:/data"]
    depends_on: [db]
  db:
    image: busybox
    command: ["sh", "-c", 'echo ready; ${IDLE}']
    environment: {A: b}
    networks: {default: {aliases: [database]}}
volumes: {data: {}}
`;

/**
 * Debian's docker-compose 1.29, which is python3-docker underneath: over TLS 1.2 as it comes, over TLS 1.3 with
 * COMPOSE_TLS_VERSION=TLS.
 */
describe.each([
  { tls: '1.2', env: {} },
  { tls: '1.3', env: { COMPOSE_TLS_VERSION: 'TLS' } },
])('docker-compose over TLS $tls', ({ tls, env }) => {
  const open = openSite('mtls', { config: { tls: { minVersion: tls, clientCertificate: 'required' } } });

  function project(site: Site): (args: string, input?: string) => Promise<Ran> {
    const folder = site.files('project', {
      'docker-compose.yml': PROJECT.replace('IMAGE', site.name('web')),
      'web/Dockerfile': 'FROM busybox\nARG WHO\nCOPY note /note\nRUN echo $WHO > /who\n',
      'web/note': `${randomBytes(8).toString('hex')}\n`,
    });
    const base = ['--ansi', 'never', '-p', site.id];
    return async (args, input) => {
      const ran = await run('/usr/bin/docker-compose', [...base, ...args.split(' ')], {
        cwd: folder,
        env: {
          HOME: folder,
          DOCKER_HOST: site.gateway.host,
          DOCKER_CERT_PATH: site.certs,
          DOCKER_TLS_VERIFY: '1',
          ...env,
        },
        ...(input === undefined ? {} : { input }),
      });
      return { ...ran, stderr: ran.stderr.replaceAll('\r', '') };
    };
  }

  // Twenty commands, each of which starts Python: a second apiece here, and four on a busy machine.
  it('takes a project of two services through its whole life', { timeout: 180_000 }, async () => {
    const site = open();
    const compose = project(site);
    const output = async (args: string, input?: string): Promise<string> => {
      const ran = await compose(args, input);
      expect(ran.code, `${args}: ${ran.stdout}${ran.stderr}`).toBe(0);
      return ran.stdout;
    };
    expect(await output('build')).toContain(`Successfully tagged ${site.name('web')}:latest`);
    const up = await compose('up -d');
    expect([up.code, up.stderr]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `^Creating network "${site.id}_default" with the default driver\\n` +
            `Creating volume "${site.id}_data" with default driver\\n[\\s\\S]*Creating ${site.id}_web_1 \\.\\.\\. done\\n$`,
        ),
      ),
    ]);
    expect(await output('ps')).toMatch(/_db_1 .* Up [\s\S]*_web_1 .* Up +127\.0\.0\.1:\d+->80\/tcp/);
    expect(await output('exec -T web cat /who')).toBe('you\n');
    expect(await output('exec -T db cat', 'through exec\n')).toBe('through exec\n');
    expect((await compose('exec -T web false')).code).toBe(1);
    expect(await output('exec -T web ping -c 1 -w 5 database')).toContain('1 packets received');
    expect(await output('run --rm -T web echo ran')).toBe('ran\n');
    expect(await output('logs --no-color')).toMatch(
      /^Attaching to [\s\S]*(db_1 +\| ready\n[\s\S]*web_1 +\| you|web_1 +\| you\n[\s\S]*db_1 +\| ready)\n/,
    );
    expect(await output('top db')).toContain('sleep 0.1');
    expect(await output('port web 80')).toMatch(/^127\.0\.0\.1:\d+\n$/);
    expect((await compose('up -d --scale db=2')).stderr).toContain(`Creating ${site.id}_db_2 ... done`);
    for (const step of ['pause db', 'unpause db', 'restart -t 1 db', 'stop -t 1 web', 'kill db', 'rm -fs']) {
      await output(step);
    }
    expect((await output('ps -q')).trim()).toBe('');
    const down = await compose('down -v --rmi local');
    expect([down.code, down.stderr]).toEqual([
      0,
      `Removing network ${site.id}_default\nRemoving volume ${site.id}_data\n`,
    ]);
  });

  it('shows the output of its services until one of them ends', async () => {
    const site = open();
    const compose = project(site);
    expect((await compose('build -q')).code).toBe(0);
    const shown = compose('up --abort-on-container-exit --no-color');
    await expect
      .poll(async () => (await compose('ps -q web')).stdout.trim(), { timeout: 15_000, interval: 300 })
      .not.toBe('');
    await compose('kill -s TERM db');
    const { stdout } = await shown;
    expect(stdout).toMatch(/^db_1 +\| ready$/m);
    expect(stdout).toMatch(/_db_1 exited with code 0/);
    expect((await compose('down -v')).code).toBe(0);
  });
});
