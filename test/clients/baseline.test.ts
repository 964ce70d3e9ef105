import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { run } from './run.ts';
import { openSite, type Site } from './site.ts';

const SCRIPT = fileURLToPath(new URL('./python/baseline.py', import.meta.url));
const ASK = 'ask the operator of this gateway for a grant';
const PRIVILEGED =
  'HostConfig.Privileged gives the container full access to the host, which the profile baseline forbids: ' +
  `leave Privileged out (docker run without --privileged); or ${ASK} [privileged]`;
const ETC =
  'HostConfig.Binds[0] mounts "/etc" of the host, which the profile baseline forbids: use a named volume ' +
  `(docker run -v NAME:/path); or ${ASK} [host-path]`;

/** The site's certificate, admin's, is here that of a developer; the client libraries of Debian speak TLS 1.2. */
const CONFIG = {
  tls: { minVersion: '1.2', clientCertificate: 'required' },
  identity: { certificate: { rules: [{ match: { name: 'admin' }, roles: ['developer'] }] } },
};

const environment = ({ gateway, certs, id }: Site, home = '/nonexistent') => ({
  HOME: home,
  DOCKER_HOST: gateway.host,
  DOCKER_CERT_PATH: certs,
  DOCKER_TLS_VERIFY: '1',
  ID: id,
});

describe('a developer under the profile baseline', () => {
  const open = openSite('mtls', {
    config: CONFIG,
    refusals: ['privileged', 'host-path', 'capability', 'host-namespace', 'volume-driver-options'],
  });

  it('works by python3-docker, and reads there why something is refused', async () => {
    const site = open();
    const ran = await run('/usr/bin/python3', ['-B', SCRIPT], { env: environment(site) });
    expect(ran.code, ran.stderr).toBe(0);
    const deed = 'quaywarden: admin (role developer) may not do this ContainerCreate on container/-: ';
    expect(JSON.parse(ran.stdout)).toEqual({
      ran: 'kept\n',
      limits: [67_108_864, 50, ['ALL'], ['CHOWN']],
      built: 'built\n',
      exec: [0, '1000\n'],
      network: true,
      refused: {
        privileged: [403, deed + PRIVILEGED],
        bind: [403, deed + ETC],
        capability: [
          403,
          expect.stringMatching(/CapAdd\[0\] adds the capability "SYS_ADMIN", .* \[capability\]$/),
        ],
        host: [
          403,
          expect.stringMatching(
            /NetworkMode joins the network namespace of the host, .* \[host-namespace\]$/,
          ),
        ],
        volume: [
          403,
          expect.stringMatching(/VolumeCreate on volume\/-: DriverOpts gives .* \[volume-driver-options\]$/),
        ],
      },
    });
  });

  it('works by dockerode, and reads there why something is refused', async () => {
    const site = open();
    const pem = (name: string) => readFileSync(`${site.certs}/${name}.pem`);
    const docker = new Docker({
      protocol: 'https',
      host: '127.0.0.1',
      port: site.gateway.port,
      ca: pem('ca'),
      cert: pem('cert'),
      key: pem('key'),
    });
    const container = await docker.createContainer({
      name: site.name('box'),
      Image: 'busybox',
      Cmd: ['touch', '/data/x'],
      User: '0',
      ExposedPorts: { '80/tcp': {} },
      HostConfig: {
        Binds: [`${site.name('data')}:/data`],
        PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] },
        CapDrop: ['ALL'],
        CapAdd: ['CHOWN', 'DAC_OVERRIDE'],
        Memory: 67_108_864,
      },
    });
    await container.start();
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
    const refused = (HostConfig: object) =>
      docker.createContainer({ Image: 'busybox', HostConfig }).then(
        () => 'created',
        ({ statusCode, json }: { statusCode: number; json: { message: string } }) => [
          statusCode,
          json.message,
        ],
      );
    const deed = 'quaywarden: admin (role developer) may not do this ContainerCreate on container/-: ';
    expect(await refused({ Privileged: true })).toEqual([403, deed + PRIVILEGED]);
    expect(await refused({ Binds: ['/etc:/h'] })).toEqual([403, deed + ETC]);
  });

  it('works by docker-compose, which prints why a privileged service is refused', async () => {
    const site = open();
    const service = `image: busybox\n    command: ["sh", "-c", "touch /data/x; sleep 60"]\n    stop_grace_period: 0s`;
    const good = `    ports: ["127.0.0.1::80"]\n    volumes: ["data:/data"]\n    networks: {back: {aliases: [db]}}\n    cap_drop: [ALL]\n    cap_add: [DAC_OVERRIDE]\n`;
    const file = (more: string) =>
      `version: "3.7"\nservices:\n  web:\n    ${service}\n${more}volumes: {data: {}}\nnetworks: {back: {}}\n`;
    const compose = (folder: string, args: string) =>
      run('/usr/bin/docker-compose', ['--ansi', 'never', '-p', site.id, ...args.split(' ')], {
        cwd: folder,
        env: environment(site, folder),
      });
    const works = site.files('works', { 'docker-compose.yml': file(good) });
    const up = await compose(works, 'up -d');
    expect(up.code, up.stderr).toBe(0);
    expect((await compose(works, 'exec -T web ls /data')).stdout).toBe('x\n');
    const down = await compose(works, 'down -v');
    expect(down.code, down.stderr).toBe(0);
    const refused = site.files('refused', { 'docker-compose.yml': file(`${good}    privileged: true\n`) });
    const never = await compose(refused, 'up -d');
    expect(never.code).toBe(1);
    expect(never.stderr).toContain(
      `quaywarden: admin (role developer) may not do this ContainerCreate on container/-/${site.id}_web_1: ${PRIVILEGED}`,
    );
    await compose(refused, 'down -v');
  });
});
