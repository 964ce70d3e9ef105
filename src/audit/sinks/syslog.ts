import { isIP, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, TLSSocket, connect as tlsConnect } from 'node:tls';
import { codeOf, type Delivery, DeliveryError, type Session } from './delivery.ts';
import { each, type ToMessage } from './message.ts';
import { frame, type Origin } from './rfc5424.ts';

export interface SyslogOptions extends Origin {
  readonly host: string;
  readonly port: number;
  /** Undefined for plain TCP. */
  readonly tls: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'> | undefined;
  /** How long a receiver may take to close a connection after the gateway has, in milliseconds. */
  readonly closeMs: number;
  /** How long a connection is written to, in milliseconds: what is sent twice when it fails at its end. */
  readonly sessionMs: number;
}

const CONNECT_MS = 10_000;
/** How long a receiver may take nothing in the middle of a connection. */
const STALL_MS = 60_000;
/** And how much. */
const SESSION_BYTES = 4_194_304;

/**
 * Syslog over TCP and TLS. The protocol has no acknowledgement, and what TCP has taken may still be lost with the
 * connection. So a connection lasts seconds; then the gateway ends its side and waits for the receiver to end the other.
 * A receiver does that when it has read everything. Whatever happens before, all of that connection is sent again.
 */
export function syslogDelivery(options: SyslogOptions, toMessage: ToMessage): Delivery {
  return {
    limits: { lines: 256, bytes: 65_536, session: { ms: options.sessionMs, bytes: SESSION_BYTES } },
    open: async (signal) => {
      const connection = new Connection(options, signal);
      await connection.made();
      return {
        write: async (lines) =>
          connection.write(Buffer.concat(await each(lines, (line) => frame(line, toMessage, options)))),
        commit: () => connection.finish(options.closeMs),
        abort: () => connection.abort(),
      } satisfies Session;
    },
    close: async () => {},
  };
}

class Connection {
  readonly #socket: Socket;
  readonly #where: string;
  /** Rejects when the connection has failed; resolves when both sides have ended it after all was written. */
  readonly #over: Promise<void>;
  #isEnding = false;

  constructor({ host, port, tls }: SyslogOptions, signal: AbortSignal) {
    this.#where = `${host}:${port}`;
    const to = { host, port, allowHalfOpen: true, keepAlive: true };
    this.#socket =
      tls === undefined
        ? netConnect(to)
        : tlsConnect({
            ...to,
            ...tls,
            ...(tls.servername === undefined && isIP(host) === 0 ? { servername: host } : {}),
            minVersion: 'TLSv1.2',
            rejectUnauthorized: true,
          });
    const stop = (): void => this.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) this.abort();
    this.#over = new Promise((resolve, reject) => {
      let hasEnded = false;
      this.#socket
        // What a receiver says has no meaning here, but it has to be read for its end to be seen.
        .resume()
        .once('error', (error) =>
          reject(this.#fault(`broke off or could not be reached (${codeOf(error)})`, { cause: error })),
        )
        .once('end', () => {
          hasEnded = true;
          if (!this.#isEnding) {
            reject(this.#fault('closed the connection before it had everything'));
            this.#socket.destroy();
          }
        })
        .once('close', () => {
          signal.removeEventListener('abort', stop);
          if (hasEnded && this.#isEnding) resolve();
          else reject(this.#fault('is gone'));
        });
    });
    this.#over.catch(() => {});
  }

  made(): Promise<void> {
    const event = this.#socket instanceof TLSSocket ? 'secureConnect' : 'connect';
    return this.#within(CONNECT_MS, 'did not answer in time', (done) => this.#socket.once(event, done));
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#within(STALL_MS, 'takes nothing any more', (done) => {
      this.#socket.write(bytes, (error) => {
        if (error == null) done();
      });
    });
  }

  async finish(closeMs: number): Promise<void> {
    this.#isEnding = true;
    this.#socket.end();
    const late = `did not close the connection within ${closeMs / 1_000} s, so nobody knows what it has; all of it is sent again`;
    await this.#within(closeMs, late, (done) => void this.#over.then(done, () => {}), 'too-slow');
  }

  abort(): void {
    this.#socket.destroy();
  }

  /** Resolves when `begin` is done, rejects when the connection is over before or it takes too long. */
  async #within(
    ms: number,
    late: string,
    begin: (done: () => void) => void,
    kind: DeliveryError['kind'] = 'passing',
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const done = new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(this.#fault(late, { kind })), ms);
      begin(resolve);
    });
    try {
      await Promise.race([done, this.#over.then(() => done)]);
    } finally {
      clearTimeout(timer);
    }
  }

  #fault(what: string, options: { cause?: unknown; kind?: DeliveryError['kind'] } = {}): DeliveryError {
    return new DeliveryError(`the syslog receiver at ${this.#where} ${what}`, options);
  }
}
