import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Refusal } from '../errors.ts';
import { readBearer, refuse } from './bearer.ts';
import { claimInvalid, claimMissing, type IssuerConfig, mapClaims, type TokenIdentity } from './claims.ts';
import type { KeySource } from './keys.ts';
import type { TokenMemory } from './token-memory.ts';

/** One issuer and where its keys are. */
export interface TrustedIssuer {
  readonly config: IssuerConfig;
  readonly keys: KeySource;
}

/**
 * Verifies the token of an Authorization header (RFC 7519, RFC 8725). The claimed `iss` picks one issuer, and
 * the token must then hold by that issuer's own keys, algorithms, audience and clock alone. `now` is in
 * milliseconds. Throws a Refusal: 401 with a `token-…` or `authorization-scheme` reason, or 503
 * `keys-unavailable` while the issuer's keys could never be fetched (docs/identity.md lists them).
 *
 * @param memory of tokens that verified before; without it each is verified
 */
export async function verifyToken(
  authorization: string,
  issuers: ReadonlyMap<string, TrustedIssuer>,
  now: number,
  memory?: TokenMemory,
): Promise<TokenIdentity> {
  const known = memory?.recall(authorization, now);
  if (known !== undefined) return known;
  const token = readBearer(authorization);
  const trusted = issuers.get(token.issuer);
  if (trusted === undefined) throw unknownIssuer();
  const { config, keys } = trusted;
  if (!config.algorithms.some((algorithm) => algorithm === token.algorithm)) throw algorithmForbidden();
  const { edition } = keys;
  const payload = await verify(token.compact, keys, {
    algorithms: [token.algorithm],
    issuer: config.issuer,
    audience: [...config.audience],
    clockTolerance: config.clockToleranceSeconds,
    currentDate: new Date(now),
    requiredClaims: ['exp'],
    ...(config.maxTokenAgeSeconds === undefined ? {} : { maxTokenAge: config.maxTokenAgeSeconds }),
  });
  checkIssuedAt(payload, now, config.clockToleranceSeconds);
  const identity = mapClaims(payload, config);
  // Keys that were fetched meanwhile are not the ones that it was verified by.
  if (edition !== undefined && keys.edition === edition) {
    memory?.keep(authorization, { identity, since: now, until: goodUntil(payload, config), keys, edition });
  }
  return identity;
}

/** The first instant at which jose would call the token expired, milliseconds since the epoch. */
function goodUntil({ exp = 0, iat }: JWTPayload, config: IssuerConfig): number {
  const { clockToleranceSeconds: tolerance, maxTokenAgeSeconds: age } = config;
  const byAge = age === undefined || iat === undefined ? Number.POSITIVE_INFINITY : iat + age + 1;
  return (Math.min(exp, byAge) + tolerance) * 1_000;
}

async function verify(compact: string, keys: KeySource, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(compact, keys.getKey, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw translate(error);
    return await verifyWithAny(compact, error, options);
  }
}

/** Keys without ids: the token may be signed by any of those that fit its algorithm. */
async function verifyWithAny(
  compact: string,
  keys: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(compact, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw translate(error);
    }
  }
  throw badSignature();
}

/** jose looks at `iat` only where an age limit is set. */
function checkIssuedAt({ iat }: JWTPayload, now: number, tolerance: number): void {
  if (iat === undefined) return;
  if (typeof iat !== 'number') throw claimInvalid('iat', 'a date in seconds since 1970');
  if (iat > Math.floor(now / 1000) + tolerance) throw notYetValid('iat');
}

/** Turns jose's errors into refusals. They are not kept as causes: they carry the payload. */
function translate(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) {
    return error.claim === 'exp'
      ? refuse('token-expired', 'the token has expired ("exp"); get a new one')
      : refuse('token-expired', 'the token was issued too long ago ("iat"); get a new one');
  }
  if (error instanceof errors.JWTClaimValidationFailed) return translateClaim(error.claim, error.reason);
  if (error instanceof errors.JWSSignatureVerificationFailed) return badSignature();
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refuse(
      'token-unknown-key',
      'the token is signed with a key its issuer does not publish here; get a new token, and wait a minute if the issuer has just changed keys',
    );
  }
  if (error instanceof errors.JOSEError) {
    return refuse(
      'token-malformed',
      'the bearer token is not a valid JWT; get a new one and send it unchanged',
    );
  }
  return error;
}

function translateClaim(claim: string, reason: string): Refusal {
  if (claim === 'aud') {
    return refuse(
      'token-wrong-audience',
      'the token is not meant for this gateway ("aud"); ask its issuer for one that is',
    );
  }
  if (reason === 'missing') return claimMissing(claim);
  if (reason === 'invalid') return claimInvalid(claim, 'a date in seconds since 1970');
  if (claim === 'nbf' || claim === 'iat') return notYetValid(claim);
  return unknownIssuer();
}

function algorithmForbidden(): Refusal {
  return refuse(
    'token-algorithm-forbidden',
    'the token is not signed with an algorithm accepted from its issuer; unsigned and HMAC tokens never are',
  );
}

function notYetValid(claim: string): Refusal {
  return refuse(
    'token-not-yet-valid',
    `the token is not valid yet ("${claim}"); wait, or compare the clocks of its issuer and this gateway`,
  );
}

function badSignature(): Refusal {
  return refuse(
    'token-bad-signature',
    "the token's signature does not verify; get a new token and send it unchanged",
  );
}

function unknownIssuer(): Refusal {
  return refuse(
    'token-unknown-issuer',
    'the token comes from an issuer this gateway does not trust ("iss"); use another',
  );
}
