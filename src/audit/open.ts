import type { Logger } from 'pino';
import type { Config } from '../config/schema.ts';
import { Concealer } from './concealer.ts';
import { loadSecretsKey, loadSigner } from './keys.ts';
import type { Levels } from './levels.ts';
import { Repeats } from './repeats.ts';
import { type AuditLog, openAuditLog } from './writer.ts';

/** What requests are recorded with. */
export interface Auditing {
  readonly log: AuditLog;
  readonly levels: Levels;
  readonly conceal: Concealer;
  /** Gathers refusals of which there may be very many. */
  readonly repeats: Repeats;
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
  const repeats = new Repeats((record) => audit.append(record));
  return { log: whole(audit, repeats), levels: context.levels, conceal, repeats };
}

/** The log, which takes what was gathered before it is closed. */
function whole(log: AuditLog, repeats: Repeats): AuditLog {
  return {
    get fault() {
      return log.fault;
    },
    get backlog() {
      return log.backlog;
    },
    commit: (record) => log.commit(record),
    append: (record) => log.append(record),
    reloaded: (what) => log.reloaded(what),
    close: () => {
      repeats.flush();
      return log.close();
    },
  };
}
