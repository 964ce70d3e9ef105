import type { Socket } from 'node:net';
import { GarbledReply, ReplyParser, type ReplySink } from './reply-parser.ts';

/** One request and who is told of its reply. */
export interface Shot extends ReplySink {
  readonly method: string;
  /** The whole request as it goes on the wire. */
  readonly bytes: string | Buffer;
  /** Told when there is no reply, or no end of it; nothing follows. */
  onError(error: Error): void;
}

/** A request under way. */
export interface Flight {
  /** Gives it up: the Engine is to notice that nobody waits. */
  abort(): void;
  /** Stops reading, for the client can not keep up. */
  pause(): void;
  resume(): void;
}

const MOST_CONNECTIONS = 128;
/** Engines keep idle connections open; half a minute keeps ours younger than any proxy's in between. */
const IDLE_MS = 30_000;

/**
 * Kept-alive connections for short exchanges, one request at a time on each. A connection on which anything came that
 * does not belong to a reply is not used again.
 */
export class Connections {
  readonly #dial: () => Socket;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #alone = new Set<Connection>();
  readonly #waiting: Waiting[] = [];

  constructor(dial: () => Socket) {
    this.#dial = dial;
  }

  send(shot: Shot): Flight {
    const connection = this.#idle.pop() ?? this.#another();
    if (connection !== undefined) return connection.start(shot);
    const waiting = new Waiting(shot);
    this.#waiting.push(waiting);
    return waiting;
  }

  /** The same on a connection of its own, for as long as it takes. */
  sendAlone(shot: Shot): Flight {
    const connection = new Connection(this.#dial(), {
      free: () => connection.destroy(),
      gone: () => this.#alone.delete(connection),
    });
    this.#alone.add(connection);
    return connection.start(shot);
  }

  close(): void {
    for (const connection of this.#alone) connection.destroy();
    for (const connection of this.#open) connection.destroy();
  }

  #another(): Connection | undefined {
    if (this.#open.size >= MOST_CONNECTIONS) return undefined;
    const connection = new Connection(this.#dial(), {
      free: () => this.#next(connection),
      gone: () => {
        this.#open.delete(connection);
        const at = this.#idle.indexOf(connection);
        if (at !== -1) this.#idle.splice(at, 1);
        if (this.#waiting.length > 0) this.#next(this.#another());
      },
    });
    this.#open.add(connection);
    return connection;
  }

  /** Gives a free connection to whoever has waited longest. */
  #next(connection: Connection | undefined): void {
    if (connection === undefined) return;
    for (let waiting = this.#waiting.shift(); waiting !== undefined; waiting = this.#waiting.shift()) {
      if (waiting.isAborted) continue;
      waiting.takeOff(connection);
      return;
    }
    this.#idle.push(connection);
  }
}

/** A request that waits for a connection. */
class Waiting implements Flight {
  isAborted = false;
  readonly #shot: Shot;
  #flight: Flight | undefined;

  constructor(shot: Shot) {
    this.#shot = shot;
  }

  takeOff(connection: Connection): void {
    this.#flight = connection.start(this.#shot);
  }

  abort(): void {
    this.isAborted = true;
    this.#flight?.abort();
  }

  pause(): void {
    this.#flight?.pause();
  }

  resume(): void {
    this.#flight?.resume();
  }
}

interface Owner {
  free(): void;
  gone(): void;
}

class Connection {
  readonly #socket: Socket;
  readonly #owner: Owner;
  #shot: Shot | undefined;
  #parser: ReplyParser | undefined;

  constructor(socket: Socket, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.setTimeout(IDLE_MS);
    socket.on('timeout', () => {
      if (this.#shot === undefined) socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => {
      this.#ended();
      owner.gone();
    });
  }

  start(shot: Shot): Flight {
    this.#shot = shot;
    this.#parser = new ReplyParser(shot.method, shot);
    this.#socket.write(shot.bytes, 'latin1');
    const isMine = (): boolean => this.#shot === shot;
    return {
      abort: () => {
        if (!isMine()) return;
        this.#shot = undefined;
        this.#socket.destroy();
      },
      pause: () => {
        if (isMine()) this.#socket.pause();
      },
      resume: () => {
        if (isMine()) this.#socket.resume();
      },
    };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const parser = this.#parser;
    if (this.#shot === undefined || parser === undefined) {
      // Nobody asked for anything.
      this.#socket.destroy();
      return;
    }
    try {
      parser.push(chunk);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new GarbledReply('the reply can not be read'));
      return;
    }
    if (parser.isDone) this.#done(parser);
  }

  #done({ isReusable }: ReplyParser): void {
    this.#shot = undefined;
    this.#parser = undefined;
    if (!isReusable || this.#socket.destroyed || !this.#socket.writable) {
      this.#socket.destroy();
      return;
    }
    this.#socket.resume();
    this.#owner.free();
  }

  #ended(): void {
    const { parser, shot } = { parser: this.#parser, shot: this.#shot };
    this.#shot = undefined;
    this.#parser = undefined;
    this.#socket.destroy();
    if (shot === undefined || parser === undefined) return;
    try {
      if (!parser.end()) shot.onError(Object.assign(new Error('it broke off'), { code: 'ECONNRESET' }));
    } catch (error) {
      shot.onError(error as Error);
    }
  }

  #failed(error: Error): void {
    const shot = this.#shot;
    this.#shot = undefined;
    this.#parser = undefined;
    this.#socket.destroy();
    shot?.onError(error);
  }
}
