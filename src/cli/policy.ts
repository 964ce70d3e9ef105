import { Command } from 'commander';
import { replayCommand } from './policy/replay.ts';
import { suggestCommand } from './policy/suggest.ts';

/** `quaywarden policy`. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('learn a policy from what was seen, and hold one against it')
    .addCommand(suggestCommand())
    .addCommand(replayCommand());
}
