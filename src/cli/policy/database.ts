import { resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import type { Database } from '../../policy-store/connection.ts';

/** As whom a command speaks to the database. */
export interface DatabaseOptions {
  readonly config: string;
  readonly user?: string;
  readonly passwordFile?: string;
}

/** Adds the options that all of these commands have. */
export function withDatabaseOptions(command: Command): Command {
  return command
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--user <role>', 'the role to be in the database (default: policy.postgres.user)')
    .option('--password-file <file>', 'a file with the password of that role');
}

/**
 * Reads the configuration and where the database is. Whoever names another role does not get the gateway's password.
 *
 * @throws ConfigError when `policy.postgres` is not there
 */
export function configured({ config: path, user, passwordFile }: DatabaseOptions): {
  readonly config: Config;
  readonly database: Database;
} {
  const config = loadConfigToRead(path);
  const { postgres } = config.policy;
  if (postgres === undefined) {
    throw new ConfigError([
      `${path}: policy.postgres does not say where the database is; see docs/policy-store.md`,
    ]);
  }
  const { passwordFile: own, ...place } = postgres;
  const password =
    passwordFile === undefined ? (user === undefined ? own : undefined) : resolve(passwordFile);
  return {
    config,
    database: {
      ...place,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { passwordFile: password }),
    },
  };
}
