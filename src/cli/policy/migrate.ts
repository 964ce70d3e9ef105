import { Command } from 'commander';
import { withDatabase } from '../../policy-store/files.ts';
import { migrate } from '../../policy-store/migrations.ts';
import { configured, type DatabaseOptions, withDatabaseOptions } from './database.ts';

const EXAMPLES = `
Example, as the role that is to own the tables:
  $ quaywarden policy migrate --user policy_owner --password-file owner.password \\
      --gateway quaywarden --editor policy_editor

The roles must be there already. Nothing else makes or changes tables: gateways and editors need no right to. It can be run
again at any time. Exit codes: 0 done, 2 unusable input.
`;

interface Options extends DatabaseOptions {
  readonly gateway?: string;
  readonly editor?: string;
}

/** `quaywarden policy migrate`. */
export function migrateCommand(): Command {
  return withDatabaseOptions(new Command('migrate'))
    .description(
      'Make the tables of a policy in the database, or bring them to the form that this release needs.',
    )
    .option('--gateway <role>', 'gives the role of gateways the right to read')
    .option('--editor <role>', 'gives the role of those who import the right to change the policy')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const { from, to } = await withDatabase(configured(options).database, (_, client) =>
        migrate(client, options),
      );
      process.stdout.write(
        from === to ? `the tables are of version ${to} already\n` : `the tables are of version ${to} now\n`,
      );
    });
}
