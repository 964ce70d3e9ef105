import { isDeepStrictEqual } from 'node:util';
import { compileLevels, type Levels } from './audit/levels.ts';
import { DEFAULT_ENGINE } from './config/engine-schema.ts';
import { areSeveral, enginesOf } from './config/engines.ts';
import type { Config } from './config/schema.ts';
import type { ClientTrust } from './identity/client-trust.ts';
import { createIdentity, type Identity } from './identity/identity.ts';
import type { IdentityLog } from './identity/jwks.ts';
import { openRevocation, type Revocation } from './identity/revocation/revocation.ts';
import { readTlsFiles, type TlsFiles } from './listener/tls-files.ts';
import type { Bench } from './pipeline.ts';
import type { Policy } from './policy/decision.ts';
import { loadPolicies } from './policy/load.ts';
import type { Stored } from './policy-store/store.ts';
import { rulesOf } from './rules.ts';
import type { Site } from './site.ts';
import { type AdoptedBy, loadAdopted } from './tenancy/adopted.ts';
import { realPathHere } from './tenancy/host-paths.ts';

/** What requests to one Engine are judged by, and requests to others are not. */
export interface OfEngine {
  readonly policy: Policy;
  readonly adoptedBy: AdoptedBy;
}

/** All that a reload replaces: the configuration, and what was made of it and of the files that it names. */
export interface Setting {
  readonly config: Config;
  readonly tls: TlsFiles;
  readonly identity: Identity;
  readonly revocation: Revocation;
  /** That of the default Engine; those of all have one version. */
  readonly policy: Policy;
  readonly levels: Levels;
  /** What differs from Engine to Engine, by name. */
  readonly ofEngines: ReadonlyMap<string, OfEngine>;
}

/**
 * Reads and validates everything that requests are judged by, and changes nothing that is in force.
 *
 * @param before the setting that is in force, of which fetched keys are kept
 * @throws ConfigError with the faults of whatever can not serve
 */
export async function readSetting(
  config: Config,
  {
    trust,
    log,
    stored,
  }: {
    readonly trust: ClientTrust;
    readonly log: IdentityLog;
    /** The policy, where it is in a database. */
    readonly stored?: Pick<Stored, 'files'> | undefined;
  },
  before?: Setting,
): Promise<Setting> {
  const { enabled: tenants } = config.tenancy;
  const tls = readTlsFiles(config.tls);
  const engines = enginesOf(config);
  const policies = await loadPolicies(stored?.files ?? config.policy, {
    engines: engines.map(({ name, onThisHost }) => ({
      name,
      ...(onThisHost ? { realPath: realPathHere } : {}),
    })),
    tenants,
  });
  const policyOf = (name: string): Policy => policies.get(name) as Policy;
  const levels = compileLevels(config.audit.rules, tenants);
  const ofEngines = new Map(
    engines.map(({ name, adopted }) => {
      const adoptedBy: AdoptedBy = tenants ? loadAdopted(adopted) : () => undefined;
      return [name, { policy: policyOf(name), adoptedBy }];
    }),
  );
  const revocation = await revocationFor(config, tls, log, before);
  try {
    const identity = await createIdentity(config.identity, config.tls.clientCertificate, {
      log,
      trust,
      ...(before === undefined ? {} : { before: before.identity }),
    });
    return { config, tls, identity, revocation, policy: policyOf(DEFAULT_ENGINE), levels, ofEngines };
  } catch (error) {
    closeRevocation(revocation, before);
    throw error;
  }
}

/** Ends what a setting fetches and watches, but for what another one that stays has too. */
export function closeSetting({ identity, revocation }: Setting, keptBy?: Setting): void {
  identity.close(keptBy?.identity);
  closeRevocation(revocation, keptBy);
}

function closeRevocation(revocation: Revocation, keptBy: Setting | undefined): void {
  if (revocation !== keptBy?.revocation) revocation.close();
}

/** The one there is keeps its lists up to date by itself, and is replaced only for other lists or other CAs. */
async function revocationFor(
  { revocation, tls: { clientCertificate } }: Config,
  { clientCa }: TlsFiles,
  log: IdentityLog,
  before: Setting | undefined,
): Promise<Revocation> {
  const isSame =
    before !== undefined &&
    isDeepStrictEqual(before.config.revocation, revocation) &&
    isDeepStrictEqual(before.tls.clientCa, clientCa);
  if (isSame) return before.revocation;
  const cas = clientCertificate === 'none' ? undefined : clientCa;
  return openRevocation(revocation, cas, { log, before: before?.revocation });
}

/** What requests to one Engine are judged with. */
export function benchOf(
  { config, identity, revocation, levels }: Setting,
  { policy }: OfEngine,
  { name, engine, inspect, engineVersion, realPath, tenancy }: Site,
  lasting: Pick<Bench, 'trust' | 'audit' | 'spool' | 'tracing'>,
): Bench {
  return {
    ...lasting,
    identity,
    revocation,
    policy,
    audit: { ...lasting.audit, levels },
    ...rulesOf(config),
    ...(areSeveral(config) ? { engineName: name } : {}),
    engine,
    engineVersion,
    inspect,
    ...(realPath === undefined ? {} : { realPath }),
    ...(tenancy === undefined ? {} : { tenancy }),
  };
}
