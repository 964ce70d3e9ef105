import type { Logger } from 'pino';
import { Refusal } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { peerOf } from './identity/mtls.ts';
import type { Revocation } from './identity/revocation/revocation.ts';
import type { LiveExchanges } from './live.ts';
import type { Sessions } from './recording/sessions.ts';

/** How often those who have something open are looked at, in milliseconds: what expires or is asked elsewhere tells nobody. */
const SWEEP_MS = 15_000;

/**
 * Ends what is under way for those whose identity would not be taken any more: at once when a list has changed, and in
 * any case within a minute.
 */
export class RevokedSweep {
  readonly #live: LiveExchanges;
  readonly #sessions: Sessions;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #revocation: Revocation | undefined;

  constructor(live: LiveExchanges, sessions: Sessions, log: Logger) {
    this.#live = live;
    this.#sessions = sessions;
    this.#log = log;
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Goes on with other lists. */
  use(revocation: Revocation): void {
    if (revocation === this.#revocation) return;
    this.#revocation = revocation;
    revocation.onChange(() => {
      if (revocation === this.#revocation) this.#sweep();
    });
    this.#sweep();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sweep(): void {
    for (const exchange of this.#live.exchanges) void this.#look(exchange);
  }

  async #look(exchange: Exchange): Promise<void> {
    const { principal } = exchange.findings;
    if (principal === undefined) return; // it is still to be asked who that is, and this then too
    if (exchange.isRecorded) return; // refused: only the answer is still on its way
    try {
      await this.#revocation?.check(principal, peerOf(exchange.arrival.socket));
    } catch (error) {
      const reason = error instanceof Refusal ? error.reason : 'internal-error';
      this.#log.info({ request: exchange.id, reason }, 'what was under way for a revoked identity is ended');
      if (!this.#sessions.interrupt(exchange.id, 'revoked')) this.#live.destroy(exchange, 'revoked');
    }
  }
}
