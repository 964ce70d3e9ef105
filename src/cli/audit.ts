import { Command } from 'commander';
import { auditVerifyCommand } from './audit-verify.ts';

/** `quaywarden audit`. */
export function auditCommand(): Command {
  return new Command('audit').description('Read and prove the audit log.').addCommand(auditVerifyCommand());
}
