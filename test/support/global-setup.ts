import { existsSync } from 'node:fs';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startEngine } from './engine.ts';
import { leaksIn } from './planted.ts';
import { progress, provision } from './provision.ts';

/** What every test may know about the shared private Engine: `inject('engine')`. */
export interface EngineFacts {
  /** Path of its unix socket. */
  readonly socket: string;
  /** Its folder, with `dockerd.log` in it. */
  readonly dir: string;
  /** `127.0.0.1:5000`, a registry that the Engine reaches (it lives in the Engine's network namespace). */
  readonly registry: string;
  /** Path of its network namespace, for `nsenter --net=`. */
  readonly netns: string;
  readonly pid: number;
  readonly clis: {
    /** Debian's docker CLI. */
    readonly debian: string;
    /** A newer docker CLI, on machines that have one. */
    readonly modern: string | null;
  };
}

declare module 'vitest' {
  export interface ProvidedContext {
    engine: EngineFacts;
  }
}

/** Installs what is missing and starts the one Engine that all test files share; returns the way back. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(1)} s`;
  await provision();
  progress(`tools are there (${seconds()})`);
  // For `npm run podman`, which holds the suites of clients against another Engine.
  const kind = process.env['QUAYWARDEN_ENGINE'] === 'podman' ? 'podman' : 'dockerd';
  const engine = await startEngine({ kind });
  progress(`private Engine is up at ${engine.socket} (${seconds()})`);
  process.env['QUAYWARDEN_TEST_RUN'] = `${engine.dir}/run`;
  const modern = existsSync('/usr/local/bin/docker') ? '/usr/local/bin/docker' : null;
  if (modern === null)
    progress('no second docker CLI at /usr/local/bin/docker: the CLI suite runs with the Debian one alone');
  project.provide('engine', {
    socket: engine.socket,
    dir: engine.dir,
    registry: engine.registry,
    netns: engine.netns,
    pid: engine.pid() ?? 0,
    clis: { debian: '/usr/bin/docker', modern },
  });
  return async () => {
    const { leaks, files } = leaksIn(`${engine.dir}/run`);
    await engine.destroy();
    progress(`private Engine is gone (${seconds()})`);
    if (leaks.length > 0) throw new Error(`secrets stand in what gateways wrote:\n${leaks.join('\n')}`);
    progress(`no planted secret, token or key stands in the ${files} files that gateways wrote`);
  };
}
