import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

/** How long a connection may take from its first byte to its first request and still be waited for, in milliseconds. */
const FRESH_MS = 2_000;

/** Every listener with its connections, as far as a shutdown is concerned. */
export class Connections {
  readonly #servers: (Server | TlsServer)[] = [];
  /** When each was accepted, by `performance.now()`. */
  readonly #since = new Map<Duplex, number>();

  add(server: Server | TlsServer): void {
    this.#servers.push(server);
    server.on('connection', (socket: Duplex) => {
      this.#since.set(socket, performance.now());
      socket.once('close', () => this.#since.delete(socket));
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
    for (const since of this.#since.values()) if (now - since < FRESH_MS) return true;
    return false;
  }

  destroyAll(): void {
    for (const socket of this.#since.keys()) socket.destroy();
  }
}
