import { Command } from 'commander';
import { tokenIssueCommand } from './token-issue.ts';

/** `quaywarden token`. */
export function tokenCommand(): Command {
  return new Command('token').description('issue tokens for the gateway').addCommand(tokenIssueCommand());
}
