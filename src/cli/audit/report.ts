import { existsSync, statSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { Link } from '../../audit/chain.ts';
import { publicKeyFile } from '../../audit/keys.ts';
import { compileFilter } from '../../audit/query/filter.ts';
import { mayTell } from '../../audit/query/names.ts';
import { LogReader } from '../../audit/reader.ts';
import { toHtml, toMarkdown } from '../../audit/report/document.ts';
import { makeReport, type Verification } from '../../audit/report/report.ts';
import { Summarizer } from '../../audit/report/summary.ts';
import type { Verdict } from '../../audit/verify.ts';
import { verifyLog } from '../../audit/verify-log.ts';
import { loadConfigToRead } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';
import { version } from '../../version.ts';
import { firstSegments } from './first-segments.ts';
import { readPublicKeys } from './public-keys.ts';
import { print } from './show.ts';
import { chainsIn, folderOf, lines } from './source.ts';

interface Options {
  readonly since?: string;
  readonly until?: string;
  readonly format: 'markdown' | 'html';
  readonly output?: string;
  readonly force?: true;
  readonly key?: readonly string[];
  readonly instance?: string;
  readonly from?: ReadonlyMap<number, number>;
  readonly open?: true;
  readonly config: string;
}

const FAILED = 1;

const EXAMPLES = `
Examples:
  $ quaywarden audit report --since 2026-11-01 --until 2026-11-30 --format html --output november.html
  $ quaywarden audit report --since 7d
  $ quaywarden audit report /mnt/copy/audit --key /safe/place/signing-public.pem --open

The report says whether the log was verified, and names the first and last record of the period and their hashes, so
that it can be held against the log. Exit codes: 0 done, 1 the log is not what was written (the report is made all the
same, and says so), 2 unusable input.
`;

/** `quaywarden audit report`. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('sum up a period for an auditor')
    .description(
      'Sum up what an audit log tells of a period: who did what, what was refused, which policies held.',
    )
    .argument('[folder]', "the log's folder (default: the configuration's audit.folder)")
    .option('--since <time>', 'from when on: 2026-11-01, 2026-11-01T08:00:00Z, 7d (default: the beginning)')
    .option('--until <time>', 'until when; a date means its end (default: now)')
    .addOption(new Option('--format <format>', 'the form').choices(['markdown', 'html']).default('markdown'))
    .option('--output <file>', 'the file to write (default: standard output)')
    .option('--force', 'write over a file that is there')
    .option('--key <file...>', 'public keys of those who sign (PEM; default: that of audit.signingKey)')
    .option(
      '--from <segment>',
      'the first segment that has to be there, when older ones were moved away; of several workers 12,worker-2=9',
      firstSegments,
    )
    .option(
      '--instance <name>',
      'the gateway whose log it has to be (default: audit.instance of the configuration, where that is read)',
    )
    .option(
      '--open',
      'accept that the log ends in the middle of the work: it is a copy of one that is written',
    )
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (named: string | undefined, options: Options) => {
      const { since, until, format, output, force } = options;
      const now = new Date();
      const period = compileFilter(
        { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) },
        now.getTime(),
      );
      if (
        output !== undefined &&
        force === undefined &&
        statSync(output, { throwIfNoEntry: false })?.isFile()
      ) {
        throw new ConfigError([isThere(output)]);
      }
      const folder = folderOf(named, options.config);
      const verifications = verify(folder, expectedOf(named, options), options);
      const summary = await sumUp(folder, period.since, period.until);
      const report = makeReport(summary, { now: now.toISOString(), version: version(), verifications });
      const text = format === 'html' ? toHtml(report) : toMarkdown(report);
      if (output === undefined) await print([text.trimEnd()]);
      else write(output, text, force ?? false);
      if (verifications.some(({ isGood }) => !isGood)) process.exitCode = FAILED;
    });
}

async function sumUp(folder: string, since: string | undefined, until: string | undefined) {
  const summarizer = new Summarizer(since, until);
  const readers = chainsIn(folder).map((chain) => new LogReader(chain));
  const wants = ({ time, type }: Link, bytes: Buffer): boolean =>
    since === undefined ||
    time >= since ||
    type === 'start' ||
    type === 'reload' ||
    type === 'stop' ||
    (type === 'request' && mayTell(bytes));
  try {
    for await (const { line } of lines(readers, wants)) summarizer.push(line);
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
  return summarizer.done();
}

interface Expected {
  /** The files of public keys: those that are named, or the one beside the configuration's signing key. */
  readonly files: readonly string[];
  /** Whose log it has to be, where that is known. */
  readonly instance: string | undefined;
}

/** A folder and keys that are named need not be those of the configuration's gateway. */
function expectedOf(named: string | undefined, { key, config, instance }: Options): Expected {
  const isOurs = named === undefined || (key === undefined && existsSync(config));
  if (!isOurs) return { files: key ?? [], instance };
  const { audit } = loadConfigToRead(config);
  const file = publicKeyFile(audit.signingKey);
  return { files: key ?? (existsSync(file) ? [file] : []), instance: instance ?? audit.instance };
}

function verify(
  folder: string,
  { files, instance }: Expected,
  { from, open }: Options,
): readonly Verification[] {
  if (files.length === 0) {
    return [
      {
        isGood: false,
        sentence: 'The log was not verified, as no public key was given: nothing in this report is proved.',
      },
    ];
  }
  const chains = verifyLog(folder, {
    keys: readPublicKeys(files),
    ...(instance === undefined ? {} : { instance }),
    ...(from === undefined ? {} : { from }),
    ...(open === undefined ? {} : { open }),
  });
  return chains.map(({ folder: chain, verdict }) => {
    const { isGood, sentence } = told(verdict);
    const whose = verdict.gateway === undefined ? '' : ` of ${verdict.gateway}`;
    return { isGood, sentence: chains.length === 1 ? sentence : `Chain${whose}, in ${chain}: ${sentence}` };
  });
}

function told({ fault, first, last, signedTo }: Verdict): Verification {
  if (fault !== undefined) {
    return {
      isGood: false,
      sentence: `The log is not what was written: ${fault.sentence} (${fault.kind}, record ${fault.sequence}, file ${fault.segment}, line ${fault.line}). What this report says of that place and of what follows it is not proved.`,
    };
  }
  return {
    isGood: true,
    sentence: `The log was verified when this report was made: its records ${first} to ${last} are whole and unchanged, and signed up to record ${signedTo}.`,
  };
}

function write(file: string, text: string, force: boolean): void {
  // What is no file, such as /dev/stdout, is written to as it is.
  const flag = force || existsSync(file) ? 'w' : 'wx';
  try {
    writeFileSync(file, text, { mode: 0o600, flag });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([
      code === 'EEXIST' ? isThere(file) : `--output ${file} can not be written (${code})`,
    ]);
  }
}

function isThere(file: string): string {
  return `--output ${file} is there already; --force writes over it`;
}
