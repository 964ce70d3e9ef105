import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { ConfigError } from '../../errors.ts';
import { placeOf } from '../../policy-store/connection.ts';
import { readStored } from '../../policy-store/files.ts';
import { configured, type DatabaseOptions, withDatabaseOptions } from './database.ts';
import { GRANTS_FILE, PROFILES_FILE, VERSION_FILE } from './source.ts';
import { versionLine } from './version-file.ts';

const EXAMPLES = `
Examples:
  $ quaywarden policy export --out policy       # policy/${GRANTS_FILE}, policy/${PROFILES_FILE} and policy/${VERSION_FILE}
  $ quaywarden policy export | grep role:ci     # the grants alone

The lines have the numbers that decisions cite. ${VERSION_FILE} says which version it was, so that an import of the folder replaces
that one and no later one. Exit codes: 0 done, 2 unusable input.
`;

interface Options extends DatabaseOptions {
  readonly out?: string;
  readonly force?: true;
}

/** `quaywarden policy export`. */
export function exportCommand(): Command {
  return withDatabaseOptions(new Command('export'))
    .description('Write the policy of the database into files.')
    .option('--out <folder>', 'where to; made when missing. Without it the grants go to standard output')
    .option('--force', 'replace files that are there')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const { database } = configured(options);
      const { out, force } = options;
      const { version, grants, profiles } = await readStored(database);
      if (out === undefined) {
        process.stdout.write(grants);
        return;
      }
      const texts = {
        [GRANTS_FILE]: grants,
        [PROFILES_FILE]: profiles,
        [VERSION_FILE]: versionLine({ version, database: placeOf(database) }),
      };
      const there = Object.keys(texts).filter((name) => existsSync(join(out, name)));
      if (there.length > 0 && force !== true) {
        throw new ConfigError([
          `${out} holds ${there.join(', ')} already; name another folder, or replace them with --force`,
        ]);
      }
      mkdirSync(out, { recursive: true });
      for (const [name, text] of Object.entries(texts)) {
        // Beside it first: a gateway that reads this folder meets no half of it.
        writeFileSync(join(out, `${name}.new`), text);
        renameSync(join(out, `${name}.new`), join(out, name));
      }
      process.stdout.write(`version ${version} of the policy is in ${out}\n`);
    });
}
