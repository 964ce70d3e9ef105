import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { differenceOf, isSame } from '../../policy/difference.ts';
import type { PolicyFiles } from '../../policy/load.ts';
import type { PostgresAdapter, StoredPolicy } from '../../policy-store/adapter.ts';
import { placeOf } from '../../policy-store/connection.ts';
import { filesWith, textsOf, withDatabase } from '../../policy-store/files.ts';
import { MOST, rowsOf } from '../../policy-store/rows.ts';
import { configured, type DatabaseOptions, withDatabaseOptions } from './database.ts';
import { filesNamed, linesOf, readOnce, VERSION_FILE, validated } from './source.ts';
import { readVersionFile, updateVersionFile } from './version-file.ts';

const CURRENT = 'current';

const EXAMPLES = `
Examples:
  $ quaywarden policy import                           # the files of the configuration, into an empty database
  $ quaywarden policy import policy --dry-run          # says what would change
  $ quaywarden policy import policy --user policy_editor --password-file editor.password

All of it is validated first, and replaces what is there in one transaction; gateways have it within a second. A folder
that \`policy export\` wrote replaces the version that it is of. Other files need --over, so that nobody's change is lost by
accident. Exit codes: 0 done, 2 unusable input, or somebody else was faster.
`;

interface Options extends DatabaseOptions {
  readonly dryRun?: true;
  readonly over?: number | typeof CURRENT;
}

/** `quaywarden policy import`. */
export function importCommand(): Command {
  return withDatabaseOptions(new Command('import'))
    .description('Replace the policy of the database by that of files.')
    .argument(
      '[files]',
      'a folder with grants.csv and profiles.yaml, or a file of grants with profiles.yaml beside it',
    )
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--over <version>', `the version to replace, or "${CURRENT}" for whatever is there`, versionOf)
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, options: Options): Promise<void> {
  const { config, database } = configured(options);
  const files = readOnce(name === undefined ? config.policy : filesNamed(name, config.policy));
  const text = await validated(files, config);
  const rows = rowsOf(files.texts.get(files.grants) ?? '', files.grants);
  const profiles = files.texts.get(files.profiles) ?? '';
  if (profiles.length > MOST.profiles)
    throw new ConfigError([`${files.profiles}: a database takes profiles of ${MOST.profiles} characters`]);
  const versionFile = join(dirname(files.grants), VERSION_FILE);
  const place = placeOf(database);
  const exported = readVersionFile(versionFile);
  const isOfHere = exported?.database === place;
  await withDatabase(database, async (adapter) => {
    const before = await adapter.version();
    const stored = await readable(adapter);
    if (typeof stored !== 'string') {
      if (isDeepStrictEqual([stored.rows, stored.profiles], [rows, profiles])) {
        say(`version ${before} holds all of it already`);
        return;
      }
      for (const line of await changes(stored, { files, text }, config)) say(line);
    } else say(`what is there now is no policy: ${stored}`);
    const isEmpty = typeof stored !== 'string' && stored.rows.length === 0 && stored.profiles === '';
    const over = options.over ?? (isOfHere ? exported.version : isEmpty ? CURRENT : undefined);
    if (over === undefined) {
      throw new ConfigError([
        `the database holds version ${before} of the policy, and nothing says that these files follow it: look at the difference above, and say --over ${before}`,
      ]);
    }
    const seen = over === CURRENT ? before : over;
    if (options.dryRun === true) {
      if (seen !== before)
        throw new ConfigError([`the files are of version ${seen}, and the database holds ${before}`]);
      say(`nothing was changed: version ${before} stays`);
      return;
    }
    const version = await adapter.replace(rows, profiles, seen);
    updateVersionFile(versionFile, { version, database: place });
    say(`version ${version} of the policy is in the database`);
  });
}

/** What is there, or the first thing that keeps it from being read: an import is how that is put right. */
async function readable(adapter: PostgresAdapter): Promise<StoredPolicy | string> {
  try {
    const stored = await adapter.read();
    await textsOf(stored);
    return stored;
  } catch (error) {
    if (error instanceof ConfigError) return error.faults[0] ?? '';
    throw error;
  }
}

async function changes(
  stored: StoredPolicy,
  { files, text }: { readonly files: PolicyFiles; readonly text: Awaited<ReturnType<typeof validated>> },
  config: Config,
): Promise<readonly string[]> {
  if (stored.rows.length === 0) return [];
  const old = filesWith(config.policy, await textsOf(stored));
  try {
    const difference = differenceOf(await validated(old, config), text);
    return isSame(difference)
      ? ['they mean the same, and are written differently']
      : linesOf(difference, [old.grants, files.grants]);
  } catch (error) {
    if (error instanceof ConfigError) return [`what is there now is not valid: ${error.faults[0]}`];
    throw error;
  }
}

function versionOf(text: string): number | typeof CURRENT {
  if (text === CURRENT) return CURRENT;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`It must be the number of a version, or "${CURRENT}".`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
