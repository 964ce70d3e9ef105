import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { PolicyFiles } from '../policy/load.ts';
import { PostgresAdapter } from './adapter.ts';
import { readCache, type StoredTexts, writeCache } from './cache.ts';
import { type Connection, type Database, DatabaseError, placeOf } from './connection.ts';
import { filesWith, textsOf } from './files.ts';
import { type ConnectionState, Follower } from './follower.ts';

/** What the database held when it was looked at last: a policy's texts, or what keeps it from being one. */
type Found =
  | { readonly digest: string; readonly texts: StoredTexts }
  | { readonly digest: string; readonly faults: readonly string[] };

/** A policy that can be put in force. */
export interface Stored {
  readonly files: PolicyFiles;
  readonly texts: StoredTexts;
  /** How the record of a reload names it. */
  readonly name: string;
  /** Tells it from any other. */
  readonly digest: string;
}

/** For an operator. */
export interface StoreState extends ConnectionState {
  /** Of the policy that is in force, the database's number. */
  readonly version: number | null;
  /** Why the last good policy could not be kept on disk. */
  readonly cacheFault?: string;
}

type Section = Pick<Config['policy'], 'model'>;

/**
 * The policy in a database: read at the start, and again whenever the database says that it has changed. A database that is
 * away changes nothing: what is in force goes on, and the connection is made again.
 */
export class PolicyStore {
  readonly #section: Section;
  readonly #database: Database;
  readonly #log: Logger;
  readonly #follower: Follower;
  #found: Found | undefined;
  #inForce: Stored | undefined;
  /** The digest that was told last. */
  #told: string | undefined;
  #onChange: (() => void) | undefined;
  #cacheFault: string | undefined;
  #writing = Promise.resolve();

  private constructor(section: Section, database: Database, log: Logger) {
    this.#section = section;
    this.#database = database;
    this.#log = log;
    this.#follower = new Follower(database, log, (client, isWhole) => this.#look(client, isWhole));
  }

  /**
   * @returns undefined where policies are files
   * @throws ConfigError when there is neither a database nor a policy of it on disk
   */
  static async open(policy: Config['policy'], log: Logger): Promise<PolicyStore | undefined> {
    if (policy.store !== 'postgres' || policy.postgres === undefined) return undefined;
    const store = new PolicyStore(policy, policy.postgres, log);
    try {
      await store.#follower.connect();
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      const texts = await store.#kept(error);
      store.#found = { digest: digestOf(texts), texts };
      log.warn({ version: texts.version }, 'the policy is the one that was kept on disk');
      store.#follower.retry(error);
    }
    return store;
  }

  /**
   * What was read last.
   *
   * @throws ConfigError when that is no policy
   */
  latest(): Stored {
    const found = this.#found;
    if (found === undefined || 'faults' in found)
      throw new ConfigError(found?.faults ?? ['nothing was read']);
    const { digest, texts } = found;
    return {
      digest,
      texts,
      files: filesWith(this.#section, texts),
      name: `postgres version ${texts.version}`,
    };
  }

  /** Looks at the database anew, if it is there. */
  refresh(): Promise<void> {
    return this.#follower.look();
  }

  /** Tells from now on of each change, and at once of one that came before. */
  follow(onChange: () => void): void {
    this.#onChange = onChange;
    this.#tell();
  }

  /** Is told that a policy is in force, and so is good: it is kept on disk, where there is a place for it. */
  putInForce(stored: Stored): void {
    const before = this.#inForce;
    this.#inForce = stored;
    const { cache } = this.#database;
    if (cache === undefined || before?.digest === stored.digest) return;
    this.#writing = this.#writing.then(async () => {
      try {
        await writeCache(cache, placeOf(this.#database), stored.texts);
        this.#cacheFault = undefined;
      } catch (error) {
        const { code = 'unknown' } = error as NodeJS.ErrnoException;
        this.#cacheFault = `${cache} can not be written (${code})`;
        this.#log.error({ code }, `the last good policy can not be kept in ${cache}`);
      }
    });
  }

  state(): StoreState {
    return {
      ...this.#follower.state(),
      version: this.#inForce?.texts.version ?? null,
      ...(this.#cacheFault === undefined ? {} : { cacheFault: this.#cacheFault }),
    };
  }

  async close(): Promise<void> {
    this.#onChange = undefined;
    await this.#follower.close();
    await this.#writing;
  }

  async #look(client: Connection, isWhole: boolean): Promise<void> {
    const adapter = new PostgresAdapter(client);
    const before = this.#found;
    const isKnown = !isWhole && before !== undefined && 'texts' in before;
    if (isKnown && (await adapter.version()) === before.texts.version) return;
    this.#found = await foundBy(adapter);
    this.#tell();
  }

  #tell(): void {
    const { digest } = this.#found ?? {};
    if (this.#onChange === undefined || digest === (this.#told ?? this.#inForce?.digest)) return;
    this.#told = digest;
    this.#onChange();
  }

  async #kept(error: DatabaseError): Promise<StoredTexts> {
    const { cache } = this.#database;
    const texts = cache === undefined ? undefined : await readCache(cache, placeOf(this.#database));
    if (texts !== undefined) return texts;
    const advice =
      cache === undefined
        ? 'with policy.postgres.cache a start goes on with the last good policy'
        : `and there is no policy in ${cache} yet`;
    throw new ConfigError([`policy.postgres: ${error.message}; ${advice}`]);
  }
}

async function foundBy(adapter: PostgresAdapter): Promise<Found> {
  try {
    const texts = await textsOf(await adapter.read());
    return { digest: digestOf(texts), texts };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { digest: error.faults.join('\n'), faults: error.faults };
  }
}

function digestOf({ version, grants, profiles }: StoredTexts): string {
  return createHash('sha256').update([version, grants, profiles].join('\0')).digest('hex');
}
