import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { CHECKS } from '../../policy/checks/all.ts';
import { loadPolicies } from '../../policy/load.ts';
import { parseProfiles } from '../../policy/profiles.ts';
import { runTests } from '../../workbench/run-tests.ts';
import { Suggestions } from '../../workbench/suggest/suggest.ts';
import {
  grantsText,
  profilesText,
  type SuggestedTest,
  testsOf,
  testsText,
} from '../../workbench/suggest/write.ts';
import { readTests } from '../../workbench/test-file.ts';
import { warn } from '../audit/source.ts';
import { type Period, recorded } from './recorded.ts';
import { worldOf } from './source.ts';

interface Options extends Period {
  readonly config: string;
  readonly log?: string;
  readonly out?: string;
  readonly add?: true;
  readonly by: 'principal' | 'role';
}

const EXAMPLES = `
Examples:
  $ quaywarden policy suggest --since 1h --principal app        # prints the grants that app needs
  $ quaywarden policy suggest --since 1h --principal app --add  # adds them to the configuration's policy
  $ quaywarden policy suggest --since 7d --by role --out learned

Learns from what was forwarded in the period, be it granted or only observed (quaywarden serve --observe), and writes the
least policy that allows it, with a comment on each line: how often, and when. Ways onto the host are written as comments and
are not granted. With --out, FOLDER holds a whole policy of these grants alone, and its test. docs/learning.md.
Exit codes: 0 done, 1 nothing was seen, 2 unusable input.
`;

/** `quaywarden policy suggest`. */
export function suggestCommand(): Command {
  return new Command('suggest')
    .summary('write the least policy that allows what was seen')
    .description('Learn a policy from an audit log.')
    .requiredOption('--since <time>', 'from when on: 2026-11-26T14:00:00Z, 2026-11-26, 2h, 7d')
    .option('--until <time>', 'until when; a date means its end')
    .option('--principal <name>', 'whose requests; * stands for any characters')
    .option('--log <folder>', "the log's folder (default: the configuration's audit.folder)")
    .option(
      '--out <folder>',
      'write a policy of these grants alone into this folder, which must not be there',
    )
    .option('--add', "add the grants to the configuration's policy, of which a copy is kept (*.before)")
    .addOption(
      new Option('--by <subject>', 'whom grants are for').choices(['principal', 'role']).default('principal'),
    )
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config: file, log, out, add, by, ...period }: Options) => {
      if (out !== undefined && add) throw new ConfigError(['--out and --add do not go together']);
      const config = loadConfigToRead(file);
      const { enabled: tenants } = config.tenancy;
      const profiles = readProfiles(config);
      const suggestions = new Suggestions({ by, profiles, tenants });
      for await (const each of recorded(log, file, { ...period, tenants })) suggestions.add(each);
      const lines = suggestions.lines();
      const { since = '', until } = period;
      const heading = {
        at: new Date().toISOString(),
        period: until === undefined ? `--since ${since}` : `--since ${since} --until ${until}`,
        leftOut: suggestions.leftOut,
      };
      const written = {
        grants: grantsText(lines, heading),
        profiles: profilesText(lines, profiles),
        tests: testsOf(suggestions.examples(), tenants),
      };
      if (lines.length === 0) {
        warn('nothing was forwarded in that period; see `quaywarden audit query`, and docs/learning.md');
        process.exitCode = 1;
        return;
      }
      if (out !== undefined) await writeFolder(out, written, config);
      else if (add) await addTo(config, written);
      else {
        process.stdout.write(written.grants);
        if (written.profiles !== '')
          process.stdout.write(
            `\n# In ${config.policy.profiles}, under profiles:\n${commented(written.profiles)}`,
          );
      }
      const dangers = lines.filter(({ danger }) => danger !== undefined).length;
      if (dangers > 0)
        warn(`${dangers} dangerous lines are written as comments, and are not granted: read them`);
    });
}

interface Written {
  readonly grants: string;
  readonly profiles: string;
  readonly tests: readonly SuggestedTest[];
}

function readProfiles({ policy: { profiles: path } }: Config) {
  const { profiles, faults } = parseProfiles(path, readFileSync(path, 'utf8'), CHECKS);
  if (faults.length > 0) throw new ConfigError(faults);
  if (!profiles.has('baseline'))
    throw new ConfigError([`${path} has no profile baseline, which suggestions are held to`]);
  return profiles;
}

/** A policy that holds for itself. */
async function writeFolder(
  folder: string,
  { grants, profiles, tests }: Written,
  config: Config,
): Promise<void> {
  const { policy } = config;
  if (existsSync(folder)) throw new ConfigError([`${folder} is there already; nothing is overwritten`]);
  mkdirSync(folder, { recursive: true });
  const files = {
    model: join(folder, 'model.conf'),
    grants: join(folder, 'grants.csv'),
    profiles: join(folder, 'profiles.yaml'),
  };
  writeFileSync(files.model, readFileSync(policy.model));
  writeFileSync(files.profiles, extended(policy.profiles, profiles));
  writeFileSync(files.grants, grants);
  const tested = { grants: 'grants.csv', profiles: 'profiles.yaml', model: 'model.conf' };
  const text = testsText(tests, { ...tested, tenants: config.tenancy.enabled });
  writeFileSync(join(folder, 'grants.test.yaml'), text);
  await loadPolicies(files, worldOf(config));
  process.stdout.write(`${folder} holds the policy: ${Object.values(files).join(', ')}, and its test.\n`);
}

/** What is in force is replaced only by what loads. */
async function addTo(config: Config, { grants, profiles, tests }: Written): Promise<void> {
  const { policy } = config;
  if (policy.store === 'postgres')
    throw new ConfigError([
      'the policy is in PostgreSQL: write a folder with --out, and `quaywarden policy import` that',
    ]);
  const next = { grants: `${policy.grants}.next`, profiles: `${policy.profiles}.next`, model: policy.model };
  const copies: string[] = [];
  const before = readFileSync(policy.grants, 'utf8');
  writeFileSync(next.grants, `${before.replace(/\n*$/, '\n\n')}${grants}`);
  writeFileSync(next.profiles, extended(policy.profiles, profiles));
  try {
    await loadPolicies(next, worldOf(config));
    // Profiles first: a grant must not name one that is not there.
    for (const path of profiles === '' ? [policy.grants] : [policy.profiles, policy.grants]) {
      copies.push(copyOf(path));
      renameSync(`${path}.next`, path);
    }
  } finally {
    for (const path of [next.grants, next.profiles]) rmSync(path, { force: true });
  }
  process.stdout.write(grants);
  process.stderr.write(
    `These were added to ${policy.grants}; what was before is in ${copies.join(' and ')}. ${await addTests(config, tests)}\n`,
  );
}

/**
 * Writes tests beside the grants. What other grants allow to the same people is no fault of these, so a way onto the host that
 * they have anyway is left out.
 *
 * @returns what came of it, as a sentence
 */
async function addTests(config: Config, tests: readonly SuggestedTest[]): Promise<string> {
  const file = freeName(join(dirname(config.policy.grants), 'learned'), '.test.yaml', (path) =>
    writeFileSync(path, testsText(tests), { flag: 'wx' }),
  );
  const results = tests.length === 0 ? [] : await runTests(readTests(file), config);
  const isMet = (index: number): boolean => results[index]?.faults.length === 0;
  const kept = tests.filter(({ expect }, index) => expect === 'allow' || isMet(index));
  if (kept.length === 0) {
    rmSync(file);
    return 'Nothing of it can be tested.';
  }
  writeFileSync(file, testsText(kept));
  const refused = tests.filter(({ expect }, index) => expect === 'allow' && !isMet(index)).length;
  if (refused > 0)
    warn(
      `${refused} of the requests that were seen are refused all the same: \`quaywarden policy test ${file}\``,
    );
  return `Their tests are ${file}: quaywarden policy test.`;
}

/** Copies a file beside itself, under a name that nothing has yet. @returns the name */
function copyOf(path: string): string {
  return freeName(`${path}.before`, '', (name) => copyFileSync(path, name, constants.COPYFILE_EXCL));
}

/** The first of `NAME`, `NAME-2`, ... under which something can be made that must not be there yet. */
function freeName(begin: string, end: string, make: (name: string) => void): string {
  for (let number = 1; ; number += 1) {
    const name = `${begin}${number === 1 ? '' : `-${number}`}${end}`;
    try {
      make(name);
      return name;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** `profiles:` is the only thing in there, so what follows the end is one of them. */
function extended(path: string, more: string): string {
  const text = readFileSync(path, 'utf8');
  return more === '' ? text : `${text.replace(/\n*$/, '\n\n')}${more}`;
}

function commented(text: string): string {
  return text.replace(/^(?=.)/gm, '# ');
}
