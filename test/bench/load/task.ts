/** What the load generator is told to do, and what it answers. */

/** Where to connect: the Engine's own unix socket, or a TLS port with the client certificate in `certs`. */
export type Target = { readonly socket: string } | { readonly port: number; readonly certs: string };

/** How long a connection lives: for all requests, or for one, its TLS session made anew or resumed. */
export type Connections = 'kept' | 'full' | 'resumed';

/** Requests one after the other on each of `connections` connections, for `ms` milliseconds: a closed loop. */
export interface RequestsTask {
  readonly kind: 'requests';
  readonly target: Target;
  /** The whole request, CRLFs included. */
  readonly request: string;
  readonly connections: number;
  readonly ms: number;
  readonly lives: Connections;
  /** Goes on until so many were answered, should `ms` not suffice. Default 0. */
  readonly atLeast?: number;
}

/**
 * `perSecond` requests a second whether or not those before are answered: an open loop. A request waits for one of
 * `connections` connections when all are busy, and its latency counts from when it was due.
 */
export interface OfferedTask {
  readonly kind: 'offered';
  readonly target: Target;
  readonly request: string;
  readonly connections: number;
  readonly perSecond: number;
  readonly ms: number;
}

/** One request whose reply lasts until the other side closes. */
export interface DownloadTask {
  readonly kind: 'download';
  readonly target: Target;
  readonly request: string;
  /** Fewer bytes than this are an error. */
  readonly atLeast: number;
}

/** One request with a body of `bytes` bytes in all. */
export interface UploadTask {
  readonly kind: 'upload';
  readonly target: Target;
  readonly request: string;
  readonly body: { readonly bytes: number } & (
    | { /** Base64; zeros follow. */ readonly prefix: string }
    | { readonly file: string }
  );
}

/** Keys typed one at a time on a terminal that echoes each; the next when the one before was seen. */
export interface EchoTask {
  readonly kind: 'echo';
  readonly target: Target;
  readonly request: string;
  readonly keys: number;
}

/** Connections that are opened, answered with a head, and then held without a word until `release`. */
export interface HoldTask {
  readonly kind: 'hold';
  readonly target: Target;
  readonly request: string;
  readonly connections: number;
  /** How many are opened at a time. */
  readonly atOnce: number;
  /** Peers that stall: `reading` what comes never, or `writing` zeros to somebody who does not read. */
  readonly stalled?: 'reading' | 'writing';
}

/** Closes all that is held. */
export interface ReleaseTask {
  readonly kind: 'release';
  readonly target: Target;
}

export type Task = RequestsTask | OfferedTask | DownloadTask | UploadTask | EchoTask | HoldTask | ReleaseTask;

/** What a task came to. Latencies are 0 where there are none. */
export interface Outcome {
  /** Requests answered with a status below 300, bytes of body moved, keys echoed, or connections held. */
  readonly units: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of new connections, the share whose TLS session was resumed. */
  readonly resumed?: number;
  /** Of an open loop: how late the generator itself was to send, at the 99th percentile. */
  readonly lateMs?: number;
}

export interface Measured extends Outcome {
  /** CPU seconds of the load generator, to tell when it is the one that limits. */
  readonly cpuSeconds: number;
  /** CPU seconds of the contender's processes meanwhile; null for the Engine itself. */
  readonly proxyCpuSeconds: number | null;
}

/** A task, and the process whose CPU time is read meanwhile. */
export interface Job {
  readonly task: Task;
  readonly pid: number | null;
}
