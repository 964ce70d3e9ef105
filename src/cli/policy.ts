import { Command } from 'commander';
import { canCommand } from './policy/can.ts';
import { diffCommand } from './policy/diff.ts';
import { explainCommand } from './policy/explain.ts';
import { exportCommand } from './policy/export.ts';
import { importCommand } from './policy/import.ts';
import { lintCommand } from './policy/lint.ts';
import { migrateCommand } from './policy/migrate.ts';
import { replayCommand } from './policy/replay.ts';
import { suggestCommand } from './policy/suggest.ts';
import { testCommand } from './policy/test.ts';
import { whoCommand } from './policy/who.ts';

/** `quaywarden policy`. */
export function policyCommand(): Command {
  return new Command('policy')
    .description('write policies, test them, ask them questions, and bring them into a database and back')
    .addCommand(lintCommand())
    .addCommand(canCommand())
    .addCommand(whoCommand())
    .addCommand(explainCommand())
    .addCommand(testCommand())
    .addCommand(suggestCommand())
    .addCommand(replayCommand())
    .addCommand(diffCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(migrateCommand());
}
