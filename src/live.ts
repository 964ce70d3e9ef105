import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Ending } from './audit/record.ts';
import type { Exchange } from './exchange.ts';
import type { ClientTrust } from './identity/client-trust.ts';
import { peerOf } from './identity/mtls.ts';

/** How many pipelined requests may wait on one connection; a client that sends more is cut off. */
const MOST_WAITING = 64;

/** The exchanges under way: what a shutdown waits for, and what it closes when the grace period is over. */
export class LiveExchanges {
  readonly #destroyers = new Map<Exchange, () => void>();
  /** Those of them that have become raw streams, or may. */
  readonly #tunnels = new Set<Exchange>();
  /** Requests that wait for their turn, by connection; a connection without an entry is idle. */
  readonly #turns = new WeakMap<Duplex, (() => void)[]>();

  #onEmpty: (() => void)[] = [];

  get size(): number {
    return this.#destroyers.size;
  }

  /** Resolves when no exchange is under way, and so all their records are written. */
  empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  /** @param destroy closes the exchange's connection by force */
  add(exchange: Exchange, destroy: () => void): void {
    this.#destroyers.set(exchange, destroy);
  }

  /** The same of one that may become a raw stream. */
  addTunnel(exchange: Exchange, destroy: () => void): void {
    this.add(exchange, destroy);
    this.#tunnels.add(exchange);
  }

  delete(exchange: Exchange): void {
    this.#destroyers.delete(exchange);
    this.#tunnels.delete(exchange);
    if (this.size > 0) return;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  destroyAll(): void {
    this.#destroy(this.#destroyers.keys(), 'shutdown');
  }

  /** Ends whatever goes on for clients whose certificates the CAs of now have not issued. */
  destroyUntrusted(trust: ClientTrust): void {
    const now = Date.now();
    const gone = [...this.#destroyers.keys()].filter(({ arrival: { socket }, findings }) => {
      // Who is still to be named may be so by the certificate.
      if (findings.principal !== undefined && findings.principal.certificate === undefined) return false;
      const { certificate, cas } = peerOf(socket, trust);
      return certificate !== undefined && trust.outlives(certificate, cas, now);
    });
    this.#destroy(gone, 'revoked');
  }

  /** Ends every raw stream. */
  destroyTunnels(ending: Ending): void {
    this.#destroy(this.#tunnels, ending);
  }

  /** Those under way, of which the stages may not have found out everything yet. */
  get exchanges(): readonly Exchange[] {
    return [...this.#destroyers.keys()];
  }

  /** Ends one exchange by force, if it is still under way. */
  destroy(exchange: Exchange, ending: Ending): void {
    if (this.#destroyers.has(exchange)) this.#destroy([exchange], ending);
  }

  #destroy(exchanges: Iterable<Exchange>, ending: Ending): void {
    for (const exchange of [...exchanges]) {
      exchange.ending = ending;
      this.#destroyers.get(exchange)?.();
    }
  }

  /**
   * Starts a request when all requests before it on its connection have been answered. Node would start pipelined
   * ones at once, and would tell nobody but the first in line when the connection breaks.
   */
  inTurn(socket: Duplex, response: ServerResponse, start: () => void): void {
    const begin = (): void => {
      response.once('close', () => this.#next(socket));
      start();
    };
    const waiting = this.#turns.get(socket);
    if (waiting === undefined) {
      this.#turns.set(socket, []);
      begin();
    } else if (waiting.length < MOST_WAITING) waiting.push(begin);
    else socket.destroy();
  }

  /** Whether a request on this connection has not been answered yet. */
  isBusy(socket: Duplex): boolean {
    return this.#turns.has(socket);
  }

  #next(socket: Duplex): void {
    const begin = socket.destroyed ? undefined : this.#turns.get(socket)?.shift();
    if (begin === undefined) this.#turns.delete(socket);
    else begin();
  }
}
