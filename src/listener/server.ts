import type {
  Server as HttpServer,
  ServerOptions as HttpServerOptions,
  IncomingMessage,
  RequestListener,
} from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splitAddress } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { addressKey } from '../limits/address.ts';
import { Pauses } from '../limits/pauses.ts';
import { freePeerChains } from './peer-chain.ts';
import { type IsTunnel, installRoadHook } from './road.ts';
import { keepTicketKeys } from './ticket-keys.ts';
import { secureContextOptions, type TlsFiles } from './tls-files.ts';
import { Turns } from './turns.ts';

/** How long a silent connection is left alone before TCP asks whether its peer is still there. */
const KEEP_ALIVE_MS = 60_000;

/** How long a handshake may take at most. */
const MOST_HANDSHAKE_MS = 10_000;

/** The three ways in which bytes of a client leave a listener. */
export interface Entrances {
  /** A request that stays within HTTP. */
  readonly onRequest: RequestListener;
  /** A request that may become a raw stream; `head` is what was read beyond its head. */
  onTunnel(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Bytes that are not HTTP, or a client that was too slow. */
  onMalformed(error: NodeJS.ErrnoException, socket: Duplex): void;
  readonly isTunnel: IsTunnel;
}

/** In how many milliseconds a connection may begin its handshake; undefined: it may not, and is closed. */
type Admits = (socket: Socket) => number | undefined;

/** A listener, and how its files are replaced. */
export interface Listener {
  readonly server: Server;
  /** Goes on with other files, which handshakes that begin from now on use, and other times. */
  use(config: Pick<Config, 'tls' | 'limits'>, files: TlsFiles): void;
}

/**
 * The TLS listener, not yet listening. Client certificates are asked for but judged in `identity/`, so that a
 * refused one is told why instead of meeting a bare alert.
 *
 * @throws ConfigError when the file of the ticket key holds something else
 */
export function createListener(
  { tls, limits }: Pick<Config, 'tls' | 'limits'>,
  files: TlsFiles,
  entrances: Entrances,
  admits: Admits,
): Listener {
  freePeerChains();
  const server = createServer({
    ...secureContextOptions(tls, files),
    requestCert: tls.clientCertificate !== 'none',
    rejectUnauthorized: false,
    // `curl -0` offers the second alone.
    ALPNProtocols: ['http/1.1', 'http/1.0'],
    // docker run -i ends its side and goes on reading; https, unlike http, does not allow that by itself.
    allowHalfOpen: true,
    // A client that is gone before its handshake is not noticed: half-open is allowed from the first byte.
    handshakeTimeout: handshakeMs(limits),
    ...httpOptions(limits),
  });
  guardHandshakes(server, admits);
  const tickets = keepTicketKeys(server, tls, files.clientCa);
  attach(server, 'secureConnection', entrances);
  return {
    server,
    use(next, nextFiles) {
      useLimits(server, next.limits);
      server.setSecureContext(secureContextOptions(next.tls, nextFiles));
      // The new context has made up a key of its own.
      tickets.bind(nextFiles.clientCa);
    },
  };
}

/** How long a handshake may take, in milliseconds. */
export function handshakeMs({ headersSeconds }: Config['limits']): number {
  return Math.min(headersSeconds * 1_000 || MOST_HANDSHAKE_MS, MOST_HANDSHAKE_MS);
}

/** Goes on with other limits, as far as they are those of a server. */
export function useLimits(server: Server | HttpServer, limits: Config['limits']): void {
  server.headersTimeout = limits.headersSeconds * 1_000;
  server.keepAliveTimeout = limits.idleSeconds * 1_000;
}

/** How HTTP is read, with TLS below it or without. */
export function httpOptions(limits: Config['limits']): HttpServerOptions {
  return {
    insecureHTTPParser: false,
    // Ours to refuse, so that it is recorded.
    requireHostHeader: false,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersSeconds * 1_000,
    // How often it is looked for clients that are too slow; Node's half a minute would be added to their time.
    connectionsCheckingInterval: 1_000,
    // Uploads may take as long as they take.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleSeconds * 1_000,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  };
}

/** @param event tells of each connection that HTTP is spoken on */
export function attach(
  server: Server | HttpServer,
  event: 'connection' | 'secureConnection',
  entrances: Entrances,
): void {
  // All headers are read, none silently dropped; their size is bounded by maxHeaderSize.
  server.maxHeadersCount = 0;
  // Not in Node's types: answers a client that has ended its side instead of closing on it.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  installRoadHook(server, event, entrances.isTunnel);
  server.on('request', entrances.onRequest);
  server.on('checkContinue', entrances.onRequest);
  server.on('checkExpectation', entrances.onRequest);
  server.on('upgrade', entrances.onTunnel);
  server.on('clientError', entrances.onMalformed);
}

/** Emitted by a TLS server with a connection whose handshake begins now: it may have waited for that. */
export const HANDSHAKE = 'handshake';

function ignored(): void {}

/** A handshake costs a hundred times what it costs to look whether there may be one, so that is asked first. */
function guardHandshakes(server: Server, admits: Admits): void {
  const [begin, ...others] = server.listeners('connection');
  if (begin === undefined || others.length > 0) throw new Error('Node begins handshakes in another way');
  server.removeAllListeners('connection');
  const turns = new Turns();
  const pauses = new Pauses();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '' } = socket;
    // Who goes while it waits is nobody's error.
    socket.on('error', ignored);
    const address = addressKey(remoteAddress);
    const wait = admits(socket);
    if (wait === undefined) {
      // Who tries again as soon as it was closed has less of it.
      void pauses.pause(address).then(() => socket.resetAndDestroy());
      return;
    }
    const take = (): void => {
      if (socket.destroyed) return;
      turns.take(address, () => {
        socket.off('error', ignored);
        if (socket.destroyed) return;
        server.emit(HANDSHAKE, socket);
        begin.call(server, socket);
      });
    };
    if (wait === 0) take();
    else setTimeout(take, wait).unref();
  });
}

const WHY_NOT: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there; stop it, or name another port',
  EADDRNOTAVAIL: "it is none of this machine's addresses; name one of them, or 0.0.0.0 for all",
  EACCES: 'this user may not; name a port above 1023, or run with CAP_NET_BIND_SERVICE',
};

/**
 * Makes the server listen.
 *
 * @param where `host:port`; port 0 takes a free one
 * @param inherited the descriptor of a socket that listens already, in place of `where`; see `inheritedSocket`
 * @returns the address it listens on
 * @throws ConfigError when it can not
 */
export function listen(
  server: NetServer,
  where: string,
  { key = 'listen', inherited }: { readonly key?: string; readonly inherited?: number | undefined } = {},
): Promise<{ host: string; port: number }> {
  const { host, port } = splitAddress(where);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = WHY_NOT[error.code ?? ''] ?? `${error.code ?? error.message}; name another address`;
      reject(
        new ConfigError([
          inherited === undefined
            ? `${key}: ${where} can not be used: ${why}`
            : `the socket that systemd hands over can not be used (${error.code ?? error.message}); see ListenStream= of the socket unit`,
        ]),
      );
    });
    server.listen(inherited === undefined ? { port, host } : { fd: inherited }, () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null)
        resolve({ host: address.address, port: address.port });
      else
        reject(
          new ConfigError([
            'the socket that systemd hands over is none of TCP; let ListenStream= of the socket unit name an address and a port',
          ]),
        );
    });
  });
}
