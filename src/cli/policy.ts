import { Command } from 'commander';
import { canCommand } from './policy/can.ts';
import { explainCommand } from './policy/explain.ts';
import { lintCommand } from './policy/lint.ts';
import { replayCommand } from './policy/replay.ts';
import { suggestCommand } from './policy/suggest.ts';
import { testCommand } from './policy/test.ts';
import { whoCommand } from './policy/who.ts';

/** `quaywarden policy`. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('write policies, test them, and ask them questions')
    .addCommand(lintCommand())
    .addCommand(canCommand())
    .addCommand(whoCommand())
    .addCommand(explainCommand())
    .addCommand(testCommand())
    .addCommand(suggestCommand())
    .addCommand(replayCommand());
}
