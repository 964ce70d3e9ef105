import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Commands before node, such as `unshare --net`. */
  readonly before?: readonly string[];
  /** Further arguments of node. */
  readonly node?: readonly string[];
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves once standard output holds the text. */
  said(text: string | RegExp): Promise<string>;
  /** Resolves with the result when the process has ended. */
  readonly ended: Promise<CommandResult>;
}

/** Starts `quaywarden` from its sources, in a process of its own. */
export function start(args: readonly string[], options: CommandOptions = {}): Running {
  const line = [
    ...(options.before ?? []),
    process.execPath,
    '--import',
    TSX,
    ...(options.node ?? []),
    MAIN,
    ...args,
  ];
  const child = spawn(line[0] ?? '', line.slice(1), {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  const said = async (text: string | RegExp): Promise<string> => {
    const deadline = Date.now() + 20_000;
    while (!(typeof text === 'string' ? stdout.includes(text) : text.test(stdout))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`${text} was not said in:\n${stdout}\n${stderr}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return stdout;
  };
  return { child, stdout: () => stdout, stderr: () => stderr, said, ended };
}

/** Runs `quaywarden` to its end. */
export function quaywarden(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return start(args, options).ended;
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A new empty folder that goes away with the test file. */
export function freshFolder(): string {
  const folder = mkdtempSync('/tmp/quaywarden-cli-');
  folders.push(folder);
  return folder;
}
