import type { Duplex } from 'node:stream';
import type { Ending } from '../audit/record.ts';

/** How long a peer may go on sending after it was sent everything, in milliseconds. */
const LINGER_MS = 5_000;

/** What a splice counts and how it ended. */
export interface SpliceResult {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly ending: Ending;
}

/**
 * Ends our side of a connection and reads what the peer still sends until it ends too, so that closing with
 * unread bytes does not reset the connection and lose what the peer has not read yet.
 */
export function lingerClose(socket: Duplex, ms = LINGER_MS): void {
  if (socket.destroyed) return;
  socket.on('error', () => {});
  socket.end(() => {
    if (socket.readableEnded) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => clearTimeout(timer));
  });
  socket.resume();
}

/**
 * Joins two connections until both are done. Either side may end its writing while it goes on reading (that is
 * how `docker run -i` ends its input); backpressure holds; an error on one closes both.
 *
 * @param early bytes of the client that were read before the tunnel stood
 */
export function splice(client: Duplex, engine: Duplex, early: Buffer): Promise<SpliceResult> {
  return new Promise((resolve) => {
    let bytesIn = early.length;
    let bytesOut = 0;
    let ending: Ending | undefined;
    let open = 2;

    const failed = (which: Ending) => (): void => {
      ending ??= which;
      client.destroy();
      engine.destroy();
    };
    const closed = (which: Ending, other: Duplex) => (): void => {
      ending ??= which;
      open -= 1;
      if (open === 0) resolve({ bytesIn, bytesOut, ending });
      else if (!other.writableEnded) other.end();
    };

    client.on('data', (chunk: Buffer) => {
      bytesIn += chunk.length;
    });
    engine.on('data', (chunk: Buffer) => {
      bytesOut += chunk.length;
    });
    client.once('error', failed('client-closed'));
    engine.once('error', failed('engine-error'));
    // A client that is gone altogether has no use for the Engine's side.
    client.once('close', () => engine.destroy());
    client.once('close', closed('client-closed', engine));
    engine.once('close', closed('finished', client));
    // The process has ended: the output is complete although the client's input may still be open.
    engine.once('end', () => {
      ending ??= 'finished';
      client.unpipe(engine);
      lingerClose(client);
      engine.end();
    });

    if (early.length > 0) engine.write(early);
    client.pipe(engine);
    engine.pipe(client, { end: false });
  });
}
