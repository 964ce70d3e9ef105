import { Command } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import { type KnownSession, knownSessions } from './known.ts';
import { shown } from './shown.ts';

interface Options {
  readonly config: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  $ quaywarden session list
  $ quaywarden session list --json | jq -r '.sessions[] | select(.state == "live") | .id'

Exit codes: 0 done, 2 unusable input.
`;

/** What stands above the columns; of one Engine it need not be said which. */
function head(areSeveral: boolean): string[] {
  const engine = areSeveral ? ['ENGINE'] : [];
  return [
    ...['SESSION', 'STATE', 'KIND', 'WHO', ...engine],
    ...['CONTAINER', 'STARTED', 'LASTED', 'RECORDED', 'COMMAND'],
  ];
}
const SHORT_ID = 12;

/** `quaywarden session list`. */
export function sessionListCommand(): Command {
  return new Command('list')
    .summary('show sessions that go on, and recordings')
    .description('Show the sessions that go on, when the gateway runs, and all recordings; the oldest first.')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async ({ config, json }: Options) => {
      const { sessions, isRunning } = await knownSessions(loadConfigToRead(config));
      if (json) {
        process.stdout.write(`${JSON.stringify({ running: isRunning, sessions }, null, 2)}\n`);
        return;
      }
      if (!isRunning)
        process.stderr.write('quaywarden: the gateway does not run: only recordings are shown\n');
      const areSeveral = sessions.some(({ engine }) => engine !== null);
      const rows = sessions.map((session) => row(session, areSeveral));
      process.stdout.write(`${table([head(areSeveral), ...rows])}\n`);
    });
}

function row(session: KnownSession, areSeveral: boolean): string[] {
  const {
    id,
    state,
    kind,
    principal,
    engine,
    container,
    containerName,
    command,
    startedAt,
    seconds,
    recording,
  } = session;
  return [
    id.slice(0, SHORT_ID),
    state,
    kind,
    principal,
    ...(areSeveral ? [engine ?? '-'] : []),
    containerName ?? container?.slice(0, SHORT_ID) ?? '-',
    startedAt?.replace(/\.\d+Z$/, 'Z') ?? '?',
    `${seconds} s`,
    recording === null ? 'no' : size(recording.bytes),
    command?.join(' ') ?? '-',
  ].map((text) => cut(shown(text)));
}

const MOST_CELL = 48;

function cut(text: string): string {
  return text.length > MOST_CELL ? `${text.slice(0, MOST_CELL - 3)}...` : text;
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
