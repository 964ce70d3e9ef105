import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import type { JWK } from 'jose';

/** Mints tokens by hand, so that they can be wrong in every way a library would refuse to make them. */

export type Members = Readonly<Record<string, unknown>>;

export interface Signer {
  readonly algorithm: string;
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly publicPem: string;
  readonly privateKey: KeyObject;
  /** A token with good claims, changed by `claims` and `header`; a member set to undefined is left out. */
  mint(claims?: Members, header?: Members): string;
}

export const issuer = 'https://issuer.test';
export const audience = 'quaywarden';

/** Claims of a good token that was issued at `now` (milliseconds) and holds for five minutes. */
export function goodClaims(now: number = Date.now()): Members {
  const seconds = Math.floor(now / 1000);
  return {
    iss: issuer,
    aud: audience,
    sub: 'alice',
    tenant: 'team-a',
    roles: ['viewer'],
    jti: 'token-1',
    iat: seconds,
    exp: seconds + 300,
  };
}

/** Makes a key pair and mints with it. Algorithms: ES256, ES384, RS256, PS256, EdDSA, Ed25519. */
export function createSigner(algorithm = 'ES256', kid = 'key-1', rsaBits = 2048): Signer {
  const { publicKey, privateKey } = makeKeys(algorithm, rsaBits);
  const { kty = '', ...members } = publicKey.export({ format: 'jwk' });
  return {
    algorithm,
    kid,
    privateKey,
    publicJwk: { ...members, kty, kid },
    publicPem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    mint: (claims = {}, header = {}) =>
      compact({ alg: algorithm, kid, typ: 'JWT', ...header }, { ...goodClaims(), ...claims }, (input) =>
        signWith(algorithm, privateKey, input),
      ),
  };
}

/** Joins header and payload (objects, or raw JSON text) and what `sign` makes of them. */
export function compact(
  header: Members | string,
  payload: Members | string,
  sign: (input: string) => Buffer = () => Buffer.alloc(0),
): string {
  const input = [header, payload]
    .map((part) => Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${input}.${sign(input).toString('base64url')}`;
}

/** Signs by HMAC-SHA256, as in the classical attack where the secret is the issuer's public key. */
export function hmac(secret: string): (input: string) => Buffer {
  return (input) => createHmac('sha256', secret).update(input).digest();
}

/** Signs with a private key by the rules of a JWS algorithm (RFC 7518, section 3). */
export function signWith(algorithm: string, key: KeyObject, input: string): Buffer {
  const bytes = Buffer.from(input);
  const digest = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('ES')) return signBytes(digest, bytes, { key, dsaEncoding: 'ieee-p1363' });
  if (algorithm.startsWith('PS')) {
    return signBytes(digest, bytes, { key, padding: 6, saltLength: 32 }); // RSA_PKCS1_PSS_PADDING
  }
  return signBytes(algorithm.startsWith('RS') ? digest : null, bytes, key);
}

function makeKeys(algorithm: string, rsaBits: number) {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (algorithm === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' });
  if (algorithm.startsWith('Ed')) return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: rsaBits });
}
