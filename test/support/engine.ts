import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { erase, isProcess, PREFIX, processesOf, sweep } from './engine-traces.ts';
import { makeImages } from './images.ts';
import { podmanProgram } from './podman.ts';

const START_MS = 60_000;
const STOP_MS = 30_000;

/** The registry's address as the Engine sees it: loopback of the Engine's own network namespace. */
export const REGISTRY = '127.0.0.1:5000';

/** A private dockerd and docker-registry in their own network namespace and folder. */
export interface Engine {
  /** Path of the unix socket. */
  readonly socket: string;
  /** Folder that holds all of it. */
  readonly dir: string;
  /** `127.0.0.1:5000`, reachable from the Engine only. */
  readonly registry: string;
  /** Path of the network namespace, for `nsenter --net=`: published ports and the registry are in there. */
  readonly netns: string;
  /** Pid of the running dockerd, or null when stopped. */
  pid(): number | null;
  /** Starts dockerd and the registry again on the same folders; resolves when both answer. */
  start(): Promise<void>;
  /** SIGTERM, then SIGKILL after 30 s; containers stop as the Engine stops them, data stays. */
  stop(): Promise<void>;
  /** SIGKILL, as a crash would be; `start` brings it back. */
  kill(): Promise<void>;
  /** Stops everything and removes every trace: processes, mounts, namespace, folder. */
  destroy(): Promise<void>;
  /** The last lines of dockerd's log. */
  logTail(lines?: number): string;
}

/** What serves the Engine's socket. */
export interface Program {
  readonly command: 'dockerd' | 'podman';
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface EngineOptions {
  /** `podman`: Podman's Docker-compatible service in place of dockerd; `args` and `tls` have no meaning then. */
  readonly kind?: Program['command'];
  /** Further arguments for dockerd. */
  readonly args?: readonly string[];
  /** False leaves the Engine without `busybox:latest`. Default true. */
  readonly images?: boolean;
  /** A TLS port of 127.0.0.1, outside of the Engine's namespace, for clients with a certificate. Default: none. */
  readonly tls?: EngineTls;
}

export interface EngineTls {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly clientCa: string;
}

const LISTEN = fileURLToPath(new URL('./listen.py', import.meta.url));

/**
 * Starts an Engine that shares nothing with one the machine may have. Several can run at once. It goes away with
 * this process, whichever way that ends short of SIGKILL; the next start sweeps what a SIGKILL left behind.
 */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  sweep();
  const dir = mkdtempSync(`/tmp/${PREFIX}-${process.pid}-`);
  const name = dir.slice('/tmp/'.length);
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up']);
  const engine = new PrivateEngine(dir, name, options);
  const emergency = () => engine.destroyNow();
  const onSignal = (signal: NodeJS.Signals) => {
    engine.destroyNow();
    process.kill(process.pid, signal);
  };
  process.once('exit', emergency);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  engine.afterDestroy = () => {
    process.removeListener('exit', emergency);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.removeListener(signal, onSignal);
  };
  try {
    await engine.start();
    if (options.images !== false) makeImages(engine.socket, dir);
  } catch (error) {
    engine.destroyNow();
    throw error;
  }
  return engine;
}

class PrivateEngine implements Engine {
  readonly socket: string;
  readonly dir: string;
  readonly registry = REGISTRY;
  readonly netns: string;
  afterDestroy: () => void = () => {};
  readonly #name: string;
  readonly #options: EngineOptions;
  #dockerd: ChildProcess | null = null;
  #distribution: ChildProcess | null = null;

  constructor(dir: string, name: string, options: EngineOptions) {
    this.dir = dir;
    this.socket = `${dir}/docker.sock`;
    this.netns = `/run/netns/${name}`;
    this.#name = name;
    this.#options = options;
    mkdirSync(`${dir}/registry`);
    // A file of our own, so that the machine's /etc/docker/daemon.json has no say.
    writeFileSync(`${dir}/dockerd.json`, '{}');
    writeFileSync(`${dir}/registry.yml`, registryConfig(dir));
  }

  pid(): number | null {
    return this.#dockerd?.pid ?? null;
  }

  async start(): Promise<void> {
    if (this.#dockerd !== null) throw new Error('This Engine runs already; stop it first.');
    rmSync(`${this.dir}/pid`, { force: true });
    const { kind = 'dockerd', tls } = this.#options;
    const program =
      kind === 'podman' ? podmanProgram(this.dir, this.socket, REGISTRY) : this.#dockerdProgram();
    const dockerd = this.#spawn(program, tls?.port);
    const distribution = this.#spawn({
      command: 'docker-registry',
      args: ['serve', `${this.dir}/registry.yml`],
    });
    this.#dockerd = dockerd;
    this.#distribution = distribution;
    await this.#ready(kind, dockerd, () => ping(this.socket));
    await this.#ready('docker-registry', distribution, async () => this.#registryAnswers());
  }

  async stop(): Promise<void> {
    const children = [this.#dockerd, this.#distribution];
    this.#dockerd = null;
    this.#distribution = null;
    await Promise.all(children.map((child) => end(child)));
  }

  async kill(): Promise<void> {
    const dockerd = this.#dockerd;
    dockerd?.kill('SIGKILL');
    await end(dockerd);
    await this.stop();
    // Its containerd dies with it. A zombie of that pid would look alive to the next dockerd.
    const gone = () =>
      !processesOf(this.dir).some((pid) =>
        isProcess(String(pid), 'containerd', `${this.dir}/exec/containerd/containerd.toml`),
      );
    for (let waited = 0; !gone() && waited < 5_000; waited += 20) await sleep(20);
    rmSync(`${this.dir}/exec/containerd/containerd.pid`, { force: true });
  }

  async destroy(): Promise<void> {
    spawnSync(
      'sh',
      ['-c', '"$0" -H "$1" ps -q | xargs -r "$0" -H "$1" kill', '/usr/bin/docker', `unix://${this.socket}`],
      {
        stdio: 'ignore',
        timeout: 15_000,
      },
    );
    await this.stop();
    this.destroyNow();
  }

  /** The same without waiting for anything: for the way out of a dying process. */
  destroyNow(): void {
    this.#dockerd?.kill('SIGKILL');
    this.#distribution?.kill('SIGKILL');
    this.#dockerd = null;
    this.#distribution = null;
    erase(this.#name);
    this.afterDestroy();
  }

  logTail(lines = 30): string {
    return tail(`${this.dir}/${this.#options.kind ?? 'dockerd'}.log`, lines);
  }

  #dockerdProgram(): Program {
    const { args = [], tls } = this.#options;
    return {
      command: 'dockerd',
      args: [
        ...['-H', `unix://${this.socket}`, '--data-root', `${this.dir}/data`],
        ...['--exec-root', `${this.dir}/exec`, '--pidfile', `${this.dir}/pid`],
        ...['--config-file', `${this.dir}/dockerd.json`],
        ...['--insecure-registry', REGISTRY, ...tlsArguments(tls), ...args],
      ],
    };
  }

  #spawn(
    { command, args, env = {} }: Omit<Program, 'command'> & { readonly command: string },
    port?: number,
  ): ChildProcess {
    const log = openSync(`${this.dir}/${command}.log`, 'a');
    const line = ['nsenter', `--net=${this.netns}`, command, ...args];
    if (port !== undefined) line.unshift('/usr/bin/python3', LISTEN, String(port));
    const [first = '', ...rest] = line;
    const child = spawn(first, rest, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    closeSync(log);
    child.on('error', () => {});
    return child;
  }

  async #ready(what: string, child: ChildProcess, answers: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + START_MS;
    while (!(await answers())) {
      const log = `The end of its log:\n${tail(`${this.dir}/${what}.log`, 30)}`;
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(
          `The tests' private ${what} ended (${child.signalCode ?? child.exitCode}) before it was ready. ${log}`,
        );
      }
      if (Date.now() > deadline)
        throw new Error(`The tests' private ${what} was not ready in ${START_MS} ms. ${log}`);
      await sleep(50);
    }
  }

  #registryAnswers(): boolean {
    const args = [`--net=${this.netns}`, 'curl', '-s', '-o', '/dev/null', `http://${REGISTRY}/v2/`];
    return spawnSync('nsenter', args).status === 0;
  }
}

function tlsArguments(tls: EngineTls | undefined): readonly string[] {
  if (tls === undefined) return [];
  const { certificate, key, clientCa } = tls;
  return ['-H', 'fd://', '--tlsverify', '--tlscert', certificate, '--tlskey', key, '--tlscacert', clientCa];
}

function registryConfig(dir: string): string {
  return [
    'version: 0.1',
    'log: {level: warn}',
    `storage: {filesystem: {rootdirectory: ${dir}/registry}, delete: {enabled: true}}`,
    `http: {addr: "${REGISTRY}"}`,
    '',
  ].join('\n');
}

function ping(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const req = request({ socketPath, path: '/_ping', timeout: 2_000 }, (res) => {
      res.resume().on('end', () => resolve(res.statusCode === 200));
    });
    req
      .on('timeout', () => req.destroy())
      .on('error', () => resolve(false))
      .end();
  });
}

async function end(child: ChildProcess | null): Promise<void> {
  if (child === null || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}

function tail(file: string, lines: number): string {
  if (!existsSync(file)) return '(no log)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
