import type { Config } from '../../config/schema.ts';
import { checkAdmin } from './admin.ts';
import { checkAudit } from './audit.ts';
import { checkClientCa, checkServer } from './certificates.ts';
import { checkEngines } from './engine.ts';
import { about, type Finding } from './finding.ts';
import { checkIdentity } from './identity.ts';
import { checkListen } from './listen.ts';
import { checkListeners } from './listeners.ts';
import { checkPolicy } from './policy.ts';
import { checkRevocation } from './revocation.ts';
import { checkRuntime } from './runtime.ts';
import { checkSessions } from './sessions.ts';
import { checkTenancy } from './tenancy.ts';
import { checkTracing } from './tracing.ts';

type Check = (config: Config) => Finding | readonly Finding[] | Promise<Finding | readonly Finding[]>;

const CHECKS: Readonly<Record<string, Check>> = {
  Node: () => checkRuntime(),
  'server certificate': checkServer,
  'client CA': checkClientCa,
  'token keys': checkIdentity,
  revocation: checkRevocation,
  policy: checkPolicy,
  tenancy: checkTenancy,
  'audit log': checkAudit,
  tracing: checkTracing,
  sessions: checkSessions,
  listen: checkListen,
  'local listeners': checkListeners,
  'admin listener': checkAdmin,
  Engine: checkEngines,
};

/** Runs every check on a sound configuration; a check that breaks is a finding too. */
export async function examine(config: Config): Promise<Finding[]> {
  const results = Object.entries(CHECKS).map(async ([subject, check]) => {
    try {
      return await check(config);
    } catch (error) {
      return about(subject).fail(
        `the check itself failed: ${(error as Error).message}`,
        'please report this',
      );
    }
  });
  return (await Promise.all(results)).flat();
}
