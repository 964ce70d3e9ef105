import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { MOST_HANDSHAKE_WAIT_MS } from '../limits/limits.ts';
import { HANDSHAKE } from './server.ts';

/** How long a connection may take from its handshake to its first request and still be waited for, in milliseconds. */
const FRESH_MS = 2_000;

/** Every listener with its connections, as far as a shutdown is concerned. */
export class Connections {
  readonly #servers: (Server | TlsServer)[] = [];
  /** Until when each may be without a request and still be waited for, by `performance.now()`. */
  readonly #fresh = new Map<Duplex, number>();

  add(server: Server | TlsServer): void {
    this.#servers.push(server);
    server.on(HANDSHAKE, (socket: Duplex) => this.#fresh.set(socket, performance.now() + FRESH_MS));
    server.on('connection', (socket: Duplex) => {
      // One of TLS may be in line for its handshake, or have begun it already.
      const waits = server instanceof TlsServer ? MOST_HANDSHAKE_WAIT_MS : 0;
      if (!this.#fresh.has(socket)) this.#fresh.set(socket, performance.now() + waits + FRESH_MS);
      socket.once('close', () => this.#fresh.delete(socket));
    });
  }

  /** Takes no more connections; resolves when the last one is closed. */
  async close(): Promise<void> {
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  /** Closes those that wait for a further request. */
  closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  /** Whether any may still be on the way to its first request: in its TLS handshake, or just through it. */
  hasFresh(): boolean {
    const now = performance.now();
    for (const until of this.#fresh.values()) if (now < until) return true;
    return false;
  }

  destroyAll(): void {
    for (const socket of this.#fresh.keys()) socket.destroy();
  }
}
