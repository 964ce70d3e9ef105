import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import { isIP, connect as netConnect, type Socket } from 'node:net';
import { TLSSocket, connect as tlsConnect } from 'node:tls';
import type { Config } from '../config/schema.ts';
import type { VersionRange } from '../docker/versions.ts';
import { ConfigError, Refusal } from '../errors.ts';
import { Connections, ENGINE_BUSY } from './connections.ts';
import { connectUnix } from './unix-connection.ts';

/** Replies of the Engine may carry headers beyond Node's 16 KiB (labels in X-Docker-Container-Path-Stat). */
export const REPLY_HEADER_BYTES = 1_048_576;
const CONNECT_TIMEOUT_MS = 10_000;

/** What undici calls an answer that is not HTTP, beside its parser's own errors. */
const GARBLED = new Set(['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_HEADERS_OVERFLOW']);

/** Where an Engine is, and how it is spoken to. */
export type EngineAddress = Pick<Config['engine'], 'address' | 'tls'> & {
  /** The key of the configuration that it stands at, for errors; default: `engine`. */
  readonly key?: string;
};

/** One Engine: every way in which the gateway opens a connection to it. */
export interface Engine {
  /** As configured: `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly address: string;
  /** Connections for requests of clients that do not go through @fastify/http-proxy. */
  readonly connections: Connections;
  /** For what the gateway asks itself, which is not to wait for clients. */
  readonly own: Connections;
  /** Opens a connection for others to keep. */
  dial(opened: (error: Error | null, socket?: Socket) => void): void;
  /** Has something closed with it. */
  onClose(close: () => Promise<void>): void;
  /** A request on a connection of its own, for whatever streams, waits, is large or is upgraded. */
  request(method: string, target: string, headers: OutgoingHttpHeaders): ClientRequest;
  /** What the client is told when the Engine could not be reached or broke off before it answered. */
  refusal(cause: unknown): Refusal;
  close(): Promise<void>;
}

/** Where a judged request goes, and which API versions what comes back may speak of. */
export interface Destination extends VersionRange {
  readonly engine: Engine;
}

/** @throws ConfigError when a TLS file of the Engine can not be read */
export function createEngine(config: EngineAddress): Engine {
  const dial = dialer(config);
  const closing: (() => Promise<void>)[] = [];
  const connections = new Connections(dial);
  const own = new Connections(dial);
  return {
    address: config.address,
    connections,
    own,
    dial(opened) {
      const socket = dial();
      const onError = (error: Error): void => opened(error);
      socket.once('error', onError);
      socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
        socket.off('error', onError);
        opened(null, socket);
      });
    },
    onClose: (close) => void closing.push(close),
    request: (method, target, headers) =>
      httpRequest({
        method,
        path: target,
        headers,
        setHost: false,
        maxHeaderSize: REPLY_HEADER_BYTES,
        createConnection: dial,
      }),
    refusal: (cause) => unreachable(config.address, cause),
    async close() {
      connections.close();
      own.close();
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** Opens raw connections; both kinds let one side end while the other goes on. */
function dialer(config: EngineAddress): () => Socket {
  const { key = 'engine' } = config;
  if (config.address.startsWith('unix://')) {
    const path = config.address.slice('unix://'.length);
    return () => connectUnix(path);
  }
  const { hostname, port } = new URL(config.address.replace(/^tcp:/, 'http:'));
  const host = hostname.replace(/^\[|\]$/g, '');
  const to = { host, port: Number(port || 80), allowHalfOpen: true, keepAlive: true, noDelay: true };
  if (config.tls === undefined) return () => impatient(netConnect(to));
  const name = config.tls.serverName ?? host;
  const options = {
    ...to,
    ca: pem(config.tls.ca, key),
    ...(config.tls.certificate === undefined ? {} : { cert: pem(config.tls.certificate, key) }),
    ...(config.tls.key === undefined ? {} : { key: pem(config.tls.key, key) }),
    ...(isIP(name) === 0 ? { servername: name } : {}),
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
  };
  return () => impatient(tlsConnect(options));
}

/** A host that swallows packets must not hold a client for the minutes that TCP would. */
function impatient<S extends Socket>(socket: S): S {
  const timer = setTimeout(() => {
    socket.destroy(Object.assign(new Error('the connection was not made in time'), { code: 'ETIMEDOUT' }));
  }, CONNECT_TIMEOUT_MS);
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => clearTimeout(timer));
  socket.once('close', () => clearTimeout(timer));
  return socket;
}

function pem(path: string, key: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError([
      `${path}: can not be read (${(error as NodeJS.ErrnoException).code}); see ${key}.tls`,
    ]);
  }
}

function unreachable(address: string, cause: unknown): Refusal {
  // An AbortError has a number for its code.
  const { code: found, name } = (cause ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  const code = name === 'HTTPParserError' ? 'HPE_' : typeof found === 'string' ? found : 'no answer';
  const where = address.replace(/^unix:\/\//, '');
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new Refusal(
        503,
        'engine-down',
        `no Docker Engine answers at ${where} (${code}); is dockerd running?`,
        {
          cause,
        },
      );
    case ENGINE_BUSY:
      return new Refusal(
        503,
        'overloaded',
        `too many requests wait for the Docker Engine at ${where}; try again in 1 s`,
        { cause },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new Refusal(
        503,
        'overloaded',
        'this gateway has no file descriptor left to reach the Docker Engine with; try again in 1 s',
        { cause, retryAfter: 1 },
      );
    case 'EACCES':
      return new Refusal(
        503,
        'engine-down',
        `the gateway may not open ${where} (EACCES); add its user to that group`,
        {
          cause,
        },
      );
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return new Refusal(
        502,
        'engine-broke-off',
        `the Docker Engine at ${where} broke off before it answered`,
        { cause },
      );
    default:
      if (code.startsWith('HPE_') || GARBLED.has(code)) {
        return new Refusal(502, 'engine-garbled', `the answer of the Docker Engine at ${where} is not HTTP`, {
          cause,
        });
      }
      return new Refusal(503, 'engine-down', `the Docker Engine at ${where} can not be reached (${code})`, {
        cause,
      });
  }
}
