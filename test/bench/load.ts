import { readFileSync } from 'node:fs';
import { connect as netConnect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createSecureContext, connect as tlsConnect } from 'node:tls';
import { ReplyScanner, statusOf } from './reply.ts';

/**
 * The load generator: a process of its own, told over IPC what to send and where. It speaks bytes over raw
 * sockets, builds each request once and reads of a reply no more than it must, so that what is measured is the
 * other side. TLS sessions are never resumed: every new connection is a full handshake.
 */

/** Where to connect: the Engine's own unix socket, or a TLS port with the client certificate in `certs`. */
export type Target = { readonly socket: string } | { readonly port: number; readonly certs: string };

/** Requests one after the other on each of `connections` connections, for `ms` milliseconds. */
export interface RequestsTask {
  readonly kind: 'requests';
  readonly target: Target;
  /** The whole request, CRLFs included. */
  readonly request: string;
  readonly connections: number;
  readonly ms: number;
  /** True opens a new connection for each request. */
  readonly fresh: boolean;
}

/** One request whose reply lasts until the other side closes. */
export interface DownloadTask {
  readonly kind: 'download';
  readonly target: Target;
  readonly request: string;
  /** Fewer bytes than this are an error. */
  readonly atLeast: number;
}

/** One request with `prefix` and then zeros as its body, `bytes` in all. */
export interface UploadTask {
  readonly kind: 'upload';
  readonly target: Target;
  readonly request: string;
  /** Base64. */
  readonly prefix: string;
  readonly bytes: number;
}

export type Task = RequestsTask | DownloadTask | UploadTask;

/** What a task came to. Latencies are 0 for a transfer. */
export interface Measured {
  /** Requests answered with a status below 300, or bytes of body moved. */
  readonly units: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds of this process, to tell when it is the one that limits. */
  readonly cpuSeconds: number;
}

const contexts = new Map<string, ReturnType<typeof createSecureContext>>();

function open(target: Target): Socket {
  if ('socket' in target) return netConnect({ path: target.socket });
  const { certs, port } = target;
  let secureContext = contexts.get(certs);
  if (secureContext === undefined) {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(`${certs}/${file}`));
    secureContext = createSecureContext({ ca, cert, key });
    contexts.set(certs, secureContext);
  }
  const socket = tlsConnect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
  socket.setNoDelay(true);
  return socket;
}

async function requests(task: RequestsTask): Promise<Omit<Measured, 'cpuSeconds'>> {
  const bytes = Buffer.from(task.request, 'latin1');
  const latencies: number[] = [];
  const started = performance.now();
  const deadline = started + task.ms;
  const client = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const scanner = new ReplyScanner();
      let sentAt = 0;
      let current: Socket | undefined;
      const send = (): void => {
        sentAt = performance.now();
        if (task.fresh) current = undefined;
        current ??= dial();
        current.write(bytes);
      };
      const dial = (): Socket => {
        const socket = open(task.target);
        const lost = (why: string) => (): void => {
          if (socket === current)
            reject(new Error(`${why} before the reply to ${task.request} was complete`));
        };
        socket.on('error', (error) => lost(error.message)());
        socket.on('end', lost('the connection ended'));
        socket.on('data', (chunk) => onData(chunk, socket));
        return socket;
      };
      const onData = (chunk: Buffer, socket: Socket): void => {
        if (!scanner.push(chunk)) return;
        if (scanner.status >= 300) {
          reject(new Error(`status ${scanner.status} for ${task.request}`));
          return;
        }
        const now = performance.now();
        latencies.push(now - sentAt);
        scanner.reset();
        const over = now >= deadline;
        if (over) current = undefined;
        if (over || task.fresh) socket.end();
        if (over) resolve();
        else send();
      };
      send();
    });
  await Promise.all(Array.from({ length: task.connections }, client));
  const seconds = (performance.now() - started) / 1_000;
  latencies.sort((a, b) => a - b);
  const quantile = (q: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? 0;
  return { units: latencies.length, seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

function download(task: DownloadTask): Promise<Omit<Measured, 'cpuSeconds'>> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const socket = open(task.target);
    let units = 0;
    let head: Buffer | undefined;
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      head ??= chunk;
      units += chunk.length;
    });
    socket.on('end', () => {
      const status = statusOf(head ?? Buffer.alloc(0));
      if (status >= 300 || units < task.atLeast)
        return reject(new Error(`Got status ${status} and ${units} bytes for ${task.request}`));
      resolve({ units, seconds: (performance.now() - started) / 1_000, p50Ms: 0, p99Ms: 0 });
    });
    socket.write(task.request, 'latin1');
  });
}

function upload(task: UploadTask): Promise<Omit<Measured, 'cpuSeconds'>> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const socket = open(task.target);
    const prefix = Buffer.from(task.prefix, 'base64');
    const zeros = Buffer.alloc(65_536);
    const scanner = new ReplyScanner();
    let left = task.bytes - prefix.length;
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (!scanner.push(chunk)) return;
      socket.destroy();
      if (scanner.status >= 300 || left > 0)
        return reject(
          new Error(`Got status ${scanner.status} with ${left} bytes unsent for ${task.request}`),
        );
      resolve({ units: task.bytes, seconds: (performance.now() - started) / 1_000, p50Ms: 0, p99Ms: 0 });
    });
    const pump = (): void => {
      while (left > 0) {
        const size = Math.min(left, zeros.length);
        left -= size;
        if (!socket.write(zeros.subarray(0, size))) return;
      }
    };
    socket.on('drain', pump);
    socket.write(task.request, 'latin1');
    socket.write(prefix);
    pump();
  });
}

process.on('message', async (task: Task) => {
  const before = process.cpuUsage();
  try {
    const measured = await (task.kind === 'requests'
      ? requests(task)
      : task.kind === 'download'
        ? download(task)
        : upload(task));
    const { user, system } = process.cpuUsage(before);
    process.send?.({ ...measured, cpuSeconds: (user + system) / 1e6 });
  } catch (error) {
    process.send?.({ error: (error as Error).message });
  }
});

process.on('disconnect', () => process.exit());
