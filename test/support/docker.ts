import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** Which CLI, and which Engine or gateway it talks to in what manner. */
export interface Target {
  /** Path of the docker CLI. Default: Debian's. */
  readonly cli?: string;
  /** `unix:///path` or `tcp://host:port`. Default: none, for commands that name a context. */
  readonly host?: string;
  /** Folder with ca.pem, cert.pem and key.pem; turns TLS with verification on. */
  readonly certPath?: string;
  /** Folder with config.json. Default: an empty one, so that the machine's own is never read. */
  readonly config?: string;
  /** Arguments before the command, such as `--tlsverify`. */
  readonly globalArgs?: readonly string[];
}

export interface DockerOptions extends Target {
  /** Standard input. Default: closed at once, as with `</dev/null`. */
  readonly input?: string | Buffer | Readable;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** The command is killed and the call rejects after this long. Default 60,000. */
  readonly timeoutMs?: number;
  /** True keeps no standard output, only its size and digest. */
  readonly digest?: boolean;
}

export interface DockerResult {
  /** Exit code, or null when a signal ended the CLI. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes; empty with `digest`. */
  readonly raw: Buffer;
  /** Size of standard output, in bytes. */
  readonly bytes: number;
  /** Hex SHA-256 of standard output. */
  readonly sha256: string;
}

/** A CLI that runs on while the test does other things. */
export interface RunningDocker {
  /** Standard output so far. Under a pty: all that the terminal showed. */
  output(): string;
  /** Standard error so far; always empty under a pty. */
  errors(): string;
  /** Resolves with the output so far once it holds `text`; rejects with what was there instead. */
  waitFor(text: string | RegExp, timeoutMs?: number): Promise<string>;
  /** Writes to standard input or types on the terminal. */
  send(text: string | Buffer): void;
  /** Ends standard input. Without effect under a pty. */
  end(): void;
  /** Sends a signal to the CLI. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code; rejects, killing the CLI, when it takes longer. */
  exit(timeoutMs?: number): Promise<number | null>;
}

/** A CLI under a pseudo terminal. */
export interface PtyDocker extends RunningDocker {
  /** Changes the terminal's size; the CLI gets SIGWINCH. */
  resize(rows: number, columns: number): void;
}

const EMPTY_CONFIG = '/tmp/quaywarden-test-config';
const PTY = fileURLToPath(new URL('./terminal.py', import.meta.url));

/** Runs one docker command to its end. A non-zero exit is a result, not an error. */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<DockerResult> {
  const child = start(args, options);
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    bytes += chunk.length;
    if (options.digest !== true) kept.push(chunk);
  });
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  feed(child, options.input);
  const code = await ended(child, options.timeoutMs ?? 60_000, () => {
    return `${said(kept)}${said(stderr)}`;
  });
  const raw = Buffer.concat(kept);
  return { code, stdout: raw.toString(), stderr: said(stderr), raw, bytes, sha256: hash.digest('hex') };
}

/** Starts a docker command and leaves it running. Standard input stays open until `end()`. */
export function dockerSpawn(args: readonly string[], options: DockerOptions = {}): RunningDocker {
  return running(start(args, options));
}

/**
 * Starts a docker command under a real pseudo terminal of 24 rows and 80 columns (through terminal.py, as no native
 * npm module is wanted), as `-it` needs it.
 */
export function dockerPty(args: readonly string[], options: DockerOptions = {}): PtyDocker {
  const [command, ...rest] = commandLine(args, options);
  const child = spawn('/usr/bin/python3', [PTY, command ?? '', ...rest], {
    env: { ...environment(options), TERM: 'xterm' },
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const control = (order: object) => child.stdin?.write(`${JSON.stringify(order)}\n`);
  return {
    ...running(child),
    send: (text) => control({ send: Buffer.from(text).toString('base64') }),
    end: () => {},
    signal: (signal) => control({ signal }),
    resize: (rows, columns) => control({ resize: [rows, columns] }),
  };
}

function running(child: ChildProcess): RunningDocker {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on('error', () => {});
  let closed = false;
  child.once('close', () => {
    closed = true;
  });
  return {
    output: () => said(stdout),
    errors: () => said(stderr),
    waitFor: (text, timeoutMs = 20_000) =>
      waitFor(
        () => said(stdout),
        text,
        timeoutMs,
        () => closed,
        () => said(stderr),
      ),
    send: (text) => void child.stdin?.write(text),
    end: () => void child.stdin?.end(),
    signal: (signal) => void child.kill(signal),
    exit: (timeoutMs = 20_000) => ended(child, timeoutMs, () => `${said(stdout)}${said(stderr)}`),
  };
}

async function waitFor(
  output: () => string,
  text: string | RegExp,
  timeoutMs: number,
  closed: () => boolean,
  errors: () => string,
): Promise<string> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const over = closed() || Date.now() > deadline;
    const seen = output();
    if (typeof text === 'string' ? seen.includes(text) : text.test(seen)) return seen;
    if (over) {
      const why = closed() ? 'docker ended' : `${timeoutMs} ms passed`;
      throw new Error(`${why} without ${text} in the output, which was:\n${seen}\n${errors()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

function start(args: readonly string[], options: DockerOptions): ChildProcess {
  const [command, ...rest] = commandLine(args, options);
  return spawn(command ?? '', rest, {
    env: environment(options),
    cwd: options.cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

function commandLine(args: readonly string[], options: Target): string[] {
  return [options.cli ?? '/usr/bin/docker', ...(options.globalArgs ?? []), ...args];
}

function environment(options: DockerOptions): Record<string, string> {
  mkdirSync(EMPTY_CONFIG, { recursive: true });
  return {
    PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: EMPTY_CONFIG,
    DOCKER_CONFIG: options.config ?? EMPTY_CONFIG,
    ...(options.host === undefined ? {} : { DOCKER_HOST: options.host }),
    ...(options.certPath === undefined ? {} : { DOCKER_CERT_PATH: options.certPath, DOCKER_TLS_VERIFY: '1' }),
    ...options.env,
  };
}

/** Node's `spawn` reports EPIPE when the CLI ends before it has read all; the exit code tells that story. */
function feed(child: ChildProcess, input: string | Buffer | Readable | undefined): void {
  const stdin = child.stdin;
  if (stdin === null) return;
  stdin.on('error', () => {});
  if (input === undefined || typeof input === 'string' || Buffer.isBuffer(input)) stdin.end(input);
  else input.pipe(stdin);
}

function ended(child: ChildProcess, timeoutMs: number, output: () => string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null && child.stdout?.readableEnded) return resolve(child.exitCode);
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`docker did not end in ${timeoutMs} ms: ${child.spawnargs.join(' ')}\n${output()}`));
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

function said(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString();
}
