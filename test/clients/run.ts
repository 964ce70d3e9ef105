import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as bytes. */
  readonly raw: Buffer;
  /** Hex SHA-256 of standard output. */
  readonly sha256: string;
}

export interface RunOptions {
  /** The whole environment beside PATH and HOME: nothing of the machine's own (CURL_CA_BUNDLE, ...) gets in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Buffer | Readable;
  readonly timeoutMs?: number;
}

/** Runs a client's command to its end, in an environment of its own. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  child.stdin.on('error', () => {}); // a client may end before it has read all
  const { input } = options;
  if (input === undefined || typeof input === 'string' || Buffer.isBuffer(input)) child.stdin.end(input);
  else input.pipe(child.stdin);
  const timeoutMs = options.timeoutMs ?? 40_000;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const said = `${Buffer.concat(out)}${Buffer.concat(err)}`.slice(-4_000);
      reject(new Error(`${command} ${args.join(' ')} did not end in ${timeoutMs} ms:\n${said}`));
    }, timeoutMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const raw = Buffer.concat(out);
      const sha256 = createHash('sha256').update(raw).digest('hex');
      resolve({ code, stdout: raw.toString(), stderr: Buffer.concat(err).toString(), raw, sha256 });
    });
  });
}
