import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';
import { openSite, type Site } from './site.ts';

const SCRIPTS = fileURLToPath(new URL('./python', import.meta.url));

/** The environment of docker.from_env(), and the token where that is the way. */
function environment({ gateway, certs, way, token, id }: Site): Record<string, string> {
  return {
    DOCKER_HOST: gateway.host,
    DOCKER_CERT_PATH: certs,
    DOCKER_TLS_VERIFY: '1',
    ID: id,
    ...(way === 'jwt' ? { TOKEN: token } : {}),
  };
}

/** Runs one script with Debian's Python and python3-docker; returns the facts that it tells. */
async function facts(site: Site, script: string): Promise<unknown> {
  const ran = await run('/usr/bin/python3', ['-B', `${SCRIPTS}/${script}.py`], {
    env: environment(site),
    timeoutMs: 50_000,
  });
  expect(ran.code, ran.stderr).toBe(0);
  return JSON.parse(ran.stdout);
}

/** python3-docker 5.0.3 speaks TLS 1.2 only, unless a program passes it an ssl_version. */
const TLS12 = { tls: { minVersion: '1.2', clientCertificate: 'required' } };

describe.each([
  { title: 'by certificate, as from_env() comes', way: 'mtls' as const, options: { config: TLS12 } },
  {
    title: 'by token over TLS 1.3, as one of several tenants',
    way: 'jwt' as const,
    options: { tenancy: true },
  },
])('python3-docker $title', ({ way, options }) => {
  const open = openSite(way, options);

  it('runs, execs, copies, follows, attaches and ends containers', async () => {
    expect(await facts(open(), 'containers')).toEqual({
      run: 'hello\n',
      run_stderr: expect.stringMatching(/^(out\nerr|err\nout)\n$/),
      failed: [7, 'bad\n'],
      no_image: 'manifest for 127.0.0.1:5000/no/such:image not found: manifest unknown: manifest unknown',
      streamed: ['1\n', '2\n', '3\n'],
      status: 'running',
      ports: ['80/tcp'],
      listed: [true],
      low_listed: ['Id'],
      exec: [4, 'b\n'],
      exec_demux: ['out\n', 'err\n'],
      exec_stream: 'a\nb\n',
      exec_tty: '/dev/pts/0\r\n',
      exec_detached: true,
      exec_socket: [1, 'through the socket\n'],
      exec_code: 0,
      top: ['sh'],
      stats: true,
      stats_stream: [true, true],
      put: true,
      get: ['note', 'note\n'],
      diff: true,
      export: true,
      commit: true,
      paused: 'paused',
      renamed: true,
      update: ['Warnings'],
      logs: 'started\n',
      logs_tail: 'started\n',
      follow: [['started\n'], false],
      wait: [3],
      killed: 137,
      attach_socket: [1, 'attached\n'],
      attach: 'one\ntwo\n',
    });
  });

  it('lists, pulls, builds, pushes, saves, loads, tags and removes images', async () => {
    const told = await facts(open(), 'images');
    expect(told).toEqual({
      listed: true,
      filtered: [expect.arrayContaining(['busybox:latest'])],
      quiet: ['sha256:'],
      pulled: expect.arrayContaining(['127.0.0.1:5000/library/busybox:1.35']),
      pull_stream: 'Status: Image is up to date for 127.0.0.1:5000/library/busybox:1.35',
      pull_missing: 'manifest for 127.0.0.1:5000/no/such:image not found: manifest unknown: manifest unknown',
      built: [true, { k: 'v', who: 'you' }, 'you\n'],
      build_low: [true],
      build_error: "The command '/bin/sh -c exit 9' returned a non-zero code: 9",
      tag: true,
      push: ['one: digest'],
      registry_data: 'sha256:',
      saved: true,
      loaded: true,
      history: true,
      imported: true,
      login: 'Login Succeeded',
    });
  });

  it('asks the Engine, reads events, uses networks and volumes, prunes', async () => {
    const site = open();
    expect(await facts(site, 'system')).toEqual({
      ping: true,
      api: ['1.41', '1.41'],
      server: expect.stringMatching(/^20\.10\./),
      info: 'linux',
      df: expect.arrayContaining(['Containers', 'Images', 'LayersSize', 'Volumes']),
      events: ['create', 'start', 'die', 'destroy'],
      events_closed: true,
      net_members: [true],
      net_list: [true],
      vol: 'local',
      vol_list: [true],
      vol_read: 'kept\n',
      prunes: {
        containers: 0,
        images: 0,
        networks: null,
        volumes: 0,
        builds: ['CachesDeleted', 'SpaceReclaimed'],
      },
      missing: [404, `No such container: missing-${site.id}`],
    });
  });
});

describe('python3-docker where TLS 1.3 is the least', () => {
  const open = openSite('mtls');

  /** Runs a line of Python with a client `c` made by that expression. */
  const python = (site: Site, client: string) =>
    run('/usr/bin/python3', ['-B', '-c', `import docker, ssl\nc = ${client}\nprint(c.ping())`], {
      env: environment(site),
    });

  it('does not get in as from_env() comes, and the log says that it spoke too old a TLS', async () => {
    const site = open();
    const refused = await python(site, 'docker.from_env(version="1.41")');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('TLSV1_ALERT_PROTOCOL_VERSION');
    await expect.poll(() => site.gateway.log()).toContain('ERR_SSL_UNSUPPORTED_PROTOCOL');
  });

  it('gets in with ssl_version=ssl.PROTOCOL_TLS', async () => {
    const client = 'docker.from_env(version="1.41", ssl_version=ssl.PROTOCOL_TLS)';
    expect((await python(open(), client)).stdout).toBe('True\n');
  });
});
