import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const IMAGE = 'quaywarden:test';
export const BASE = 'quaywarden-test-base:latest';

/** Makes the single-file bundle, as `npm run bundle` does, and returns its path. */
export function makeBundle(folder: string): string {
  const file = `${folder}/quaywarden.mjs`;
  execFileSync(process.execPath, [`${ROOT}deploy/bundle.mjs`, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return file;
}

/** The same, unless it is there already. */
export function buildImageOnce(socket: string, folder: string): void {
  const { status } = spawnSync('/usr/bin/docker', ['-H', `unix://${socket}`, 'image', 'inspect', IMAGE]);
  if (status !== 0) buildImage(socket, folder);
}

/**
 * Builds deploy/docker/Dockerfile on an Engine, on a base image made of the machine's own node and the libraries that
 * ldd names: no shell, no package, nothing from the internet.
 */
export function buildImage(socket: string, folder: string): void {
  const root = `${folder}/base`;
  const node = realpathSync(process.execPath);
  mkdirSync(`${root}/usr/local/bin`, { recursive: true });
  copyFileSync(node, `${root}/usr/local/bin/node`);
  const needed = execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/(?:=> )?(\/\S+) \(0x/g);
  for (const [, library = ''] of needed) {
    mkdirSync(dirname(root + library), { recursive: true });
    copyFileSync(library, root + library); // what a link leads to; cpSync of Node 24 takes a link's target for a folder
  }
  mkdirSync(`${root}/etc`, { recursive: true });
  writeFileSync(`${root}/etc/passwd`, 'nonroot:x:65532:65532::/:/\n');
  const docker = ['/usr/bin/docker', '-H', `unix://${socket}`];
  const env = { ...process.env, DOCKER_BUILDKIT: '0' };
  execFileSync(
    'bash',
    [
      '-ec',
      'set -o pipefail; root="$1"; shift; tar -C "$root" --owner=0 --group=0 -c . | "$@"',
      'x',
      root,
      ...docker,
      'import',
      '-',
      BASE,
    ],
    { env, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  rmSync(root, { recursive: true });
  const context = `${folder}/build`;
  mkdirSync(context);
  makeBundle(context);
  if (!existsSync(`${context}/quaywarden.mjs`)) throw new Error('the bundle was not made');
  const args = ['build', '-q', '-t', IMAGE, '-f', `${ROOT}deploy/docker/Dockerfile`];
  execFileSync(
    docker[0] ?? '',
    [...docker.slice(1), ...args, '--build-arg', `NODE=${BASE}`, '--build-arg', `BASE=${BASE}`, context],
    { env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}
