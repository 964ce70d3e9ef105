import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { removeNamed } from '../cli/cleanup.ts';
import { docker } from '../support/docker.ts';
import { quaywarden } from '../support/gateway.ts';
import { buildImage, IMAGE } from '../support/image.ts';

const EXAMPLE = fileURLToPath(new URL('../../deploy/etc/quaywarden/quaywarden.yaml', import.meta.url));
const USER = 65_532;

describe('the image of deploy/docker, on a base without a shell', () => {
  const engine = inject('engine');
  const direct = { host: `unix://${engine.socket}` };
  const id = `image-${process.pid}`;
  let folder: string;
  /** By way of a local listener, and by TLS on the published port. */
  let local: { host: string };
  let tls: { cli: string; host: string; certPath: string };

  beforeAll(async () => {
    folder = mkdtempSync('/tmp/qw-image-');
    buildImage(engine.socket, folder);
    const etc = `${folder}/etc`;
    await quaywarden(['init', '--dir', etc]);
    const config = parse(readFileSync(EXAMPLE, 'utf8')) as Record<string, unknown>;
    config['listeners'] = [
      {
        listen: 'unix:///run/quaywarden/cli.sock',
        principal: { name: 'agent', tenant: 'local', roles: ['operator'] },
      },
    ];
    writeFileSync(`${etc}/quaywarden.yaml`, stringify(config));
    mkdirSync(`${folder}/run`);
    mkdirSync(`${folder}/admin`);
    for (const name of ['ca', 'cert', 'key'])
      copyFileSync(`${etc}/certs/admin/${name}.pem`, `${folder}/admin/${name}.pem`);
    execFileSync('chown', ['-R', `${USER}:${USER}`, etc, `${folder}/run`]);
    const run = await docker(
      [
        ...[
          'run',
          '-d',
          '--name',
          id,
          '--read-only',
          '--cap-drop',
          'ALL',
          '--security-opt',
          'no-new-privileges',
        ],
        ...['--group-add', String(statSync(engine.socket).gid), '-p', '127.0.0.1:23760:2376'],
        ...['-v', `${engine.socket}:/run/docker.sock`, '-v', `${etc}:/etc/quaywarden:ro`],
        ...['-v', `${folder}/run:/run/quaywarden`, '--health-interval', '1s', IMAGE],
      ],
      direct,
    );
    expect(run.stderr).toBe('');
    const wrapper = `${folder}/docker`;
    writeFileSync(wrapper, `#!/bin/sh\nexec nsenter --net=${engine.netns} /usr/bin/docker "$@"\n`);
    chmodSync(wrapper, 0o755);
    local = { host: `unix://${folder}/run/cli.sock` };
    tls = { cli: wrapper, host: 'tcp://127.0.0.1:23760', certPath: `${folder}/admin` };
    await vi.waitFor(
      async () => {
        const { stdout } = await docker(['inspect', '-f', '{{.State.Health.Status}}', id], direct);
        if (stdout !== 'healthy\n')
          throw new Error(`${stdout}${(await docker(['logs', id], direct)).stderr}`);
      },
      { timeout: 30_000, interval: 300 },
    );
  });
  afterAll(async () => {
    await docker(['rm', '-fv', id], direct);
    await removeNamed(engine.socket, id);
    rmSync(folder, { recursive: true });
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
    const target = way === 'local' ? local : tls;
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
    const stopped = await docker(['stop', '-t', '20', id], direct);
    expect(stopped.code).toBe(0);
    expect((await docker(['inspect', '-f', '{{.State.ExitCode}}', id], direct)).stdout).toBe('0\n');
    const log = `${folder}/log`;
    expect((await docker(['cp', `${id}:/var/log/quaywarden/audit`, log], direct)).code).toBe(0);
    expect((await docker(['cp', `${id}:/var/lib/quaywarden/.`, `${folder}/lib`], direct)).code).toBe(0);
    const key = `${folder}/lib/audit-signing-public.pem`;
    const { stdout } = await quaywarden(['audit', 'verify', log, '--key', key]);
    expect(stdout).toMatch(/^the log is good/i);
  });
});
