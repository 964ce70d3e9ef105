import type { Socket } from 'node:net';
import {
  GarbledReply,
  Lease,
  type ReplyHead,
  ReplyParser,
  type ReplySink,
  type Switch,
} from './reply-parser.ts';
import { RequestBody } from './request-body.ts';
import { UnixConnection } from './unix-connection.ts';

/** One request and who is told of its reply. */
export interface Shot extends ReplySink {
  readonly method: string;
  /** The whole request as it goes on the wire. */
  readonly bytes: string | Buffer;
  /** Told when there is no reply, or no end of it; nothing follows. */
  onError(error: Error): void;
  /**
   * The connection belongs to the shot from now on, where that `maySwitch`: it is paused, and what came behind the head of the
   * 101 is the first that will be read of it.
   */
  onSwitch?(head: ReplyHead, socket: Socket): void;
}

/** Code of the error of a request that was not even kept waiting. */
export const ENGINE_BUSY = 'ENGINE_BUSY';

export const MOST_CONNECTIONS = 128;
/** How many requests wait for one of them; further ones are not sent. */
export const MOST_WAITING = 1_024;
/** Engines keep idle connections open; half a minute keeps ours younger than any proxy's in between. */
const IDLE_MS = 30_000;
/** How much sooner than the other side says a connection is given up, in milliseconds. */
const HASTE_MS = 1_000;

/** Methods of which the same request may be sent twice (RFC 9110, section 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Kept-alive connections for short exchanges, one request at a time on each, and connections of their own for all else. A
 * connection on which anything came that does not belong to a reply is not used again.
 */
export class Connections {
  readonly #dial: () => Socket;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #alone = new Set<Connection>();
  readonly #waiting: Flight[] = [];

  constructor(dial: () => Socket) {
    this.#dial = dial;
  }

  send(shot: Shot): Flight {
    const flight = new Flight(shot, () => this.#forget(flight));
    const connection = this.#fresh() ?? this.#another();
    if (connection !== undefined) connection.start(flight);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(flight);
    else process.nextTick(() => shot.onError(engineBusy()));
    return flight;
  }

  /** The same on a connection of its own, for as long as it takes; the body of the request may follow. */
  sendAlone(shot: Shot): Flight {
    const connection = new Connection(this.#dial(), {
      free: () => connection.destroy(),
      again: (flight) => flight.shot.onError(brokenOff()),
      gone: () => this.#alone.delete(connection),
    });
    this.#alone.add(connection);
    const flight = new Flight(shot);
    connection.start(flight);
    return flight;
  }

  close(): void {
    for (const connection of [...this.#alone, ...this.#open]) connection.destroy();
  }

  /** An idle connection that the other side has not given up by now. */
  #fresh(): Connection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isFresh) return connection;
      connection.destroy();
    }
    return undefined;
  }

  /** Whoever gave up waits no longer. */
  #forget(flight: Flight): void {
    const at = this.#waiting.indexOf(flight);
    if (at !== -1) this.#waiting.splice(at, 1);
  }

  #another(): Connection | undefined {
    if (this.#open.size >= MOST_CONNECTIONS) return undefined;
    const connection = new Connection(this.#dial(), {
      free: () => this.#next(connection),
      again: (flight) => {
        const other = this.#another();
        if (other === undefined) this.#waiting.unshift(flight);
        else other.start(flight);
      },
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
    const flight = this.#waiting.shift();
    if (flight === undefined) this.#idle.push(connection);
    else connection.start(flight);
  }
}

/** A request under way, on whichever connection. */
export class Flight {
  readonly shot: Shot;
  readonly #whenAborted: () => void;
  #connection: Connection | undefined;

  constructor(shot: Shot, whenAborted: () => void = () => {}) {
    this.shot = shot;
    this.#whenAborted = whenAborted;
  }

  /**
   * Where the body goes of a request that has one and was sent on a connection of its own.
   *
   * @param length as the head says; undefined where that says `chunked`
   */
  body(length: number | undefined): RequestBody {
    if (this.#connection === undefined) throw new Error('a body follows on a connection of its own only');
    return this.#connection.body(length);
  }

  /** Gives it up: the Engine is to notice that nobody waits. */
  abort(): void {
    this.#whenAborted();
    this.#connection?.abort(this);
  }

  /** Stops reading, for the client can not keep up. */
  pause(): void {
    this.#connection?.pause(this);
  }

  resume(): void {
    this.#connection?.resume(this);
  }

  on(connection: Connection): void {
    this.#connection = connection;
  }
}

interface Owner {
  /** The connection can be used again. */
  free(): void;
  /** The connection was closed before anything of the request was read, which may be sent again. */
  again(flight: Flight): void;
  gone(): void;
}

class Connection {
  readonly #socket: Socket;
  readonly #owner: Owner;
  #flight: Flight | undefined;
  #parser: ReplyParser | undefined;
  #hasReceived = false;
  #isUsed = false;
  /** Whether what arrives is lent: nothing more is read before it is given back. */
  #isLent = false;
  #isPaused = false;
  /** Goes on reading, where what was lent was given back during a pause. */
  #goOn: (() => void) | undefined;
  #freshUntil = Number.POSITIVE_INFINITY;
  constructor(socket: Socket, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.setTimeout(IDLE_MS);
    this.#listen('on');
  }

  #listen(how: 'on' | 'off'): void {
    this.#socket[how]('timeout', this.#onTimeout)
      [how]('data', this.#onData)
      [how]('end', this.#onEnd)
      [how]('error', this.#onError)
      [how]('close', this.#onClose);
  }

  readonly #onTimeout = (): void => {
    if (this.#flight === undefined) this.#socket.destroy();
  };
  readonly #onData = (chunk: Buffer): void => this.#take(chunk);
  readonly #onEnd = (): void => this.#ended();
  readonly #onError = (error: Error): void => this.#failed(error);
  readonly #onClose = (): void => {
    this.#ended();
    this.#owner.gone();
  };

  get isFresh(): boolean {
    return !this.#socket.destroyed && performance.now() < this.#freshUntil;
  }

  start(flight: Flight): void {
    this.#flight = flight;
    this.#hasReceived = false;
    this.#parser = new ReplyParser(flight.shot.method, flight.shot);
    flight.on(this);
    this.#socket.write(flight.shot.bytes, 'latin1');
  }

  body(length: number | undefined): RequestBody {
    return new RequestBody(this.#socket, length);
  }

  abort(flight: Flight): void {
    if (this.#flight !== flight) return;
    this.#flight = undefined;
    this.#socket.destroy();
  }

  pause(flight: Flight): void {
    if (this.#flight !== flight) return;
    this.#isPaused = true;
    if (!this.#isLent) this.#socket.pause();
  }

  resume(flight: Flight): void {
    if (this.#flight !== flight) return;
    this.#isPaused = false;
    if (!this.#isLent) this.#socket.resume();
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer, lease?: Lease): void {
    const parser = this.#parser;
    if (this.#flight === undefined || parser === undefined) {
      // Nobody asked for anything.
      this.#socket.destroy();
      return;
    }
    this.#hasReceived = true;
    try {
      parser.push(chunk, lease);
    } catch (error) {
      this.#failed(error instanceof Error ? error : new GarbledReply('the reply can not be read'));
      return;
    }
    if (parser.switched !== undefined) this.#handOver(this.#flight, parser.switched);
    else if (parser.isDone) this.#done(parser);
    else if (parser.isRaw && !this.#isLent && this.#socket instanceof UnixConnection)
      this.#lend(this.#socket);
  }

  /** From now on what arrives is not copied: it goes on as it stands, and its buffer is read into again afterwards. */
  #lend(socket: UnixConnection): void {
    this.#isLent = true;
    socket.off('data', this.#onData);
    socket.drainTo((bytes, done) => {
      const lease = new Lease(() => {
        if (this.#isPaused) this.#goOn = done;
        else done();
      });
      const release = lease.take();
      this.#take(bytes, lease);
      release();
    });
    if (!this.#isPaused) return;
    socket.pause();
    this.#goOn = () => socket.resume();
  }

  /** It is the shot's own from now on. */
  #handOver({ shot }: Flight, { head, rest }: Switch): void {
    const socket = this.#socket;
    this.#flight = undefined;
    this.#parser = undefined;
    this.#listen('off');
    socket.setTimeout(0);
    socket.pause();
    if (rest.length > 0) socket.unshift(rest);
    this.#owner.gone();
    shot.onSwitch?.(head, socket);
  }

  #done({ isReusable, keptFor }: ReplyParser): void {
    this.#flight = undefined;
    this.#parser = undefined;
    if (!isReusable || this.#socket.destroyed || !this.#socket.writable) {
      this.#socket.destroy();
      return;
    }
    this.#isUsed = true;
    if (keptFor !== undefined) this.#freshUntil = performance.now() + keptFor * 1_000 - HASTE_MS;
    this.#socket.resume();
    this.#owner.free();
  }

  #ended(): void {
    const { parser, flight } = { parser: this.#parser, flight: this.#flight };
    this.#flight = undefined;
    this.#parser = undefined;
    this.#socket.destroy();
    if (flight === undefined || parser === undefined) return;
    if (this.#mayBeSentAgain(flight)) {
      this.#owner.again(flight);
      return;
    }
    try {
      if (!parser.end()) flight.shot.onError(brokenOff());
    } catch (error) {
      flight.shot.onError(error as Error);
    }
  }

  #failed(error: Error): void {
    const flight = this.#flight;
    this.#flight = undefined;
    this.#parser = undefined;
    this.#socket.destroy();
    if (flight === undefined) return;
    if (this.#mayBeSentAgain(flight)) this.#owner.again(flight);
    else flight.shot.onError(error);
  }

  /** The other side may close an idle connection in the very moment in which it is used again (RFC 9112, section 9.3.1). */
  #mayBeSentAgain({ shot }: Flight): boolean {
    return this.#isUsed && !this.#hasReceived && SAFE.has(shot.method);
  }
}

/** What there is no room for to wait until the Engine has time. */
export function engineBusy(): Error {
  return Object.assign(new Error('too many requests wait for the Engine'), { code: ENGINE_BUSY });
}

function brokenOff(): Error {
  return Object.assign(new Error('the Engine broke off'), { code: 'ECONNRESET' });
}
