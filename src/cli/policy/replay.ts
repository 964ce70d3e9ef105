import { Command } from 'commander';
import { visible } from '../../audit/query/table.ts';
import { DEFAULT_ENGINE } from '../../config/engine-schema.ts';
import { enginesOf } from '../../config/engines.ts';
import { loadConfigToRead } from '../../config/load.ts';
import { loadPolicies } from '../../policy/load.ts';
import { realPathHere } from '../../tenancy/host-paths.ts';
import { type Comparison, Replay } from '../../workbench/replay.ts';
import { print } from '../audit/show.ts';
import { type Period, recorded } from './recorded.ts';
import { filesIn } from './source.ts';

interface Options extends Period {
  readonly config: string;
  readonly log?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  $ quaywarden policy replay policies/new.csv --since 7d     # model and profiles: those of the configuration
  $ quaywarden policy replay learned --log /var/log/quaywarden --json | jq .

NEW is a file of grants, or a folder with grants.csv and, where they differ from the configuration's, model.conf and
profiles.yaml. A request counts as it came out: what was only observed was forwarded. What a record does not hold (a body at
level Metadata, a secret value) and a condition asks for can not be told, and is never guessed.
Exit codes: 0 nothing is newly refused, 1 something is, 2 unusable input.
`;

/** `quaywarden policy replay`. */
export function replayCommand(): Command {
  return new Command('replay')
    .summary('what a new policy would have decided on recorded requests')
    .description(
      'Hold a policy against an audit log: what it would refuse newly, allow newly, and leave as it was.',
    )
    .argument('<new>', 'the policy: a file of grants, or a folder')
    .option('--log <folder>', "the log's folder (default: the configuration's audit.folder)")
    .option('--since <time>', 'from when on: 2026-11-26T14:00:00Z, 2026-11-26, 2h, 7d')
    .option('--until <time>', 'until when; a date means its end')
    .option('--principal <name>', 'whose requests; * stands for any characters')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (given: string, { config: file, log, json, ...period }: Options) => {
      const config = loadConfigToRead(file);
      const { enabled: tenants } = config.tenancy;
      const engines = enginesOf(config).map(({ name, onThisHost }) => ({
        name,
        ...(onThisHost ? { realPath: realPathHere } : {}),
      }));
      const policies = await loadPolicies(filesIn(given, config.policy), { engines, tenants });
      const replay = new Replay(policies, tenants);
      for await (const each of recorded(log, file, { ...period, tenants })) replay.add(each);
      const comparisons = replay.comparisons();
      await print(
        json ? [JSON.stringify({ policyVersion: replay.policyVersion, comparisons })] : table(comparisons),
      );
      process.exitCode = comparisons.some(({ outcome }) => outcome === 'newly-refused') ? 1 : 0;
    });
}

const WORDS: Readonly<Record<Comparison['outcome'], string>> = {
  'newly-refused': 'newly refused',
  'newly-allowed': 'newly allowed',
  untold: 'can not be told',
  unchanged: 'unchanged',
};

function table(comparisons: readonly Comparison[]): string[] {
  const sums = Object.entries(WORDS).map(([outcome, words]) => {
    const count = comparisons.reduce((sum, each) => sum + (each.outcome === outcome ? each.count : 0), 0);
    return `${count} ${words}`;
  });
  const told = comparisons
    .filter(({ outcome }) => outcome !== 'unchanged')
    .map(({ principal, engine, operation, outcome, reason, count, example }) => {
      const on = engine === DEFAULT_ENGINE ? '' : ` on ${visible(engine)}`;
      const why =
        outcome === 'untold' ? ` (the record lacks ${reason})` : reason === null ? '' : ` [${reason}]`;
      return `${WORDS[outcome].padEnd(16)}${String(count).padStart(6)}  ${visible(principal)}  ${operation}${on}${why}  e.g. ${example}`;
    });
  return [...told, sums.join(', ')];
}
