import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { PolicyFiles } from '../policy/load.ts';
import { unhurried } from '../policy/unhurried.ts';
import { PostgresAdapter, type StoredPolicy } from './adapter.ts';
import type { StoredTexts } from './cache.ts';
import { type Connection, type Database, DatabaseError, withConnection } from './connection.ts';
import { GRANTS, makingText, PROFILES } from './rows.ts';

/**
 * What the loader takes for the files of a policy that a database keeps: their texts, under names by which faults and
 * decisions cite them. The model stays a file.
 */
export function filesWith({ model }: Pick<Config['policy'], 'model'>, stored: StoredTexts): PolicyFiles {
  const texts = new Map([
    [GRANTS, stored.grants],
    [PROFILES, stored.profiles],
  ]);
  return { model, grants: GRANTS, profiles: PROFILES, texts };
}

/** @throws ConfigError naming each row that is no line of a policy */
export async function textsOf({ version, rows, profiles }: StoredPolicy): Promise<StoredTexts> {
  return { version, grants: await unhurried(makingText(rows)), profiles };
}

/**
 * What a policy is read of once, wherever it is kept: for commands.
 *
 * @throws ConfigError when the database can not be asked, or holds no policy
 */
export async function policyFilesOf(policy: Config['policy']): Promise<PolicyFiles> {
  const { store, postgres } = policy;
  if (store === 'files' || postgres === undefined) return policy;
  return filesWith(policy, await readStored(postgres));
}

/** Reads the policy once. @throws ConfigError as above */
export function readStored(database: Database): Promise<StoredTexts> {
  return withDatabase(database, async (adapter) => textsOf(await adapter.read()));
}

/** Does something with the tables, for a command. @throws ConfigError when the database can not be asked */
export async function withDatabase<T>(
  database: Database,
  work: (adapter: PostgresAdapter, client: Connection) => Promise<T>,
): Promise<T> {
  try {
    return await withConnection(database, (client) => work(new PostgresAdapter(client), client));
  } catch (error) {
    if (error instanceof DatabaseError) throw new ConfigError([`policy.postgres: ${error.message}`]);
    throw error;
  }
}
