import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { docker, type Target } from '../support/docker.ts';
import type { Step } from './commands.ts';

/** What a command came to, with all that differs from run to run taken out. */
export interface Came {
  readonly command: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the steps one after the other, under names of this run's own. */
export async function walk(steps: readonly Step[], target: Target, prefix: string): Promise<readonly Came[]> {
  const folder = mkdtempSync(`${tmpdir()}/qw-podman-`);
  mkdirSync(`${folder}/context`);
  writeFileSync(`${folder}/note`, 'a note\n');
  writeFileSync(
    `${folder}/context/Dockerfile`,
    'FROM busybox\nRUN echo built > /built\nCMD ["cat", "/built"]\n',
  );
  const filled = (text: string) => text.replaceAll('@/', `${folder}/`).replaceAll('@', prefix);
  const came: Came[] = [];
  try {
    for (const { args, input, isUnordered = false } of steps) {
      const options = { ...target, env: { DOCKER_BUILDKIT: '0' }, ...(input === undefined ? {} : { input }) };
      const { code, stdout, stderr } = await docker(
        args.map((arg) => repository(filled(arg), arg, prefix)),
        options,
      );
      const plain = (text: string) => normal(text, folder, prefix);
      const out = plain(stdout);
      came.push({
        command: args.join(' '),
        code,
        stdout: isUnordered ? out.split('\n').sort().join('\n') : out,
        stderr: plain(stderr),
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return came;
}

/** In the name of a repository a slash follows the prefix. */
function repository(text: string, arg: string, prefix: string): string {
  return arg.startsWith('127.0.0.1:5000/@/') ? arg.replace('@', prefix) : text;
}

function normal(text: string, folder: string, prefix: string): string {
  return (
    text
      .replaceAll(folder, '@')
      .replaceAll(prefix, '@')
      // Podman takes the first letter of a name for the slash before it.
      .replaceAll(prefix.slice(1), '@')
      .replace(/[0-9a-f]{64}/g, 'ID')
      .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, 'ID')
      .replace(/\b\d{1,2}\.\d+ ?[kM]?B\b|\b\d+B\b/g, 'SIZE')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, 'TIME')
      .replace(/fd\/\d+/g, 'fd/N')
      // Podman says so when its own helper is gone first, which it is at times.
      .replace(/^Error: read unixpacket .*: connection reset by peer$/gm, '')
      .trimEnd()
  );
}
