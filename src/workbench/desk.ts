import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, resolve } from 'node:path';
import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { areSeveral, enginesOf } from '../config/engines.ts';
import { loadConfigToRead } from '../config/load.ts';
import { type Config, configSchema } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { Policy } from '../policy/decision.ts';
import { splitEngine } from '../policy/engine-part.ts';
import { compilePolicy, type PolicyText, readPolicies } from '../policy/load.ts';
import { policyFilesOf } from '../policy-store/files.ts';
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
  /** The Engine that it goes to, where there are several. */
  readonly engine: string | undefined;
  /** Whether paths of that Engine's host can be looked at from here. */
  readonly onThisHost: boolean;
  /** The name under which grants are cited. */
  readonly file: string;
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

/**
 * @param engineName which of several Engines requests go to
 * @throws ConfigError with every fault of the policy
 */
export async function openDesk(config: DeskConfig, engineName: string = DEFAULT_ENGINE): Promise<Desk> {
  const { tenancy, spool } = config;
  const engines = enginesOf(config);
  const engine = engines.find(({ name }) => name === engineName);
  if (engine === undefined) {
    const names = engines.map(({ name }) => name).join(', ');
    throw new ConfigError([`there is no Engine ${JSON.stringify(engineName)}; there are ${names}`]);
  }
  // Where the default one is said not to be here, none is.
  const onThisHost = engine.onThisHost && config.engine.onThisHost;
  const files = await policyFilesOf(config.policy);
  const worlds = engines.map(({ name }) => ({ name, ...(onThisHost ? { realPath: realPathHere } : {}) }));
  const text = (await readPolicies(files, { engines: worlds, tenants: tenancy.enabled })).get(engineName);
  if (text === undefined) throw new Error('a configuration without an Engine');
  return {
    config,
    engine: areSeveral(config) ? engineName : undefined,
    onThisHost,
    file: basename(files.grants),
    text,
    policy: await compilePolicy(text, files),
    rules: rulesOf(config),
    spool: new Spool({ ...spool, folder: spool.folder ?? tmpdir() }),
  };
}

/**
 * Takes off what a resource says of the Engine, as grants do: `engine/build/container/-/web`.
 *
 * @param given the Engine that was named apart
 * @throws ConfigError where the two differ
 */
export function onEngine(
  resource: string | undefined,
  given: string | undefined,
): { readonly resource: string | undefined; readonly engine: string | undefined } {
  if (resource === undefined || !/^engine\/[^/]+\//.test(resource)) return { resource, engine: given };
  const { engine, pattern } = splitEngine(resource);
  if (given !== undefined && given !== engine)
    throw new ConfigError([
      `${resource} is on another Engine than --engine ${given}; leave one of the two out`,
    ]);
  return { resource: pattern, engine };
}
