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
 *
 * @returns ends the watch
 */
export function endRevoked(
  revocation: Revocation,
  live: LiveExchanges,
  sessions: Sessions,
  log: Logger,
): () => void {
  const look = async (exchange: Exchange): Promise<void> => {
    const { principal } = exchange.findings;
    if (principal === undefined) return; // it is still to be asked who that is, and this then too
    try {
      await revocation.check(principal, peerOf(exchange.arrival.socket));
    } catch (error) {
      const reason = error instanceof Refusal ? error.reason : 'internal-error';
      log.info({ request: exchange.id, reason }, 'what was under way for a revoked identity is ended');
      if (!sessions.interrupt(exchange.id, 'revoked')) live.destroy(exchange, 'revoked');
    }
  };
  const sweep = (): void => {
    for (const exchange of live.exchanges) void look(exchange);
  };
  revocation.onChange(sweep);
  const timer = setInterval(sweep, SWEEP_MS).unref();
  return () => clearInterval(timer);
}
