import { Command } from 'commander';
import { BEGINNING, LogReader, type Position } from '../../audit/reader.ts';
import { segmentNumbers } from '../../audit/segments.ts';
import { ConfigError } from '../../errors.ts';
import { wholeNumber } from '../arguments.ts';
import { last, print, Show, type ShowOptions } from './show.ts';
import { folderOf, withFilters } from './source.ts';

interface Options extends ShowOptions {
  readonly config: string;
  readonly lines: number;
  readonly follow?: true;
}

const EXAMPLES = `
Examples:
  $ quaywarden audit tail                          # the last ten requests
  $ quaywarden audit tail -f --effect deny         # refusals as they happen
  $ quaywarden audit tail -f -n 0 --json | jq .    # lines as they are written

With -f a request is shown when it ends, and one that opens a session when it begins as well. Exit codes: 0 done, 2
unusable input.
`;

/** `quaywarden audit tail`. */
export function tailCommand(): Command {
  return withFilters(
    new Command('tail')
      .summary('show the end of the audit log, and follow it')
      .description('Print the last requests of an audit log, and with -f those to come.')
      .argument('[folder]', "the log's folder (default: the configuration's audit.folder)"),
  )
    .option('-f, --follow', 'go on with what is written')
    .option('-n, --lines <n>', 'how many of those that are there', wholeNumber(0, 1_000_000), 10)
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print the lines of the log as they are')
    .addHelpText('after', EXAMPLES)
    .action(async (named: string | undefined, { config, lines, follow, ...options }: Options) => {
      if (follow && options.until !== undefined) {
        throw new ConfigError(['-f follows what is yet to come and --until ends it: leave one of them out']);
      }
      const folder = folderOf(named, config);
      const { show, texts, end } = await lastOf(folder, options, lines, follow ?? false);
      await print(show.heading());
      await print(texts);
      if (!follow) return;
      const reader = new LogReader(folder, end, { follow: true });
      for (;;) {
        await print(show.text(reader));
        await reader.wait();
      }
    });
}

/** Reads as few of the last files as it takes to have that many. */
async function lastOf(
  folder: string,
  options: ShowOptions,
  count: number,
  follow: boolean,
): Promise<{ show: Show; texts: string[]; end: Position }> {
  const numbers = segmentNumbers(folder);
  for (let files = 1; ; files *= 2) {
    const show = new Show(options);
    const segment = numbers.at(-files) ?? 0;
    const reader = new LogReader(folder, { ...BEGINNING, segment });
    try {
      const texts = await last(whatIsThere(show, reader, follow), count);
      if (texts.length >= count || files >= numbers.length) return { show, texts, end: reader.position };
    } finally {
      await reader.close();
    }
  }
}

async function* whatIsThere(show: Show, reader: LogReader, follow: boolean): AsyncGenerator<string> {
  yield* show.text(reader);
  yield* follow ? show.goLive() : show.rest();
}
