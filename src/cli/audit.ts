import { Command } from 'commander';
import { queryCommand } from './audit/query.ts';
import { reportCommand } from './audit/report.ts';
import { tailCommand } from './audit/tail.ts';
import { auditVerifyCommand } from './audit-verify.ts';

/** `quaywarden audit`. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('read the audit log, sum it up, and prove that it is whole')
    .addCommand(queryCommand())
    .addCommand(tailCommand())
    .addCommand(reportCommand())
    .addCommand(auditVerifyCommand());
}
