import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { Concealer } from './concealer.ts';
import { loadSecretsKey, loadSigner } from './keys.ts';
import type { Levels } from './levels.ts';
import { type AuditLog, openAuditLog } from './writer.ts';

/** What requests are recorded with. */
export interface Auditing {
  readonly log: AuditLog;
  readonly levels: Levels;
  readonly conceal: Concealer;
}

export interface AuditContext {
  readonly version: string;
  readonly policyVersion: string;
  readonly levels: Levels;
  readonly log: Logger;
  /** Called when the log can no longer be written. */
  readonly onUnavailable: () => void;
}

/**
 * Opens the audit log as configured.
 *
 * @throws ConfigError when its rules, keys or folder are of no use
 */
export async function openAuditing(config: Config['audit'], context: AuditContext): Promise<Auditing> {
  const { log, version, policyVersion } = context;
  const conceal = new Concealer(loadSecretsKey(config.secretsKey));
  const audit = await openAuditLog({
    folder: config.folder,
    gateway: config.instance,
    strict: config.strict,
    segment: config.segment,
    checkpoint: config.checkpoint,
    signer: loadSigner(config.signingKey),
    start: { version, policyVersion },
    onFault: (fault, cause) => {
      if (fault === undefined) {
        log.info('the audit log is written again');
        return;
      }
      log.error({ err: cause, since: fault.since }, 'the audit log can not be written');
      context.onUnavailable();
    },
    onWarning: (sentence, cause) => log.warn({ err: cause }, sentence),
  });
  return { log: audit, levels: context.levels, conceal };
}
