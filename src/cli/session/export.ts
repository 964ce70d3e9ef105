import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';
import { FORMATS, type Format } from '../../recording/formats.ts';
import { type Cast, readCast } from '../../recording/reader.ts';
import { findRecording } from './find.ts';
import { write } from './write.ts';

interface Options {
  readonly config: string;
  readonly format: Format;
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  $ quaywarden session export 5b0a1d8e --output session.cast     # for asciinema and every other player
  $ quaywarden session export 5b0a1d8e --format text | less      # without control sequences
  $ quaywarden session export 5b0a1d8e --format raw > bytes      # exactly what was sent

Exit codes: 0 done, 2 unusable input.
`;

/** `quaywarden session export`. */
export function sessionExportCommand(): Command {
  return new Command('export')
    .summary('write a recording in another form')
    .description(
      'Write a recording as plain asciicast v2, text or bytes. The id may be cut as long as it is clear.',
    )
    .argument('<id>', 'the session')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .addOption(new Option('--format <format>', 'the form').choices(Object.keys(FORMATS)).default('asciicast'))
    .option('--output <file>', 'where to; made with mode 0600 (default: standard output)')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { config, format, output }: Options) => {
      const cast = await readCast(await findRecording(loadConfigToRead(config), id));
      if (output === undefined) await writeAll(cast, format, process.stdout);
      else await toFile(cast, format, output);
    });
}

async function writeAll(cast: Cast, format: Format, to: Writable): Promise<void> {
  for await (const part of FORMATS[format](cast)) await write(to, part);
}

async function toFile(cast: Cast, format: Format, path: string): Promise<void> {
  const file = createWriteStream(path, { mode: 0o600 });
  try {
    await writeAll(cast, format, file);
    await finished(file.end());
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new ConfigError([`--output ${path}: can not be written (${code})`]);
  }
}
