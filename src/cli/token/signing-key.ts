import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { ConfigError } from '../../errors.ts';
import type { IssuerConfig } from '../../identity/claims.ts';
import { isJwks } from '../../identity/keys.ts';

/** What signs a token, and how its header says so. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: string;
  readonly kid: string;
}

const EC_ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
};

/** Where the private key of an issuer lies when `init` made it: `key.pem` beside the public keys. */
export function keyBeside({ keys }: IssuerConfig): string | undefined {
  const path = 'file' in keys ? join(dirname(keys.file), 'key.pem') : undefined;
  return path !== undefined && existsSync(path) ? path : undefined;
}

/**
 * Reads a private key and finds what a token signed by it must say.
 *
 * @param issuer the issuer that will verify the token, where the configuration has it
 * @throws ConfigError when the key can not be used, or when that issuer would refuse what it signs
 */
export async function openSigningKey(path: string, issuer: IssuerConfig | undefined): Promise<SigningKey> {
  const key = readKey(path);
  const algorithm = algorithmFor(key, issuer?.algorithms ?? []);
  if (algorithm === undefined) {
    const wanted = issuer === undefined ? 'EC, Ed25519 or RSA' : issuer.algorithms.join(', ');
    throw new ConfigError([
      `${path}: the key does not fit the signature algorithm (${wanted}); name another with --key`,
    ]);
  }
  const jwk = publicJwk(key);
  return { key, algorithm, kid: (await kidOf(jwk, issuer, path)) ?? (await calculateJwkThumbprint(jwk)) };
}

function readKey(path: string): KeyObject {
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new ConfigError([`${path}: the signing key can not be read (${code}); name it with --key`]);
  }
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigError([`${path}: is not an unencrypted private key in PEM`]);
  }
}

function algorithmFor(key: KeyObject, pinned: readonly string[]): string | undefined {
  const allowed = (algorithms: readonly string[]): string | undefined =>
    pinned.length === 0 ? algorithms[0] : algorithms.find((algorithm) => pinned.includes(algorithm));
  switch (key.asymmetricKeyType) {
    case 'ec':
      return allowed(EC_ALGORITHMS[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? []);
    case 'ed25519':
      return allowed(['EdDSA', 'Ed25519']);
    case 'rsa':
      return allowed(['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512']);
    default:
      return undefined;
  }
}

/** The id under which the issuer's JWKS lists this key; undefined where its keys have no ids. */
async function kidOf(jwk: JWK, issuer: IssuerConfig | undefined, path: string): Promise<string | undefined> {
  if (issuer === undefined || !('file' in issuer.keys)) return undefined;
  const listed = readJwks(issuer.keys.file);
  if (listed === undefined) return undefined;
  const thumbprint = await calculateJwkThumbprint(jwk);
  for (const candidate of listed) {
    if ((await thumbprintOf(candidate)) === thumbprint) return candidate.kid ?? thumbprint;
  }
  throw new ConfigError([
    `${path}: ${issuer.keys.file} does not list this key, so the gateway would refuse its tokens; name another with --key`,
  ]);
}

function readJwks(path: string): readonly JWK[] | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isJwks(parsed) ? (parsed.keys as readonly JWK[]) : undefined;
  } catch {
    return undefined; // PEM, or not there: the gateway itself will say so
  }
}

function thumbprintOf(jwk: JWK): Promise<string | undefined> {
  return calculateJwkThumbprint(jwk).catch(() => undefined);
}

function publicJwk(key: KeyObject): JWK {
  const { kty = '', ...members } = createPublicKey(key).export({ format: 'jwk' });
  return { ...members, kty };
}
