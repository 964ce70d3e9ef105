import { Command } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import { differenceOf, isSame } from '../../policy/difference.ts';
import type { PolicyFiles } from '../../policy/load.ts';
import { filesWith, readStored } from '../../policy-store/files.ts';
import { configured, type DatabaseOptions, withDatabaseOptions } from './database.ts';
import { filesNamed, linesOf, validated } from './source.ts';

const DATABASE = 'postgres';

const EXAMPLES = `
Examples:
  $ quaywarden policy diff ${DATABASE} policies/       # what an import of policies/ would change
  $ quaywarden policy diff policies/ new/grants.csv

A policy is a folder with grants.csv and profiles.yaml, a file of grants with profiles.yaml beside it, or the word ${DATABASE} for
the database of the configuration. Compared is what they mean: comments, order and ways of writing are left out.
Exit codes: 0 they mean the same, 1 they do not, 2 unusable input.
`;

interface Options extends DatabaseOptions {
  readonly json?: true;
}

/** `quaywarden policy diff`. */
export function diffCommand(): Command {
  return withDatabaseOptions(new Command('diff'))
    .description('Say which grants, memberships and profiles one policy has and another has not.')
    .argument('<first>', 'a policy')
    .argument('<second>', 'the other one')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (first: string, second: string, options: Options) => {
      const config = loadConfigToRead(options.config);
      const filesOf = async (name: string): Promise<PolicyFiles> =>
        name === DATABASE
          ? filesWith(config.policy, await readStored(configured(options).database))
          : filesNamed(name, config.policy);
      const [a, b] = await Promise.all([filesOf(first), filesOf(second)]);
      const difference = differenceOf(await validated(a, config), await validated(b, config));
      const lines = linesOf(difference, [a.grants, b.grants]);
      if (options.json === true) process.stdout.write(`${JSON.stringify(difference, null, 2)}\n`);
      else process.stdout.write(lines.map((line) => `${line}\n`).join('') || 'they mean the same\n');
      if (!isSame(difference)) process.exitCode = 1;
    });
}
