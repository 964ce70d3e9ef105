import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { enginesOf } from '../config/engines.ts';
import { loadConfigToRead } from '../config/load.ts';
import { type Config, configSchema } from '../config/schema.ts';
import type { Policy } from '../policy/decision.ts';
import { compilePolicy, type PolicyText, readPolicies } from '../policy/load.ts';
import { rulesOf } from '../rules.ts';
import { realPathHere } from '../tenancy/host-paths.ts';
import { Spool } from '../upstream/spool.ts';

/** The configuration, as far as requests are judged by it. */
export type DeskConfig = Pick<
  Config,
  | 'policy'
  | 'engines'
  | 'tenancy'
  | 'api'
  | 'limits'
  | 'redactions'
  | 'mutations'
  | 'engine'
  | 'quotas'
  | 'spool'
>;

/** All that a request is judged by where there is no Engine. */
export interface Desk {
  readonly config: DeskConfig;
  readonly policy: Policy;
  readonly text: PolicyText;
  readonly rules: ReturnType<typeof rulesOf>;
  readonly spool: Spool;
}

/** What a configuration must name, and nothing here reads. */
const NO_TLS = { certificate: '-', key: '-', clientCa: '-' };

const DEFAULT = 'quaywarden.yaml';

/**
 * The configuration of a gateway; where none is named and there is none here, that of one which only has policies, in
 * `policies/` of this folder.
 *
 * @throws ConfigError
 */
export function deskConfig(path: string): DeskConfig {
  if (path !== DEFAULT || existsSync(path)) return loadConfigToRead(path);
  const { policy, ...others } = configSchema.parse({ tls: NO_TLS });
  const files = {
    model: resolve(policy.model),
    grants: resolve(policy.grants),
    profiles: resolve(policy.profiles),
  };
  return { ...others, policy: { ...policy, ...files } } as DeskConfig;
}

/** @throws ConfigError with every fault of the policy */
export async function openDesk(config: DeskConfig): Promise<Desk> {
  const { policy: files, tenancy, engine, spool } = config;
  // Of several Engines it is the first.
  const engines = enginesOf(config).map(({ name, onThisHost }) => ({
    name,
    ...(onThisHost && engine.onThisHost ? { realPath: realPathHere } : {}),
  }));
  const [text] = (await readPolicies(files, { engines, tenants: tenancy.enabled })).values();
  if (text === undefined) throw new Error('a configuration without an Engine');
  return {
    config,
    text,
    policy: await compilePolicy(text, files),
    rules: rulesOf(config),
    spool: new Spool({ ...spool, folder: spool.folder ?? tmpdir() }),
  };
}
