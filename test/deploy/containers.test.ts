import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { stringify } from 'yaml';
import { removeNamed } from '../cli/cleanup.ts';
import { docker } from '../support/docker.ts';
import { quaywarden } from '../support/gateway.ts';
import { BASE, buildImage, IMAGE } from '../support/image.ts';
import { healthy, type ImageGateway, inNamespace, startImage, USER } from '../support/image-gateway.ts';

const COMPOSE = fileURLToPath(new URL('../../deploy/compose/', import.meta.url));
const top = mkdtempSync('/tmp/qw-deploy-');

beforeAll(() => buildImage(inject('engine').socket, top));
afterAll(() => rmSync(top, { recursive: true }));

describe('the image of deploy/docker, on a base without a shell', () => {
  const engine = inject('engine');
  const direct = { host: `unix://${engine.socket}` };
  const id = `image-${process.pid}`;
  const folder = `${top}/image`;
  let gateway: ImageGateway;

  beforeAll(async () => {
    gateway = await startImage(engine, id, folder);
  });
  afterAll(async () => {
    await docker(['rm', '-fv', id], direct);
    await removeNamed(engine.socket, id);
  });

  async function inside(script: string): Promise<string> {
    const { stdout, stderr } = await docker(['exec', id, '/usr/local/bin/node', '-e', script], direct);
    return stdout + stderr;
  }

  it('runs as nobody in particular, without a shell, and writes to its volumes alone', async () => {
    expect(await inside('console.log(process.getuid(), process.getgid())')).toBe(`${USER} ${USER}\n`);
    expect((await docker(['exec', id, 'sh', '-c', 'true'], direct)).code).not.toBe(0);
    const writes = `
      const { writeFileSync } = require('node:fs');
      for (const folder of ['', '/tmp', '/usr/lib/quaywarden', '/etc/quaywarden', '/var/lib/quaywarden', '/var/log/quaywarden', '/run/quaywarden']) {
        try { writeFileSync(folder + '/probe', ''); console.log(folder + ' written'); }
        catch ({ code }) { console.log(folder + ' ' + code); }
      }`;
    expect((await inside(writes)).trim().split('\n')).toEqual([
      'EROFS',
      '/tmp ENOENT',
      '/usr/lib/quaywarden EROFS',
      '/etc/quaywarden EROFS',
      '/var/lib/quaywarden written',
      '/var/log/quaywarden written',
      '/run/quaywarden written',
    ]);
  });

  it.each(['local', 'tls'] as const)('serves the docker CLI by its %s listener', async (way) => {
    const target = gateway[way];
    const name = `${id}-${way}`;
    const run = await docker(['run', '-i', '--name', name, 'busybox', 'cat'], { ...target, input: 'typed' });
    expect([run.code, run.stdout, run.stderr]).toEqual([0, 'typed', '']);
    expect((await docker(['logs', name], target)).stdout).toBe('typed');
    expect((await docker(['run', '-d', '--name', `${name}-2`, 'busybox', 'sleep', '60'], target)).code).toBe(
      0,
    );
    expect((await docker(['ps', '--format', '{{.Names}}'], target)).stdout.split('\n')).toContain(
      `${name}-2`,
    );
    const exec = await docker(['exec', '-i', `${name}-2`, 'sh', '-c', 'cat; exit 3'], {
      ...target,
      input: 'more',
    });
    expect([exec.code, exec.stdout]).toEqual([3, 'more']);
    const context = `${folder}/context-${way}`;
    mkdirSync(context);
    writeFileSync(`${context}/Dockerfile`, 'FROM busybox\nCOPY Dockerfile /here\n');
    const built = await docker(['build', '-q', '-t', `${name}:built`, context], {
      ...target,
      env: { DOCKER_BUILDKIT: '0' },
    });
    expect([built.code, built.stderr]).toEqual([0, '']);
    expect((await docker(['rmi', `${name}:built`], target)).code).toBe(0);
    expect((await docker(['rm', '-f', name, `${name}-2`], target)).code).toBe(0);
  });

  it('drains on SIGTERM, and its audit log proves itself', async () => {
    expect(await gateway.stop()).toEqual({ code: 0 });
    expect((await docker(['cp', `${id}:/var/lib/quaywarden/.`, `${folder}/lib`], direct)).code).toBe(0);
    const key = `${folder}/lib/audit-signing-public.pem`;
    const { stdout } = await quaywarden(['audit', 'verify', `${folder}/log/audit`, '--key', key]);
    expect(stdout).toMatch(/^OK: /);
  });
});

describe('deploy/compose', () => {
  const engine = inject('engine');
  const direct = { host: `unix://${engine.socket}` };
  const project = `qw${process.pid}`;
  const environment = {
    ...process.env,
    DOCKER_HOST: direct.host,
    DOCKER_SOCK: engine.socket,
    DOCKER_GID: String(statSync(engine.socket).gid),
    QUAYWARDEN_IMAGE: IMAGE,
    QUAYWARDEN_HOST: 'engine.example.org',
    QUAYWARDEN_PORT: '127.0.0.1:23761',
    TRAEFIK_IMAGE: BASE,
    TRAEFIK_PORT: '127.0.0.1:23762',
  };

  function compose(file: string, ...args: readonly string[]): string {
    const files = [`${COMPOSE}${file}`, `${top}/${file}`].filter((each) => existsSync(each));
    const named = files.flatMap((each) => ['-f', each]);
    return execFileSync('docker-compose', ['-p', project, ...named, ...args], {
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
  /** Beside the file itself: a health check that is sooner done than users need it. */
  function override(services: object = {}): string {
    return stringify({
      version: '3.8',
      services: { gateway: { healthcheck: { interval: '1s' } }, ...services },
    });
  }
  beforeAll(() => {
    for (const file of ['remote-host.yaml', 'multi-tenant.yaml']) writeFileSync(`${top}/${file}`, override());
  });
  /** The certificate of a client, out of the gateway's volume. */
  async function certificate(name: string): Promise<string> {
    const to = `${top}/${project}-${name}`;
    await docker(['cp', `${project}_gateway_1:/etc/quaywarden/certs/${name}`, to], direct);
    return to;
  }
  const host = 'tcp://127.0.0.1:23761';
  const cli = (): string => inNamespace(engine.netns, top);

  it('remote-host.yaml: from nothing to a client on another machine, in one command', {
    timeout: 180_000,
  }, async () => {
    try {
      compose('remote-host.yaml', 'up', '-d');
      const admin = { cli: cli(), host, certPath: await certificate('admin') };
      await healthy(engine, `${project}_gateway_1`);
      expect((await docker(['run', '--rm', 'busybox', 'echo', 'here'], admin)).stdout).toBe('here\n');
      const viewer = { ...admin, certPath: await certificate('viewer') };
      expect((await docker(['run', '--rm', 'busybox', 'true'], viewer)).stderr).toContain('[not-granted]');
    } finally {
      compose('remote-host.yaml', 'down', '-v', '-t', '2');
    }
  });

  it('multi-tenant.yaml: two tenants, who do not see each other', { timeout: 180_000 }, async () => {
    try {
      compose('multi-tenant.yaml', 'up', '-d');
      const people = [];
      for (const [name, tenant] of [
        ['alice', 'team-a'],
        ['bob', 'team-b'],
      ] as const) {
        const client = ['--client', name, '--role', 'developer', '--tenant', tenant];
        compose('multi-tenant.yaml', 'run', '--rm', 'init', 'init', '--dir', '/etc/quaywarden', ...client);
        people.push({ cli: cli(), host, certPath: await certificate(name) });
      }
      const [alice = {}, bob = {}] = people;
      await healthy(engine, `${project}_gateway_1`);
      for (const person of [alice, bob]) {
        const run = await docker(['run', '-d', '--name', 'web', 'busybox', 'sleep', '60'], person);
        expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('memory was limited to 512m')]);
        expect((await docker(['ps', '-a', '--format', '{{.Names}}'], person)).stdout).toBe('web\n');
      }
      const inspected = await docker(['inspect', '-f', '{{.HostConfig.Memory}}', 'web'], alice);
      expect(inspected.stdout).toBe(`${512 * 1024 * 1024}\n`);
      for (const person of [alice, bob]) expect((await docker(['rm', '-f', 'web'], person)).code).toBe(0);
    } finally {
      compose('multi-tenant.yaml', 'down', '-v', '-t', '2');
    }
  });

  it('local-socket.yaml: the proxy sees containers and labels, and neither secrets nor anything to do', {
    timeout: 180_000,
  }, async () => {
    writeFileSync(`${top}/proxy.mjs`, PROXY);
    const stand = {
      entrypoint: ['/usr/local/bin/node', '/proxy.mjs'],
      volumes: [`${top}/proxy.mjs:/proxy.mjs:ro`],
      labels: { 'traefik.enable': 'true' },
      environment: { SECRET: 'hidden' },
    };
    writeFileSync(`${top}/local-socket.yaml`, override({ traefik: stand }));
    try {
      compose('local-socket.yaml', 'up', '-d');
      const name = `${project}_traefik_1`;
      const said = await vi.waitFor(
        async () => {
          const { stdout } = await docker(['logs', name], direct);
          if (!stdout.includes('done')) throw new Error(stdout);
          return stdout;
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(said.trim().split('\n')).toEqual([
        '/_ping 200',
        '/version 200',
        `/containers/json 200 labelled ${name}`,
        `/containers/${name}/json 200 SECRET=[redacted by quaywarden]`,
        '/events 200',
        '/images/json 403',
        `POST /containers/${name}/stop 403`,
        'control.sock ENOENT',
        'done',
      ]);
    } finally {
      compose('local-socket.yaml', 'down', '-v', '-t', '2');
    }
  });
});

/** What Traefik's docker provider asks for, and what it should not get. */
const PROXY = `
import { request } from 'node:http';
import { statSync } from 'node:fs';
const ask = (method, path) => new Promise((resolve, reject) => {
  request({ socketPath: '/run/quaywarden/traefik.sock', method, path }, (answer) => {
    let body = '';
    if (path === '/events') { answer.destroy(); resolve([answer.statusCode, '']); }
    answer.on('data', (chunk) => { body += chunk; }).on('end', () => resolve([answer.statusCode, body]));
  }).on('error', reject).end();
});
const tell = async (path, more = () => '') => {
  const [status, body] = await ask('GET', path);
  console.log(path, status + more(body));
};
let own = '';
await tell('/_ping');
await tell('/version');
await tell('/containers/json', (body) => {
  const found = JSON.parse(body).find(({ Labels }) => Labels['traefik.enable'] === 'true');
  own = found.Names[0].slice(1);
  return ' labelled ' + own;
});
await tell('/containers/' + own + '/json', (body) => ' ' + JSON.parse(body).Config.Env.find((each) => each.startsWith('SECRET')));
await tell('/events');
await tell('/images/json');
const stopped = '/containers/' + own + '/stop';
console.log('POST', stopped, (await ask('POST', stopped))[0]);
try { statSync('/run/quaywarden/control.sock'); console.log('control.sock is there'); }
catch ({ code }) { console.log('control.sock', code); }
console.log('done');
setInterval(() => {}, 60_000);
`;
