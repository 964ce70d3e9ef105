import { Command } from 'commander';
import { sessionEndCommand } from './session/end.ts';
import { sessionExportCommand } from './session/export.ts';
import { sessionListCommand } from './session/list.ts';
import { sessionPlayCommand } from './session/play.ts';

/** `quaywarden session`. */
export function sessionCommand(): Command {
  return new Command('session')
    .description('show, replay and end exec and attach sessions')
    .addCommand(sessionListCommand())
    .addCommand(sessionPlayCommand())
    .addCommand(sessionExportCommand())
    .addCommand(sessionEndCommand());
}
