import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import type { Gateway } from '../support/gateway.ts';
import { findCommand } from '../support/provision.ts';
import type { Target } from './load.ts';

/** What the gateway is measured against, and the gateway. */
export type Peer = 'gateway' | 'haproxy' | 'socket';

/** One way to the same Engine. */
export interface Contender<Name extends string = Peer> {
  readonly name: Name;
  readonly target: Target;
  /** The process whose CPU time and memory are counted; null for the Engine's own socket. */
  readonly pid: number | null;
}

export interface Haproxy {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_MS = 10_000;

/**
 * Starts Debian's haproxy with a config of its own in front of the Engine: the gateway's certificates, client
 * certificates required, TLS 1.3, and a list of allowed paths. Its threads are as many as it takes by default,
 * one a CPU. It logs nothing.
 */
export async function startHaproxy(engineSocket: string, gateway: Gateway): Promise<Haproxy> {
  const dir = mkdtempSync('/tmp/qwb-');
  const { tls } = parse(readFileSync(gateway.config, 'utf8')) as { tls: Record<string, string> };
  const read = (file: string | undefined): string => readFileSync(`${within(gateway.dir, file)}`, 'utf8');
  writeFileSync(`${dir}/server.pem`, `${read(tls['certificate'])}\n${read(tls['key'])}`, { mode: 0o600 });
  const port = await freePort();
  const config = configOf(port, dir, within(gateway.dir, tls['clientCa']), engineSocket);
  writeFileSync(`${dir}/haproxy.cfg`, config);
  const child = spawn(findCommand('haproxy') ?? 'haproxy', ['-db', '-f', `${dir}/haproxy.cfg`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const clear = (): void => {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', clear);
  for (const deadline = Date.now() + START_MS; !(await accepts(port)); await sleep(20)) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`haproxy did not start:\n${Buffer.concat(said).toString()}`);
  }
  return {
    port,
    pid: child.pid ?? 0,
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
      process.removeListener('exit', clear);
      clear();
    },
  };
}

function configOf(port: number, dir: string, ca: string, engineSocket: string): string {
  const paths =
    '^(/v1\\.[0-9]+)?/(_ping|version|containers/json|containers/[^/]+/archive|exec/[^/]+/start|images/[^/]+/get)$';
  return `defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port} ssl crt ${dir}/server.pem ca-file ${ca} verify required ssl-min-ver TLSv1.3
  http-request deny unless { path_reg ${paths} }
  default_backend engine
backend engine
  server engine unix@${engineSocket}
`;
}

function within(dir: string, file: string | undefined): string {
  if (file === undefined)
    throw new Error('The gateway of the benchmark needs certificate, key and clientCa.');
  return file.startsWith('/') ? file : `${dir}/${file}`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** CPU seconds that a process has used, in user and system mode, of all its threads. */
export function cpuSeconds(pid: number): number {
  // Fields 14 and 15 of proc(5), in ticks of 10 ms; the name in field 2 may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The most memory that a process has had resident, in MiB. */
export function peakMemory(pid: number): number {
  const kib = /VmHWM:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}
