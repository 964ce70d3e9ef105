import { Refusal } from '../errors.ts';
import type { Exchange, Judged } from '../exchange.ts';
import type { Archive } from '../listener/payload.ts';
import { type Client, ClientReply } from './client-reply.ts';
import type { Destination } from './engine.ts';
import { bodyOf } from './payload-bytes.ts';
import { pour } from './pour.ts';
import { requestBytes } from './request-bytes.ts';

/**
 * The road of whatever streams, waits or is large: a connection of its own to the Engine, bodies passed on both ways as
 * they come, no time limit on either.
 *
 * @returns when the exchange is over
 * @throws Refusal when the Engine could not be reached or broke off before it answered
 */
export function forwardStream(
  exchange: Exchange,
  judged: Judged,
  to: Destination,
  client: Client,
): Promise<void> {
  const { payload } = judged;
  return payload.kind === 'archive'
    ? forwardArchive(exchange, judged, payload, to, client)
    : forwardFlow(exchange, judged, to, client);
}

/** Of what has no body, or one that was read: the reply alone is a stream. */
function forwardFlow(exchange: Exchange, judged: Judged, to: Destination, client: Client): Promise<void> {
  const { operation, target } = judged.api;
  const body = bodyOf(judged.payload);
  const head = body.length > 0 ? { ...judged.forward, 'Content-Type': 'application/json' } : judged.forward;
  const bytes = requestBytes(operation.method, target, head, { body, isLast: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(to.engine.refusal(error));
    const reply = new ClientReply({ exchange, judged, range: to, client, bytes, isStream: true, fail });
    const flight = to.engine.connections.sendAlone(reply);
    reply.flight = flight;
    whenGone(exchange, client, () => {
      flight.abort();
      resolve();
    });
  });
}

/**
 * Tells when the exchange is over for the client. The Engine treats a client that ends its side as gone (net/http's
 * background read), and so do we: waiting for a write to fail would leave a quiet `logs -f` open for hours.
 */
function whenGone(exchange: Exchange, { request, response }: Client, act: () => void): void {
  const gone = (): void => {
    if (!response.writableFinished) exchange.ending ??= 'client-closed';
    act();
  };
  const onHalfClose = (): void => {
    if (request.complete && !response.writableEnded) {
      gone();
      response.destroy();
    }
  };
  exchange.arrival.socket.once('end', onHalfClose);
  response.once('close', () => {
    exchange.arrival.socket.off('end', onHalfClose);
    gone();
  });
}

/** Of what carries an archive: its body follows the head as it comes, or from the disk. */
function forwardArchive(
  exchange: Exchange,
  judged: Judged,
  archive: Archive,
  to: Destination,
  client: Client,
): Promise<void> {
  const { request } = client;
  const { operation, target } = judged.api;
  const headers = { ...judged.forward, 'Content-Type': 'application/x-tar' };
  const framed = { follows: archive.length ?? 'chunked', isLast: true } as const;
  const bytes = requestBytes(operation.method, target, headers, framed);
  return new Promise<void>((resolve, reject) => {
    let isAnswered = false;
    let leaveSource = (): void => {};
    const source = archive.open();
    const isOnDisk = archive.received !== undefined;
    const reply = new ClientReply({
      ...{ exchange, judged, range: to, client, bytes, isStream: true },
      answered: () => {
        isAnswered = true;
        if (request.complete) return;
        // An early answer: the client has to be able to read it while it is still sending.
        leaveSource();
        source.resume();
      },
      fail: (error) => {
        // What is left of the body is read by whoever answers.
        leaveSource();
        if (exchange.ending === 'client-closed') resolve();
        else reject(error instanceof Refusal ? error : to.engine.refusal(error));
      },
    });
    const flight = to.engine.connections.sendAlone(reply);
    reply.flight = flight;
    whenGone(exchange, client, () => {
      flight.abort();
      if (isOnDisk) source.destroy();
      resolve();
    });

    if (isOnDisk) {
      source.on('error', (cause) => {
        reject(new Refusal(503, 'spool-unavailable', 'this gateway can not read what it kept', { cause }));
        flight.abort();
      });
    } else {
      source.on('data', (chunk: Buffer) => {
        exchange.bytesIn += chunk.length;
      });
    }
    source.on('close', () => {
      if (!request.complete && !isAnswered) {
        exchange.ending ??= 'client-closed';
        flight.abort();
      }
    });
    // What is on disk was slowed on its way there.
    const pace = isOnDisk ? undefined : exchange.hold.pace;
    leaveSource = pour(source, flight.body(archive.length), { pace, ends: true });
  });
}
