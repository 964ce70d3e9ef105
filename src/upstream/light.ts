import type { Exchange, Judged } from '../exchange.ts';
import { type Client, ClientReply } from './client-reply.ts';
import type { Destination } from './engine.ts';
import { requestBytes } from './request-bytes.ts';

/**
 * The road of short exchanges without a body, of which there are most: pings, lists, inspections, starts and stops. Why
 * these leave @fastify/http-proxy is told with numbers in docs/decisions/0012.
 *
 * @returns when the exchange is over
 * @throws Refusal when the Engine could not be reached or broke off before it answered
 */
export function forwardLight(
  exchange: Exchange,
  judged: Judged,
  to: Destination,
  client: Client,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { operation, target } = judged.api;
    const bytes = requestBytes(operation.method, target, judged.forward);
    const fail = (error: Error): void => reject(to.engine.refusal(error));
    const reply = new ClientReply({ exchange, judged, range: to, client, bytes, isStream: false, fail });
    const flight = to.engine.connections.send(reply);
    reply.flight = flight;
    client.response.on('close', () => {
      flight.abort();
      resolve();
    });
  });
}
