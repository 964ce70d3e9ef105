import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.ts';
import { findCommand } from '../../support/provision.ts';
import type { Certificates } from './folder.ts';
import { accepts } from './ports.ts';

/** A proxy that runs. */
export interface RunningProxy {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What a proxy's configuration is written from. */
export interface Setting {
  readonly port: number;
  /** A folder of its own. */
  readonly dir: string;
  readonly certificates: Certificates;
  readonly engineSocket: string;
}

/** How one kind of proxy is started. */
export interface Kind {
  readonly command: string;
  /** Writes its configuration into its folder, and returns its arguments. */
  configure(setting: Setting): readonly string[];
}

const START_MS = 10_000;

/** The paths that proxies let through, without the version: their access control list. */
export const PATHS =
  '_ping|version|containers/json|containers/create|containers/[^/]+/(json|archive|start|attach)|' +
  'exec/[^/]+/start|images/[^/]+(/[^/]+)?/get|images/load';

/** Starts a proxy in front of the Engine on a free port; resolves when it listens. */
export async function startProxy(
  kind: Kind,
  engineSocket: string,
  certificates: Certificates,
): Promise<RunningProxy> {
  const dir = mkdtempSync('/tmp/qwb-');
  const port = await freePort();
  const args = kind.configure({ port, dir, certificates, engineSocket });
  const child = spawn(findCommand(kind.command) ?? kind.command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const clear = (): void => {
    // SIGTERM: a master that is killed leaves its workers behind.
    child.kill('SIGTERM');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', clear);
  for (const deadline = Date.now() + START_MS; !(await accepts(port)); await sleep(20)) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${kind.command} did not start:\n${Buffer.concat(said).toString()}`);
  }
  return {
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
      process.removeListener('exit', clear);
      clear();
    },
  };
}

/** Writes a file of the proxy's own, readable for nobody else, and returns its path. */
export function write(dir: string, name: string, text: string): string {
  writeFileSync(`${dir}/${name}`, text, { mode: 0o600 });
  return `${dir}/${name}`;
}
