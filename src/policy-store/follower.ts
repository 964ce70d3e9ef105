import type { Logger } from 'pino';
import {
  type Connection,
  connect,
  type Database,
  type DatabaseError,
  disconnect,
  placeOf,
  toDatabaseError,
} from './connection.ts';
import { CHANNEL } from './migrations.ts';

/** How long after a lost connection another one is tried, in milliseconds: at first, and at most. */
const RETRY_MS = { first: 250, most: 15_000 };
/** How often the database is looked at without having said anything: a dead connection is found by it. */
const LOOK_MS = 5_000;
/** Least time between two looks: whoever may connect can make the channel ring, and as often as they like. */
const PAUSE_MS = 100;

/** Whether there is a connection, for an operator. */
export interface ConnectionState {
  readonly database: string;
  readonly connected: boolean;
  /** Since when that is so, RFC 3339. */
  readonly since: string;
  /** When the database answered last, RFC 3339; null when it has not since the start. */
  readonly lastContact: string | null;
  /** Why there is no connection. */
  readonly reason?: string;
}

/** Looks at the database; all of it, or only whether it is another version than before. */
type Look = (client: Connection, isWhole: boolean) => Promise<void>;

/** Keeps a connection to the database, and looks whenever the database says that something has changed. */
export class Follower {
  readonly #database: Database;
  readonly #log: Logger;
  readonly #look: Look;
  #client: Connection | undefined;
  #state: { readonly connected: boolean; readonly since: number; readonly reason?: string };
  #lastContact: number | undefined;
  #turn = Promise.resolve();
  /** While a ring is being answered. */
  #ringing = false;
  #hasRung = false;
  #delayMs = RETRY_MS.first;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** @param look is given a connection that listens already, so that what changes after it looked rings again */
  constructor(database: Database, log: Logger, look: Look) {
    this.#database = database;
    this.#log = log;
    this.#look = look;
    this.#state = { connected: false, since: Date.now() };
  }

  /** Connects and looks. @throws DatabaseError, and nothing is tried again before `retry` */
  async connect(): Promise<void> {
    const client = await connect(this.#database, (error) => {
      if (this.#client === client) this.retry(error);
    });
    try {
      client.on('notification', () => this.#ring());
      await client.query(`LISTEN ${CHANNEL}`);
      await this.#look(client, true);
    } catch (error) {
      void disconnect(client);
      throw toDatabaseError(error, this.#database);
    }
    // Closed meanwhile: nobody else would end this one.
    if (this.#isClosed) return disconnect(client);
    this.#client = client;
    this.#delayMs = RETRY_MS.first;
    this.#lastContact = Date.now();
    if (this.#state.reason !== undefined)
      this.#log.info({ database: placeOf(this.#database) }, 'the policy database is back');
    this.#state = { connected: true, since: Date.now() };
    // Once more: what rang while it looked was heard by nobody.
    this.#ring();
  }

  /** Says that there is no connection, and makes another one later. */
  retry(error: DatabaseError): void {
    if (this.#isClosed) return;
    const client = this.#client;
    this.#client = undefined;
    void disconnect(client);
    const { connected, since, reason } = this.#state;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(delayMs * 2, RETRY_MS.most);
    // Once for each reason: a database that is away for a day is one line.
    if (connected || reason !== error.message)
      this.#log.error(
        { reason: error.message },
        'the policy database is lost; the policy that is in force goes on',
      );
    this.#state = { connected: false, since: connected ? Date.now() : since, reason: error.message };
    // Apart from one another, should many gateways have lost it at once.
    this.#later(delayMs * (0.5 + Math.random() / 2), () => {
      this.connect().catch((failure: DatabaseError) => this.retry(failure));
    });
  }

  /** Looks now, where there is a connection; resolves when it has. */
  look(): Promise<void> {
    return this.#lookNow(true);
  }

  state(): ConnectionState {
    const { since, ...state } = this.#state;
    return {
      database: placeOf(this.#database),
      ...state,
      since: new Date(since).toISOString(),
      lastContact: this.#lastContact === undefined ? null : new Date(this.#lastContact).toISOString(),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await disconnect(client);
  }

  /** Looks soon; rings that come while it does are one more look. */
  #ring(): void {
    this.#hasRung = this.#ringing;
    if (this.#ringing) return;
    this.#ringing = true;
    void this.#lookNow(false)
      .then(() => new Promise<void>((resolve) => setTimeout(resolve, PAUSE_MS)))
      .then(() => {
        this.#ringing = false;
        if (this.#hasRung) this.#ring();
      });
  }

  /** One after the other: each is a transaction, and they share a connection. */
  #lookNow(isWhole: boolean): Promise<void> {
    this.#turn = this.#turn.then(() => this.#lookInTurn(isWhole));
    return this.#turn;
  }

  async #lookInTurn(isWhole: boolean): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    try {
      await this.#look(client, isWhole);
      if (this.#client !== client) return;
      this.#lastContact = Date.now();
      this.#later(LOOK_MS, () => this.#ring());
    } catch (error) {
      if (this.#client === client) this.retry(toDatabaseError(error, this.#database));
    }
  }

  /** One thing at a time is waited for. */
  #later(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    if (!this.#isClosed) this.#timer = setTimeout(then, ms);
  }
}
