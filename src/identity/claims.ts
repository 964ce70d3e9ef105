import type { JWTPayload } from 'jose';
import type { Config } from '../config/schema.ts';
import type { Refusal } from '../errors.ts';
import { refuse } from './bearer.ts';
import { isPrincipalName, isWord } from './names.ts';

export type IssuerConfig = Config['identity']['jwt']['issuers'][number];

/** What the claims of a verified token say. */
export interface TokenIdentity {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly issuer: string;
  readonly tokenId: string | undefined;
  /** Thumbprint of the one certificate this token is good with (`cnf.x5t#S256`, RFC 8705, section 3.1). */
  readonly boundTo: string | undefined;
  /** The `exp` claim, milliseconds since the epoch. */
  readonly expiresAt: number;
}

const latestDate = 8_640_000_000_000; // seconds; the last instant a Date can hold

/**
 * Maps verified claims to an identity by the issuer's configuration. A configured claim name is looked up as
 * it stands first (`https://example.org/roles`), then with each dot descending into an object.
 * Throws a Refusal (401): `token-claim-missing`, `token-claim-invalid` or `token-binding-unsupported`.
 */
export function mapClaims(payload: JWTPayload, config: IssuerConfig): TokenIdentity {
  for (const name of config.requiredClaims) {
    const claim = claimAt(payload, name);
    if (claim === undefined || claim === null) throw claimMissing(name);
  }
  return {
    name: nameOf(payload, config),
    tenant: tenantOf(payload, config),
    roles: rolesOf(payload, config),
    issuer: config.issuer,
    tokenId: tokenIdOf(payload),
    boundTo: bindingOf(payload),
    expiresAt: expiryOf(payload),
  };
}

export function claimMissing(claim: string): Refusal {
  return refuse(
    'token-claim-missing',
    `the token has no "${claim}" claim, which is needed here; have its issuer add it`,
  );
}

export function claimInvalid(claim: string, rule: string): Refusal {
  return refuse('token-claim-invalid', `the token's "${claim}" claim can not be used: it must be ${rule}`);
}

function nameOf(payload: JWTPayload, { claims }: IssuerConfig): string {
  const name = claimAt(payload, claims.name);
  if (name === undefined) throw claimMissing(claims.name);
  if (!isPrincipalName(name)) throw claimInvalid(claims.name, 'a string of 1 to 256 visible characters');
  return name;
}

function tenantOf(payload: JWTPayload, { claims, defaultTenant }: IssuerConfig): string {
  const claim = claimAt(payload, claims.tenant);
  // One that is null is there, and says nothing that could be used.
  const tenant = claim === undefined ? defaultTenant : claim;
  if (tenant === undefined) throw claimMissing(claims.tenant);
  if (!isWord(tenant)) throw claimInvalid(claims.tenant, 'a string of letters, digits and ._@:+-');
  return tenant;
}

function rolesOf(payload: JWTPayload, { claims, defaultRoles }: IssuerConfig): readonly string[] {
  const claim = claimAt(payload, claims.roles);
  if (claim === undefined) return defaultRoles;
  const roles: unknown = typeof claim === 'string' ? claim.split(' ').filter((role) => role !== '') : claim;
  if (!Array.isArray(roles) || !roles.every(isWord)) {
    throw claimInvalid(
      claims.roles,
      'an array or a space-separated string of roles made of letters, digits and ._@:+-',
    );
  }
  return [...new Set(roles)];
}

function tokenIdOf({ jti }: JWTPayload): string | undefined {
  if (jti !== undefined && !isPrincipalName(jti))
    throw claimInvalid('jti', 'a string of 1 to 256 visible characters');
  return jti;
}

/** A confirmation by any other means can not be checked here, so such a token is nobody's. */
function bindingOf({ cnf }: JWTPayload): string | undefined {
  if (cnf === undefined) return undefined;
  const members = typeof cnf === 'object' && cnf !== null ? Object.entries(cnf) : [];
  const [member] = members;
  if (members.length !== 1 || member?.[0] !== 'x5t#S256' || typeof member[1] !== 'string') {
    throw refuse(
      'token-binding-unsupported',
      'the token is bound by a "cnf" claim other than "x5t#S256", which can not be checked here; ask for one bound to your certificate or for an unbound one',
    );
  }
  return member[1];
}

function expiryOf({ exp }: JWTPayload): number {
  if (exp === undefined) throw claimMissing('exp');
  if (!(exp >= 0 && exp <= latestDate)) throw claimInvalid('exp', 'a date in seconds since 1970');
  return Math.floor(exp * 1000);
}

/** A claim by its name, or by its path where the name has dots: `realm_access.roles`. @throws Refusal where there are both */
function claimAt(payload: JWTPayload, name: string): unknown {
  let value: unknown = payload;
  for (const part of name.split('.')) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    value = isThere ? (value as Record<string, unknown>)[part] : undefined;
  }
  if (!name.includes('.') || !Object.hasOwn(payload, name)) return value;
  if (value !== undefined) throw claimInvalid(name, 'there once, by its name or by its path');
  return payload[name];
}
