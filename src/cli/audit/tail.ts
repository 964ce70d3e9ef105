import { Command } from 'commander';
import { BEGINNING, LogReader } from '../../audit/reader.ts';
import { firstLink, segmentFile, segmentNumbers } from '../../audit/segments.ts';
import { ConfigError } from '../../errors.ts';
import { wholeNumber } from '../arguments.ts';
import { last, print, Show, type ShowOptions } from './show.ts';
import { chainsIn, folderOf, withFilters } from './source.ts';

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
      const { show, texts, readers } = await lastOf(folder, options, lines, follow ?? false);
      await print(show.heading());
      await print(texts);
      if (!follow) return;
      const followed = readers.map(
        (reader) => new LogReader(reader.folder, reader.position, { follow: true }),
      );
      for (;;) {
        await print(show.text(followed));
        await Promise.all(followed.map((reader) => reader.wait()));
        followed.push(...begun(folder, followed));
      }
    });
}

/** Readers of the chains that have begun since: the gateway was started with more workers. */
function begun(folder: string, known: readonly LogReader[]): LogReader[] {
  return chainsIn(folder)
    .filter((chain) => known.every((reader) => reader.folder !== chain))
    .map((chain) => new LogReader(chain, BEGINNING, { follow: true }));
}

/**
 * Reads as few of the last files as it takes to have that many.
 *
 * @returns the readers too, closed: where each of them has come to
 */
async function lastOf(
  folder: string,
  options: ShowOptions,
  count: number,
  follow: boolean,
): Promise<{ show: Show; texts: string[]; readers: readonly LogReader[] }> {
  const chains = chainsIn(folder).map((chain) => ({ chain, numbers: segmentNumbers(chain) }));
  for (let files = 1; ; files *= 2) {
    const show = new Show(options);
    const readers = chains.map(
      ({ chain, numbers }) => new LogReader(chain, { ...BEGINNING, segment: numbers.at(-files) ?? 0 }),
    );
    try {
      const texts = await last(whatIsThere(show, readers, allFrom(chains, files), follow), count);
      if (texts.length >= count || chains.every(({ numbers }) => files >= numbers.length)) {
        return { show, texts, readers };
      }
    } finally {
      await Promise.all(readers.map((reader) => reader.close()));
    }
  }
}

/**
 * From when on the last files of several chains hold all that there is: what is older stands in those of one chain, and may
 * be missing of another.
 */
function allFrom(
  chains: readonly { readonly chain: string; readonly numbers: readonly number[] }[],
  files: number,
): string {
  if (chains.length === 1) return '';
  return chains
    .map(({ chain, numbers }) => {
      const number = files < numbers.length ? numbers.at(-files) : undefined;
      return (number === undefined ? undefined : firstLink(segmentFile(chain, number))?.time) ?? '';
    })
    .reduce((latest, time) => (time > latest ? time : latest), '');
}

async function* whatIsThere(
  show: Show,
  readers: readonly LogReader[],
  from: string,
  follow: boolean,
): AsyncGenerator<string> {
  yield* show.text(readers, from);
  yield* follow ? show.goLive() : show.rest();
}
