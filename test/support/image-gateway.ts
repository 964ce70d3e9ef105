import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { isRecord, readAuditLines } from './audit.ts';
import { docker, type Target } from './docker.ts';
import { type Gateway, merge, quaywarden } from './gateway.ts';
import type { EngineFacts } from './global-setup.ts';
import { IMAGE } from './image.ts';

const EXAMPLE = fileURLToPath(new URL('../../deploy/etc/quaywarden/quaywarden.yaml', import.meta.url));
/** Whom the image runs as. */
export const USER = 65_532;

/** A gateway out of the image of deploy/docker, on the Engine that it serves. */
export interface ImageGateway extends Pick<Gateway, 'auditRecords' | 'log'> {
  /** By way of TLS on the published port, which is in the Engine's network namespace. */
  readonly tls: Target & { readonly cli: string };
  /** By way of a listener without TLS, as the principal `agent`. */
  readonly local: Target;
  stop(): Promise<{ code: number }>;
}

/**
 * Runs the image as docs/deployment.md says, with the example's configuration; it must be on the Engine. Resolves when its
 * health check is content.
 *
 * @param folder a folder of its own, for what it mounts; it is made
 * @param config merged over the example's
 */
export async function startImage(
  engine: EngineFacts,
  name: string,
  folder: string,
  config: object = {},
): Promise<ImageGateway> {
  const direct = { host: `unix://${engine.socket}` };
  const etc = `${folder}/etc`;
  const log = `${folder}/log`;
  await quaywarden(['init', '--dir', etc]);
  const listeners = [
    {
      listen: 'unix:///run/quaywarden/cli.sock',
      principal: { name: 'agent', tenant: 'local', roles: ['operator'] },
    },
  ];
  const example: unknown = parse(readFileSync(EXAMPLE, 'utf8'));
  writeFileSync(`${etc}/quaywarden.yaml`, stringify(merge(merge(example, { listeners }), config)));
  for (const made of [`${folder}/run`, log, `${folder}/admin`]) mkdirSync(made, { recursive: true });
  for (const pem of ['ca', 'cert', 'key'])
    copyFileSync(`${etc}/certs/admin/${pem}.pem`, `${folder}/admin/${pem}.pem`);
  execFileSync('chown', ['-R', `${USER}:${USER}`, etc, `${folder}/run`, log]);
  const locked = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
  const run = await docker(
    [
      ...['run', '-d', '--name', name, ...locked, '--group-add', String(statSync(engine.socket).gid)],
      ...['-p', '127.0.0.1::2376', '-v', `${engine.socket}:/run/docker.sock`],
      ...['-v', `${etc}:/etc/quaywarden:ro`, '-v', `${folder}/run:/run/quaywarden`],
      ...['-v', `${log}:/var/log/quaywarden`, '--health-interval', '1s', IMAGE],
    ],
    direct,
  );
  if (run.code !== 0 || run.stderr !== '') throw new Error(run.stderr);
  await healthy(engine, name);
  const { stdout: published } = await docker(['port', name, '2376/tcp'], direct);
  let said = '';
  return {
    tls: {
      cli: inNamespace(engine.netns, folder),
      host: `tcp://${published.trim()}`,
      certPath: `${folder}/admin`,
    },
    local: { host: `unix://${folder}/run/cli.sock` },
    auditRecords: () => readAuditLines(`${log}/audit`).filter(isRecord),
    log: () => said,
    async stop() {
      await docker(['stop', '-t', '30', name], direct);
      const { stdout, stderr } = await docker(['logs', name], direct);
      said = stdout + stderr;
      const { stdout: code } = await docker(['inspect', '-f', '{{.State.ExitCode}}', name], direct);
      return { code: Number(code) };
    },
  };
}

/** A docker CLI in an Engine's network namespace, where the ports are that it publishes. */
export function inNamespace(netns: string, folder: string): string {
  const wrapper = `${folder}/docker`;
  writeFileSync(wrapper, `#!/bin/sh\nexec nsenter --net=${netns} /usr/bin/docker "$@"\n`, { mode: 0o755 });
  return wrapper;
}

/** Waits until the health check of a container is content. */
export async function healthy({ socket }: Pick<EngineFacts, 'socket'>, container: string): Promise<void> {
  const direct = { host: `unix://${socket}` };
  await vi.waitFor(
    async () => {
      const { stdout } = await docker(['inspect', '-f', '{{.State.Health.Status}}', container], direct);
      if (stdout !== 'healthy\n')
        throw new Error(`${stdout}${(await docker(['logs', container], direct)).stderr}`);
    },
    { timeout: 30_000, interval: 300 },
  );
}
