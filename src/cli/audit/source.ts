import { existsSync, statSync } from 'node:fs';
import { type Command, Option } from 'commander';
import type { Link } from '../../audit/chain.ts';
import { visible } from '../../audit/query/table.ts';
import { type LogLine, type LogReader, ReadFault } from '../../audit/reader.ts';
import { AUDIT_STAGES, type AuditLine, auditLine } from '../../audit/record.ts';
import { segmentNumbers } from '../../audit/segments.ts';
import { loadConfigToRead } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';

/** How much of a log is held in memory at once. */
export const PIECE = { lines: 1_000, bytes: 1_024 * 1_024 };

/** The options that say what is looked for. */
export function withFilters(command: Command): Command {
  return command
    .option('--principal <name>', 'whose requests; * stands for any characters')
    .option('--tenant <tenant>', 'of which tenant')
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
    .addOption(new Option('--stage <stage>', 'only records of this stage').choices(AUDIT_STAGES))
    .option('--id <id>', 'the request id, as in the header Quaywarden-Request-Id');
}

/**
 * The folder of the log: the one that is named, or the configuration's.
 *
 * @throws ConfigError when there is no log in it
 */
export function folderOf(named: string | undefined, configPath: string): string {
  const folder = named ?? loadConfigToRead(configPath).audit.folder;
  const advice = 'name the folder of a log, or a configuration with --config';
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new ConfigError([`${folder} is no folder; ${advice}`]);
  let segments: readonly number[];
  try {
    segments = segmentNumbers(folder);
  } catch (error) {
    throw new ConfigError([
      `${folder} can not be read (${(error as NodeJS.ErrnoException).code}); ${advice}`,
    ]);
  }
  if (segments.length === 0)
    throw new ConfigError([`there is no segment-000001.jsonl or the like in ${folder}; ${advice}`]);
  return folder;
}

/** A line as it stands in the log, and what it says. */
export interface Read {
  readonly text: string;
  readonly line: AuditLine;
}

/**
 * Reads lines to the end of the log; what is none is told of on standard error, once.
 *
 * @param wants which lines are looked at beyond their place in the chain; parsing is what takes time
 */
export async function* lines(
  reader: LogReader,
  wants: (link: Link, bytes: Buffer) => boolean = () => true,
): AsyncGenerator<Read> {
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
          `segment ${end.segment} holds what is no line of an audit log, before byte ${end.offset}; \`quaywarden audit verify\` tells more`,
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
