import { Command, CommanderError } from 'commander';
import { ConfigError } from '../errors.ts';
import { version } from '../version.ts';

const FAILED = 1;
const UNUSABLE = 2;

const HELP = `
Begin with \`quaywarden serve\` in an empty folder: it makes all it needs and prints the lines to paste.
Exit codes: 0 done, 1 a check failed, 2 unusable input. Documentation: docs/configuration.md, docs/clients.md.
`;

/**
 * By its name, how each command is loaded. What one is not asked for is not loaded: the gateway and all that it is made of
 * take a second of CPU, which `token issue` need not wait for.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand(),
  init: async () => (await import('./init.ts')).initCommand(),
  token: async () => (await import('./token.ts')).tokenCommand(),
  adopt: async () => (await import('./adopt.ts')).adoptCommand(),
  policy: async () => (await import('./policy.ts')).policyCommand(),
  audit: async () => (await import('./audit.ts')).auditCommand(),
  reload: async () => (await import('./reload.ts')).reloadCommand(),
  session: async () => (await import('./session.ts')).sessionCommand(),
  doctor: async () => (await import('./doctor.ts')).doctorCommand(),
};

/**
 * The command line.
 *
 * @param argv as `process.argv`
 * @returns the exit code, once the command has done its work
 */
export async function run(argv: readonly string[]): Promise<number> {
  surviveClosedPipes();
  try {
    await (await program(argv[2])).parseAsync(argv);
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

/** @param asked the first word; where that is no command, all are loaded, to be listed or to find the nearest */
async function program(asked = ''): Promise<Command> {
  const root = new Command('quaywarden')
    .description('A secure authenticating gateway in front of a Docker Engine.')
    .version(version())
    .addHelpText('after', HELP);
  const isCommand = Object.hasOwn(COMMANDS, asked);
  for (const [name, load] of Object.entries(COMMANDS)) {
    if (name === asked || (!isCommand && asked !== '--version')) root.addCommand(await load());
  }
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
