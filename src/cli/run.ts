import { Command, CommanderError } from 'commander';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';
import { adoptCommand } from './adopt.ts';
import { auditCommand } from './audit.ts';
import { doctorCommand } from './doctor.ts';
import { initCommand } from './init.ts';
import { serveCommand } from './serve.ts';
import { sessionCommand } from './session.ts';
import { tokenCommand } from './token.ts';

const FAILED = 1;
const UNUSABLE = 2;

const HELP = `
Begin with \`quaywarden serve\` in an empty folder: it makes all it needs and prints the lines to paste.
Exit codes: 0 done, 1 a check failed, 2 unusable input. Documentation: docs/configuration.md, docs/clients.md.
`;

/**
 * The command line.
 *
 * @param argv as `process.argv`
 * @returns the exit code, once the command has done its work
 */
export async function run(argv: readonly string[]): Promise<number> {
  surviveClosedPipes();
  try {
    await program().parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : UNUSABLE;
    if (error instanceof ConfigError) {
      for (const fault of error.faults) process.stderr.write(`quaywarden: ${fault}\n`);
      return UNUSABLE;
    }
    const debug = (process.env['QUAYWARDEN_DEBUG'] ?? '') !== '';
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const [line = ''] = message.split('\n');
    process.stderr.write(
      debug
        ? `${stack ?? message}\n`
        : `quaywarden: unexpected failure: ${line} (QUAYWARDEN_DEBUG=1 shows where)\n`,
    );
    return FAILED;
  }
}

function program(): Command {
  const root = new Command('quaywarden')
    .description('A secure authenticating gateway in front of a Docker Engine.')
    .version(version())
    .addHelpText('after', HELP);
  const commands = [
    serveCommand(),
    initCommand(),
    tokenCommand(),
    adoptCommand(),
    auditCommand(),
    sessionCommand(),
    doctorCommand(),
  ];
  for (const command of commands) root.addCommand(command);
  prepare(root);
  return root;
}

/** Has a command and all below it throw where it would exit, and begin its errors with the program's name. */
function prepare(command: Command): void {
  command.exitOverride().configureOutput({
    outputError: (text, write) => write(text.replace(/^error: /, 'quaywarden: ')),
  });
  for (const inner of command.commands) prepare(inner);
}

/** `quaywarden serve | head` must not end the gateway. */
function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
