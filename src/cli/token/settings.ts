import { loadConfig } from '../../config/load.ts';
import { ConfigError } from '../../errors.ts';
import type { IssuerConfig } from '../../identity/claims.ts';
import { keyBeside } from './signing-key.ts';

/** As given on the command line. */
export interface SettingOptions {
  readonly config: string;
  readonly key?: string;
  readonly issuer?: string;
  readonly audience?: string;
}

/** By which key and in whose name a token is issued. */
export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly keyFile: string;
  /** The configuration's entry for that issuer; absent when everything was given on the command line. */
  readonly configured: IssuerConfig | undefined;
  /** The configuration's grants.csv; absent likewise, and where a database keeps the policy. */
  readonly grants: string | undefined;
}

/**
 * What the command line leaves open comes from the configuration: from the issuer of that name, or from the
 * first one whose private key lies beside its public keys.
 *
 * @throws ConfigError when something is still open
 */
export function settle({ config, key, issuer, audience }: SettingOptions): Settings {
  if (key !== undefined && issuer !== undefined && audience !== undefined) {
    return { issuer, audience, keyFile: key, configured: undefined, grants: undefined };
  }
  const { identity, policy } = loadConfig(config);
  const { issuers } = identity.jwt;
  const configured = choose(issuers, issuer, key);
  if (configured === undefined) throw new ConfigError([`${config}: ${whyNone(issuers, issuer)}`]);
  const keyFile = key ?? keyBeside(configured);
  if (keyFile === undefined) {
    throw new ConfigError([
      `${config}: no private key lies beside the keys of ${configured.issuer}; name it with --key`,
    ]);
  }
  const [first = ''] = configured.audience;
  if (audience !== undefined && !configured.audience.includes(audience)) {
    throw new ConfigError([
      `--audience ${audience}: ${configured.issuer} is good for ${configured.audience.join(', ')} only; the gateway would refuse the token`,
    ]);
  }
  return {
    issuer: configured.issuer,
    audience: audience ?? first,
    keyFile,
    configured,
    grants: policy.store === 'files' ? policy.grants : undefined,
  };
}

function choose(
  issuers: readonly IssuerConfig[],
  name: string | undefined,
  key: string | undefined,
): IssuerConfig | undefined {
  if (name !== undefined) return issuers.find(({ issuer }) => issuer === name);
  return (
    issuers.find((issuer) => keyBeside(issuer) !== undefined) ?? (key === undefined ? undefined : issuers[0])
  );
}

function whyNone(issuers: readonly IssuerConfig[], name: string | undefined): string {
  if (name !== undefined)
    return `there is no issuer ${name} in identity.jwt.issuers; known: ${issuers.map(({ issuer }) => issuer).join(', ') || 'none'}`;
  if (issuers.length === 0)
    return 'identity.jwt.issuers is empty, so the gateway would refuse every token; add an issuer';
  return 'no issuer has its private key (key.pem) beside its public keys; name the key with --key, or ask your identity provider for a token';
}
