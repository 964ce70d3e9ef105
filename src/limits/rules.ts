import type { Rate } from './rates.ts';

/** One entry of `limits.principals` or `limits.tenants` in the configuration. */
export interface LimitRule {
  /** Of principals: subjects; of tenants: their names. `*` is everybody. */
  readonly for: readonly string[];
  readonly requestsPerSecond?: number | undefined;
  readonly burst?: number | undefined;
  readonly concurrent?: number | undefined;
  readonly streams?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
}

/** What one principal, or one tenant, may do at a time; what is undefined is not limited. */
export interface Limit {
  readonly rate?: Rate;
  readonly concurrent?: number;
  readonly streams?: number;
  /** Of all that streams, in both directions. */
  readonly bytesPerSecond?: number;
}

/** What holds for principals that no entry is for: far more than people and CI jobs send, far less than a gateway can do. */
const DEFAULT_PRINCIPAL: Limit = { rate: { perSecond: 200, burst: 400 }, concurrent: 64, streams: 512 };

/** The same for all principals of a tenant together. */
const DEFAULT_TENANT: Limit = { rate: { perSecond: 500, burst: 1_000 }, concurrent: 256, streams: 2_048 };

/** Rules as they are asked. */
export interface Rules {
  /** @param subjects all that the principal is to the policy */
  ofPrincipal(subjects: ReadonlySet<string>): Limit;
  ofTenant(tenant: string): Limit;
}

/** The first entry that is for somebody decides alone; what it leaves out is not limited. */
export function compileRules(principals: readonly LimitRule[], tenants: readonly LimitRule[]): Rules {
  const ofPrincipals = principals.map((rule) => ({ whom: rule.for, limit: limitOf(rule) }));
  const ofTenants = tenants.map((rule) => ({ whom: rule.for, limit: limitOf(rule) }));
  return {
    ofPrincipal: (subjects) =>
      ofPrincipals.find(({ whom }) => whom.some((subject) => subjects.has(subject)))?.limit ??
      DEFAULT_PRINCIPAL,
    ofTenant: (tenant) =>
      ofTenants.find(({ whom }) => whom.includes(tenant) || whom.includes('*'))?.limit ?? DEFAULT_TENANT,
  };
}

function limitOf({
  requestsPerSecond: perSecond,
  burst,
  concurrent,
  streams,
  bytesPerSecond,
}: LimitRule): Limit {
  return {
    ...(perSecond === undefined
      ? {}
      : { rate: { perSecond, burst: burst ?? Math.max(1, Math.ceil(2 * perSecond)) } }),
    ...(concurrent === undefined ? {} : { concurrent }),
    ...(streams === undefined ? {} : { streams }),
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  };
}
