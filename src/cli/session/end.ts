import { Command } from 'commander';
import { loadConfigToRead } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';
import { listRecordings, pickByPrefix } from '../../recording/catalogue.ts';
import { endSession, liveSessions } from '../control/client.ts';
import { shown } from './shown.ts';

const EXAMPLES = `
Examples:
  $ quaywarden session end 5b0a1d8e

The stream is closed, and its terminal told so. What runs in the container goes on when it does not mind: stop the
container to be sure. Exit codes: 0 ended, 1 it was over already, 2 unusable input.
`;

/** `quaywarden session end`. */
export function sessionEndCommand(): Command {
  return new Command('end')
    .summary('close a session that goes on')
    .description('Close a session that goes on. The id may be cut as long as it is clear.')
    .argument('<id>', 'the session')
    .option('--config <file>', 'the configuration file', 'quaywarden.yaml')
    .addHelpText('after', EXAMPLES)
    .action(async (prefix: string, { config }: { readonly config: string }) => {
      const read = loadConfigToRead(config);
      const { socket } = read.control;
      const live = await liveSessions(socket);
      if (live === undefined) throw new ConfigError([`no gateway listens on ${socket}; is it running?`]);
      const found = pickByPrefix(
        live.map(({ id }) => id),
        prefix,
      );
      if ('fault' in found) {
        const recorded = (await listRecordings(read.sessions.folder)).map(({ id }) => id);
        const past = pickByPrefix(recorded, prefix);
        if ('id' in past) {
          process.stdout.write(`${past.id} was over already\n`);
          process.exitCode = 1;
          return;
        }
        throw new ConfigError([`${shown(found.fault)}; \`quaywarden session list\` shows which go on`]);
      }
      const isEnded = await endSession(socket, found.id);
      process.stdout.write(`${found.id} ${isEnded ? 'is ended' : 'was over already'}\n`);
      if (!isEnded) process.exitCode = 1;
    });
}
