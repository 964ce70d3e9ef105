import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import type { CastHeader } from '../../recording/asciicast.ts';
import { type CastEvent, readCast } from '../../recording/reader.ts';
import { findRecording } from './find.ts';
import { write } from './write.ts';

interface Options {
  readonly config: string;
  readonly speed: number;
  readonly idleLimit?: number;
}

const EXAMPLES = `
Examples:
  $ quaywarden session play 5b0a1d8e
  $ quaywarden session play 5b0a1d8e --speed 4 --idle-limit 2

The terminal gets what the recorded one got, control sequences included; \`session export --format text\` has none.
Exit codes: 0 done, 2 unusable input.
`;

/** Leaves the alternate screen, shows the cursor, and takes back modes and colours (DECSTR) that the session set. */
const RESTORE = '\x1b[?1049l\x1b[?25h\x1b[!p\x1b[0m\r\n';

/** `quaywarden session play`. */
export function sessionPlayCommand(): Command {
  return new Command('play')
    .summary('replay a recording in this terminal')
    .description('Replay a recording in this terminal. The id may be cut as long as it is clear.')
    .argument('<id>', 'the session')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .addOption(new Option('--speed <factor>', 'how many times as fast').argParser(positive).default(1))
    .addOption(new Option('--idle-limit <seconds>', 'the longest pause').argParser(positive))
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { config, speed, idleLimit }: Options) => {
      const { header, events } = await readCast(await findRecording(loadConfigToRead(config), id));
      warnOfSize(header);
      restoreWhenInterrupted();
      await play(events, speed, idleLimit ?? Number.POSITIVE_INFINITY);
      if (process.stdout.isTTY) await write(process.stdout, RESTORE);
    });
}

async function play(events: AsyncIterable<CastEvent>, speed: number, idleLimit: number): Promise<void> {
  let last = 0;
  for await (const { seconds, code, bytes } of events) {
    const pause = Math.min(Math.max(0, seconds - last), idleLimit) / speed;
    last = Math.max(last, seconds);
    if (pause >= 0.001) await sleep(pause * 1_000);
    if (code === 'o') await write(process.stdout, bytes);
    else if (code === 'e') await write(process.stderr, bytes);
  }
}

/** Ctrl-C ends the replay and leaves a terminal that can be used. */
function restoreWhenInterrupted(): void {
  if (!process.stdout.isTTY) return;
  process.once('SIGINT', () => {
    void write(process.stdout, RESTORE).finally(() => process.exit(130));
  });
}

function warnOfSize({ width, height, quaywarden }: CastHeader): void {
  const { columns, rows, isTTY } = process.stdout;
  if (!isTTY || quaywarden?.tty !== true || (columns >= width && rows >= height)) return;
  process.stderr.write(
    `quaywarden: recorded with ${width} columns and ${height} rows; this terminal has ${columns} and ${rows}\n`,
  );
}

function positive(text: string): number {
  const number = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}
