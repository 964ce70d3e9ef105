import { existsSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Link } from '../../audit/chain.ts';
import { logFolders } from '../../audit/log-folders.ts';
import { visible } from '../../audit/query/table.ts';
import { type LogLine, type LogReader, ReadFault } from '../../audit/reader.ts';
import { AUDIT_STAGES, type AuditLine, auditLine } from '../../audit/record.ts';
import { segmentFile, segmentNumbers } from '../../audit/segments.ts';
import { loadConfigToRead } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';

/** How much of a log is held in memory at once. */
export const PIECE = { lines: 1_000, bytes: 1_024 * 1_024 };

/** The options that say what is looked for. */
export function withFilters(command: Command): Command {
  return command
    .option('--principal <name>', 'whose requests; * stands for any characters')
    .option('--tenant <tenant>', 'of which tenant')
    .option('--engine <name>', 'to which Engine, where there are several')
    .option(
      '--operation <words>',
      'operationIds, globs over them or @class, as in grants: "@exec Container*"',
    )
    .option(
      '--resource <pattern>',
      'kind/tenant/name as in grants, or an id in place of the name: "container/team-a/**"',
    )
    .option('--since <time>', 'from when on: 2026-11-26T14:00:00Z, 2026-11-26, 2h, 7d')
    .option('--until <time>', 'until when; a date means its end')
    .addOption(new Option('--effect <effect>', 'what was decided').choices(['allow', 'deny']))
    .option('--reason <id>', 'the reason id, such as not-granted')
    .option('--stated-reason <text>', 'the reason that the user stated; * stands for any characters')
    .addOption(new Option('--stage <stage>', 'only records of this stage').choices(AUDIT_STAGES))
    .option('--id <id>', 'the request id, as in the header Quaywarden-Request-Id');
}

const advice = 'name the folder of a log, or a configuration with --config';

/**
 * The folder of the log: the one that is named, or the configuration's.
 *
 * @throws ConfigError when there is no log in it
 */
export function folderOf(named: string | undefined, configPath: string): string {
  const folder = named ?? loadConfigToRead(configPath).audit.folder;
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new ConfigError([`${folder} is no folder; ${advice}`]);
  if (!chainsIn(folder).some((chain) => segmentNumbers(chain).length > 0))
    throw new ConfigError([`there is no segment-000001.jsonl or the like in ${folder}; ${advice}`]);
  return folder;
}

/** The folders of a log's chains: its own, and those of further workers. @throws ConfigError */
export function chainsIn(folder: string): readonly string[] {
  try {
    return logFolders(folder);
  } catch (error) {
    const { code, path = folder } = error as NodeJS.ErrnoException;
    throw new ConfigError([`${path} can not be read (${code}); ${advice}`]);
  }
}

/** A line as it stands in the log, and what it says. */
export interface Read {
  readonly text: string;
  readonly line: AuditLine;
}

type Wants = (link: Link, bytes: Buffer) => boolean;

/**
 * Reads lines to the end of the log; what is none is told of on standard error, once for each chain. Of several chains comes
 * the line first that is the oldest of those that stand next; the lines of one chain always come in its order.
 *
 * @param readers one for each chain; of each a line is held, and what its reader holds
 * @param wants which lines are looked at beyond their place in the chain; parsing is what takes time
 */
export async function* lines(readers: readonly LogReader[], wants: Wants = () => true): AsyncGenerator<Read> {
  const [only] = readers;
  if (only !== undefined && readers.length === 1) {
    yield* linesOf(only, wants, (segment) => `segment ${segment}`);
    return;
  }
  const heads: Head[] = [];
  for (const reader of readers) {
    const source = linesOf(reader, wants, (segment) => segmentFile(reader.folder, segment));
    const { value } = await source.next();
    if (value !== undefined) heads.push({ source, read: value });
  }
  for (let oldest = oldestOf(heads); oldest !== undefined; oldest = oldestOf(heads)) {
    yield oldest.read;
    const { value } = await oldest.source.next();
    if (value === undefined) heads.splice(heads.indexOf(oldest), 1);
    else oldest.read = value;
  }
}

/** The line that stands next in a chain, and what follows it. */
interface Head {
  readonly source: AsyncGenerator<Read, undefined>;
  read: Read;
}

/** Of those that are equally old, the first. */
function oldestOf(heads: readonly Head[]): Head | undefined {
  let oldest: Head | undefined;
  for (const head of heads) {
    if (oldest === undefined || head.read.line.time < oldest.read.line.time) oldest = head;
  }
  return oldest;
}

/** @param naming what a file is called in what is told of it */
async function* linesOf(
  reader: LogReader,
  wants: Wants,
  naming: (segment: number) => string,
): AsyncGenerator<Read, undefined> {
  let isTold = false;
  for (;;) {
    const read = await take(reader);
    if (read.length === 0) return;
    for (const { bytes, link, end } of read) {
      if (link !== undefined && !wants(link, bytes)) continue;
      const text = bytes.toString('latin1');
      const line = parse(text);
      if (line !== undefined) yield { text, line };
      else if (!isTold) {
        isTold = true;
        warn(
          `${naming(end.segment)} holds what is no line of an audit log, before byte ${end.offset}; \`quaywarden audit verify\` tells more`,
        );
      }
    }
  }
}

export function warn(sentence: string): void {
  process.stderr.write(`quaywarden: ${visible(sentence)}\n`);
}

async function take(reader: LogReader): Promise<LogLine[]> {
  try {
    return await reader.read(PIECE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof ReadFault) throw new ConfigError([error.message]);
    if (code === undefined) throw error;
    throw new ConfigError([`the log can not be read (${code}); run this as a user who may read it`]);
  }
}

function parse(text: string): AuditLine | undefined {
  try {
    return auditLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
