import type { Duplex } from 'node:stream';
import type { Ending } from '../audit/record.ts';
import type { Pace } from '../limits/pace.ts';
import type { Interruption } from '../recording/session.ts';
import { pour } from './pour.ts';
import { UnixConnection } from './unix-connection.ts';

/** How long a peer may go on sending after it was sent everything, in milliseconds. */
const LINGER_MS = 5_000;

/** What goes on while two connections are joined. */
export interface SpliceOptions {
  /** Bytes of the client that were read before the tunnel stood. */
  readonly early: Buffer;
  /** Is kept up to date: bytes from the client, and to it. */
  readonly count: { bytesIn: number; bytesOut: number };
  /** What the Engine's bytes, and the client's, pass through on their way; undefined where they pass as they are. */
  readonly output?: Duplex | undefined;
  readonly input?: Duplex | undefined;
  /** How fast it may go, both sides together. */
  readonly pace?: Pace | undefined;
  /** Ends both sides when aborted; its reason is an Interruption. */
  readonly signal?: AbortSignal | undefined;
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
 * @returns how it ended
 */
export function splice(client: Duplex, engine: Duplex, options: SpliceOptions): Promise<Ending> {
  const { early, count, output, input, pace, signal } = options;
  return new Promise((resolve) => {
    let ending: Ending | undefined;
    let open = 2;
    const fromEngine = output ?? engine;

    const failed = (which: Ending) => (): void => {
      ending ??= which;
      client.destroy();
      engine.destroy();
    };
    const closed = (which: Ending, other: Duplex) => (): void => {
      ending ??= which;
      open -= 1;
      if (open === 0) resolve(ending);
      else if (!other.writableEnded) other.end();
    };
    const engineClosed = closed('finished', client);
    let leaveClient = (): void => {};
    let leaveEngine = (): void => {};
    const stopInput = (): void => {
      leaveClient();
      input?.destroy();
    };

    count.bytesIn += early.length;
    client.on('data', (chunk: Buffer) => {
      count.bytesIn += chunk.length;
    });
    client.once('error', failed('client-closed'));
    engine.once('error', failed('engine-error'));
    // A client that is gone altogether has no use for the Engine's side.
    client.once('close', () => {
      engine.destroy();
      output?.destroy();
      input?.destroy();
    });
    client.once('close', closed('client-closed', engine));
    engine.once('close', () => {
      // What is still on its way to the client has to arrive.
      if (output === undefined || output.closed) engineClosed();
      else {
        output.once('close', engineClosed);
        if (!engine.readableEnded) output.destroy();
      }
    });
    // The process has ended: the output is complete although the client's input may still be open.
    const outputEnded = (): void => {
      ending ??= 'finished';
      stopInput();
      lingerClose(client);
      engine.end();
    };
    // An Engine that said nothing may have ended its side before anybody listened.
    if (fromEngine.readableEnded) process.nextTick(outputEnded);
    else fromEngine.once('end', outputEnded);
    const interrupted = ({ ending: why, parting }: Interruption): void => {
      ending ??= why;
      stopInput();
      leaveEngine();
      output?.destroy();
      engine.destroy();
      if (parting !== undefined && client.writable) client.write(parting);
      lingerClose(client);
      // A client that reads nothing would keep its connection for ever.
      const timer = setTimeout(() => client.destroy(), LINGER_MS);
      client.once('close', () => clearTimeout(timer));
    };
    if (signal?.aborted === true) process.nextTick(() => interrupted(signal.reason as Interruption));
    else signal?.addEventListener('abort', () => interrupted(signal.reason as Interruption));

    if (early.length > 0) (input ?? engine).write(early);
    pace?.spend(early.length);
    leaveClient = pour(client, input ?? engine, { pace, ends: true });
    input?.pipe(engine);
    if (output === undefined && engine instanceof UnixConnection) {
      engine.drainTo((bytes, done) => {
        count.bytesOut += bytes.length;
        client.write(bytes, (error) => {
          if (error) return; // the client's 'close' ends all
          pace?.spend(bytes.length);
          if (pace === undefined) done();
          else pace.whenOpen(done);
        });
      });
      return;
    }
    engine.on('data', (chunk: Buffer) => {
      count.bytesOut += chunk.length;
    });
    if (output === undefined) leaveEngine = pour(engine, client, { pace, ends: false });
    else {
      pour(engine, output, { pace, ends: true });
      leaveEngine = pour(output, client, { pace: undefined, ends: false });
    }
  });
}
