import { Command } from 'commander';
import { canCommand } from './policy/can.ts';

/** `quaywarden policy`. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('write policies, test them, and ask them questions')
    .addCommand(canCommand());
}
