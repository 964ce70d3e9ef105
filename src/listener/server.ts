import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { splitAddress } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { freePeerChains } from './peer-chain.ts';
import { type IsTunnel, installRoadHook } from './road.ts';
import { keepTicketKeys, NO_TICKETS, TICKET_SECONDS } from './ticket-keys.ts';

/** How long a silent connection is left alone before TCP asks whether its peer is still there. */
const KEEP_ALIVE_MS = 60_000;

/** The three ways in which bytes of a client leave the TLS listener. */
export interface Entrances {
  /** A request that stays within HTTP. */
  readonly onRequest: RequestListener;
  /** A request that may become a raw stream; `head` is what was read beyond its head. */
  onTunnel(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Bytes that are not HTTP, or a client that was too slow. */
  onMalformed(error: NodeJS.ErrnoException, socket: Duplex): void;
  readonly isTunnel: IsTunnel;
}

/**
 * The TLS listener, not yet listening. Client certificates are asked for but judged in `identity/`, so that a
 * refused one is told why instead of meeting a bare alert.
 *
 * @throws ConfigError when a TLS file can not be read or used
 */
export function createListener(config: Pick<Config, 'tls' | 'limits'>, entrances: Entrances): Server {
  const { tls, limits } = config;
  freePeerChains();
  let server: Server;
  try {
    server = createServer({
      cert: readFileSync(tls.certificate),
      key: readFileSync(tls.key),
      ...(tls.clientCa === undefined ? {} : { ca: readFileSync(tls.clientCa) }),
      requestCert: tls.clientCertificate !== 'none',
      rejectUnauthorized: false,
      // Who the peer is, is read once a connection: it may not change afterwards.
      secureOptions:
        constants.SSL_OP_NO_RENEGOTIATION |
        (tls.sessionTickets === NO_TICKETS ? constants.SSL_OP_NO_TICKET : 0),
      sessionTimeout: TICKET_SECONDS,
      // By itself Node takes a digest of the command line, and the same gateway is started in many ways.
      sessionIdContext: 'quaywarden',
      minVersion: tls.minVersion === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
      // `curl -0` offers the second alone.
      ALPNProtocols: ['http/1.1', 'http/1.0'],
      // docker run -i ends its side and goes on reading; https, unlike http, does not allow that by itself.
      allowHalfOpen: true,
      // A client that is gone before its handshake is not noticed: half-open is allowed from the first byte.
      handshakeTimeout: 10_000,
      insecureHTTPParser: false,
      // Ours to refuse, so that it is recorded.
      requireHostHeader: false,
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersSeconds * 1_000,
      // Uploads may take as long as they take.
      requestTimeout: 0,
      keepAliveTimeout: limits.idleSeconds * 1_000,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    keepTicketKeys(server, tls);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`tls: ${(error as Error).message}; run "quaywarden doctor" to find the fault`]);
  }
  // All headers are read, none silently dropped; their size is bounded by maxHeaderSize.
  server.maxHeadersCount = 0;
  // Not in Node's types: answers a client that has ended its side instead of closing on it.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true;
  installRoadHook(server, 'secureConnection', entrances.isTunnel);
  server.on('request', entrances.onRequest);
  server.on('checkContinue', entrances.onRequest);
  server.on('checkExpectation', entrances.onRequest);
  server.on('upgrade', entrances.onTunnel);
  server.on('clientError', entrances.onMalformed);
  return server;
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
 * @returns the address it listens on
 * @throws ConfigError when it can not
 */
export function listen(server: Server, where: string): Promise<{ host: string; port: number }> {
  const { host, port } = splitAddress(where);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why = WHY_NOT[error.code ?? ''] ?? `${error.code ?? error.message}; name another address`;
      reject(new ConfigError([`listen: ${where} can not be used: ${why}`]));
    });
    server.listen(port, host, () => {
      const address = server.address() as AddressInfo;
      resolve({ host: address.address, port: address.port });
    });
  });
}
