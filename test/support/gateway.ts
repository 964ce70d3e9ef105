import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import type { AuditLine, RequestLine } from '../../src/audit/record.ts';
import { isRecord, readAuditLines } from './audit.ts';

export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** Tests that are not about limits send from one address, as one principal, as fast as they can. */
const UNLIMITED = {
  principals: [{ for: ['*'], requestsPerSecond: 1_000_000, concurrent: 65_536, streams: 65_536 }],
  tenants: [{ for: ['*'], requestsPerSecond: 1_000_000, concurrent: 65_536, streams: 65_536 }],
  requests: 65_536,
  addresses: {
    connections: 0,
    handshakesPerSecond: 100_000,
    handshakeBurst: 100_000,
    failuresPerMinute: 100_000,
  },
};
const START_MS = 20_000;
const STOP_MS = 30_000;

/** A gateway in its own process, run from dist/ as a user runs it. */
export interface Gateway {
  /** `tcp://127.0.0.1:PORT`, for DOCKER_HOST. */
  readonly host: string;
  readonly port: number;
  /** Its folder: quaywarden.yaml, certs/, policies/, audit/. */
  readonly dir: string;
  /** Path of its configuration file. */
  readonly config: string;
  readonly pid: number;
  /** Folder with ca.pem, cert.pem and key.pem of a client: `admin` or `viewer`. */
  certPath(name: string): string;
  /** The records of requests written so far, but for those of sessions in between; a line cut in the middle throws. */
  auditRecords(): RequestLine[];
  /** Every line of the audit log written so far. */
  auditLines(): AuditLine[];
  /** Everything the process wrote to stdout and stderr so far. */
  log(): string;
  /** SIGTERM, and SIGKILL after 30 s; resolves with the exit code, null after a SIGKILL. */
  stop(): Promise<{ code: number | null }>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Sends a signal, SIGHUP for example. */
  signal(signal: NodeJS.Signals): void;
}

export interface GatewayOptions {
  readonly engineSocket: string;
  /** Merged deeply over what `init` wrote; arrays and null replace. Paths may be relative to the gateway's folder. */
  readonly config?: object;
  /** Runs after `init` and before `serve`, to put further files into the folder. */
  readonly prepare?: (dir: string) => void | Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
  /** Use an existing folder of an earlier gateway as it is, for restarts; its port is chosen anew. */
  readonly dir?: string;
  /** How long it may take to listen, in milliseconds. Default 20,000. */
  readonly startMs?: number;
  /** The program, in place of dist/main.js. */
  readonly main?: string;
}

/** Starts a gateway in front of an Engine's socket on a free port of 127.0.0.1; resolves when it listens. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const dir = options.dir ?? (await freshFolder());
  await options.prepare?.(dir);
  const config = `${dir}/quaywarden.yaml`;
  const overrides = {
    listen: '127.0.0.1:0',
    admin: { listen: 'off' },
    limits: UNLIMITED,
    engine: { address: `unix://${options.engineSocket}` },
  };
  const merged = merge(merge(parse(readFileSync(config, 'utf8')), overrides), options.config ?? {});
  writeFileSync(config, stringify(merged));
  const child = spawn(process.execPath, [options.main ?? MAIN, 'serve', '--config', config], {
    cwd: dir,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const log = () => Buffer.concat(said).toString();
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => {
    process.removeListener('exit', killWithUs);
    // For whoever looks through all that gateways said, once the suite is over.
    if (existsSync(dir)) writeFileSync(`${dir}/said.log`, log(), { flag: 'a' });
  });
  const port = await listening(child, log, options.startMs ?? START_MS);
  return {
    host: `tcp://127.0.0.1:${port}`,
    port,
    dir,
    config,
    pid: child.pid ?? 0,
    certPath: (name) => `${dir}/certs/${name}`,
    auditRecords: () => readAuditLines(`${dir}/audit`).filter(isRecord),
    auditLines: () => readAuditLines(`${dir}/audit`),
    log,
    stop: async () => ({ code: await end(child, 'SIGTERM') }),
    kill: async () => void (await end(child, 'SIGKILL')),
    signal: (signal) => void child.kill(signal),
  };
}

/** Runs one command of the built `quaywarden`; rejects when it exits with another code than 0. */
export async function quaywarden(
  args: readonly string[],
  cwd?: string,
): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [MAIN, ...args], cwd === undefined ? {} : { cwd });
}

/** Mints a token with the gateway's own `token issue`. */
export async function issueToken(
  gateway: Pick<Gateway, 'config'>,
  name: string,
  ...more: readonly string[]
): Promise<string> {
  const { stdout } = await quaywarden([
    'token',
    'issue',
    '--config',
    gateway.config,
    '--name',
    name,
    ...more,
  ]);
  return stdout.trim();
}

/** Keys take long to make and differ in nothing that matters: `init` runs once a test run and is copied. */
async function freshFolder(): Promise<string> {
  const run = process.env['QUAYWARDEN_TEST_RUN'] ?? ownRunFolder();
  const template = `${run}/init`;
  mkdirSync(`${run}/gateways`, { recursive: true });
  if (!existsSync(template)) {
    const made = mkdtempSync(`${run}/making-`);
    await quaywarden(['init', '--dir', made]);
    try {
      renameSync(made, template);
    } catch {
      rmSync(made, { recursive: true }); // another worker was faster
    }
  }
  const dir = mkdtempSync(`${run}/gateways/g-`);
  cpSync(template, dir, { recursive: true, preserveTimestamps: true });
  return dir;
}

/**
 * Outside of vitest's global set-up (benchmarks, a single file run alone): a folder that goes away with this
 * process, or, should that be killed, at the next run.
 */
function ownRunFolder(): string {
  for (const entry of readdirSync('/tmp')) {
    const owner = /^qwr-(\d+)-\w+$/.exec(entry)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`))
      rmSync(`/tmp/${entry}`, { recursive: true, force: true });
  }
  const run = mkdtempSync(`/tmp/qwr-${process.pid}-`);
  process.env['QUAYWARDEN_TEST_RUN'] = run;
  process.once('exit', () => rmSync(run, { recursive: true, force: true }));
  return run;
}

/** Maps are merged deeply; all else of `over` replaces what is there. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isMap(base) || !isMap(over)) return over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function listening(child: ChildProcess, log: () => string, startMs: number): Promise<number> {
  const deadline = Date.now() + startMs;
  for (;;) {
    const port = /listening on https:\/\/\S+?:(\d+)\s/.exec(log())?.[1];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(
        `The gateway ended (${child.signalCode ?? child.exitCode}) before it listened:\n${log()}`,
      );
    }
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The gateway did not listen within ${startMs} ms:\n${log()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await ended;
    clearTimeout(timer);
  }
  return child.exitCode;
}
