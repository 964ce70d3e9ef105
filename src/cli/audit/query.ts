import { Command } from 'commander';
import { LogReader } from '../../audit/reader.ts';
import { wholeNumber } from '../arguments.ts';
import { last, print, Show, type ShowOptions } from './show.ts';
import { chainsIn, folderOf, withFilters } from './source.ts';

interface Options extends ShowOptions {
  readonly config: string;
  readonly limit?: number;
}

const EXAMPLES = `
Examples:
  $ quaywarden audit query --since 24h --effect deny           # what was refused since yesterday
  $ quaywarden audit query --principal alice --operation @exec # what alice ran in containers
  $ quaywarden audit query --resource 'volume/team-a/**' --since 2026-11-01 --until 2026-11-30
  $ quaywarden audit query --id 5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11 --json | jq .

A request is one row: when it arrived, what it asked for, what was decided, how it ended. Times are UTC. With --json
come the lines of the log as they are, one for each record. Whether the log is whole is told by \`audit verify\`.
Exit codes: 0 done, 2 unusable input.
`;

/** `quaywarden audit query`. */
export function queryCommand(): Command {
  return withFilters(
    new Command('query')
      .summary('look for requests in the audit log')
      .description('Print the requests of an audit log, or those that are asked for.')
      .argument('[folder]', "the log's folder (default: the configuration's audit.folder)"),
  )
    .option('--limit <n>', 'only the last N of what is found', wholeNumber(1, 1_000_000))
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print the lines of the log as they are')
    .addHelpText('after', EXAMPLES)
    .action(async (named: string | undefined, { config, limit, ...options }: Options) => {
      const folder = folderOf(named, config);
      const show = new Show(options);
      const readers = chainsIn(folder).map((chain) => new LogReader(chain));
      try {
        const all = found(show, readers);
        await print(show.heading());
        await print(limit === undefined ? all : await last(all, limit));
      } finally {
        await Promise.all(readers.map((reader) => reader.close()));
      }
    });
}

async function* found(show: Show, readers: readonly LogReader[]): AsyncGenerator<string> {
  yield* show.text(readers);
  yield* show.rest();
}
