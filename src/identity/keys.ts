import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTVerifyGetKey } from 'jose';

/** Where the public keys of one issuer come from. */
export interface KeySource {
  /** Finds the key for a token's header; throws what jose's key sets throw, or a Refusal. */
  readonly getKey: JWTVerifyGetKey;
  /** Which keys these are: another number once they were fetched anew; undefined while they have to be. */
  readonly edition: number | undefined;
  /** Ends what is under way. */
  close(): void;
}

/** What a key is good for: `private` also stands for symmetric keys, `weak` for RSA below 2,048 bits. */
export type KeyVerdict = 'usable' | 'private' | 'weak' | 'unsupported';

/** A key file that can not serve; the message is a sentence for the operator and holds nothing of the file. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];
const leastRsaBits = 2048;

const curves: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
};

/**
 * Loads the keys of an issuer from a file: PEM public keys (SPKI) or certificates, one JWK, or a JWKS. Keys in
 * PEM have no id, so they answer to every `kid`. Throws a KeyFileError when the file can not be read, holds a
 * private, symmetric or weak key, or no key for any of `algorithms`.
 */
export function loadKeyFile(path: string, algorithms: readonly string[]): KeySource {
  const text = readText(path);
  const isJson = /^\s*\{/.test(text);
  const jwks = isJson ? parseJwks(text) : parsePem(text);
  for (const jwk of jwks.keys) rejectUnfit(jwk);
  if (!jwks.keys.some((jwk) => algorithms.some((algorithm) => canVerify(jwk, algorithm)))) {
    throw new KeyFileError(
      `it holds no key for ${algorithms.join(', ')}; name the algorithm of its keys, or other keys`,
    );
  }
  const set = createLocalJWKSet(jwks);
  return {
    getKey: (header, token) => (isJson ? set(header, token) : set({ alg: header.alg })),
    edition: 0,
    close: () => {},
  };
}

/** Judges one member of a key set, on its own. */
export function judgeKey(jwk: JWK): KeyVerdict {
  if (jwk.kty === 'oct' || privateMembers.some((member) => Object.hasOwn(jwk, member))) return 'private';
  let key: KeyObject;
  try {
    key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    return 'unsupported';
  }
  if (key.asymmetricKeyType !== 'rsa') return 'usable';
  return (key.asymmetricKeyDetails?.modulusLength ?? 0) < leastRsaBits ? 'weak' : 'usable';
}

/** Whether a key's type and curve fit a signature algorithm. */
function canVerify(jwk: JWK, algorithm: string): boolean {
  if (judgeKey(jwk) !== 'usable' || (jwk.alg !== undefined && jwk.alg !== algorithm)) return false;
  if (jwk.use !== undefined && jwk.use !== 'sig') return false;
  const curve = curves[algorithm];
  return curve === undefined ? jwk.kty === 'RSA' : jwk.crv === curve;
}

/** Whether a parsed document has the form of a JWKS (RFC 7517, section 5). */
export function isJwks(value: unknown): value is JSONWebKeySet {
  return isObject(value) && Array.isArray(value['keys']) && value['keys'].every(isObject);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new KeyFileError(`it can not be read (${code}); check the path and its permissions`);
  }
}

function parseJwks(text: string): JSONWebKeySet {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new KeyFileError('it starts like JSON but is none');
  }
  if (isJwks(parsed)) return parsed;
  if (isObject(parsed) && typeof parsed['kty'] === 'string')
    return { keys: [{ ...parsed, kty: parsed['kty'] }] };
  throw new KeyFileError('it is JSON but neither a JWK (`kty`) nor a JWKS (`keys`)');
}

function parsePem(text: string): JSONWebKeySet {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)];
  if (blocks.length === 0) {
    throw new KeyFileError(
      'it holds neither PEM nor JSON; give a PEM public key, a PEM certificate, a JWK or a JWKS',
    );
  }
  return { keys: blocks.map(([pem, label]) => pemToJwk(pem, label ?? '')) };
}

function pemToJwk(pem: string, label: string): JWK {
  if (label.endsWith('PRIVATE KEY')) throw new KeyFileError(privateSentence);
  if (label !== 'PUBLIC KEY' && label !== 'CERTIFICATE') {
    throw new KeyFileError(
      `it holds a PEM block "${label}"; only PUBLIC KEY and CERTIFICATE are read here (\`openssl pkey -pubin -pubout\` converts)`,
    );
  }
  try {
    const key = label === 'CERTIFICATE' ? new X509Certificate(pem).publicKey : createPublicKey(pem);
    const { kty = '', ...members } = key.export({ format: 'jwk' });
    return { ...members, kty };
  } catch {
    throw new KeyFileError(
      `its PEM block "${label}" can not be read or holds a key of a kind that is not supported`,
    );
  }
}

function rejectUnfit(jwk: JWK): void {
  const verdict = judgeKey(jwk);
  if (verdict === 'private') throw new KeyFileError(privateSentence);
  if (verdict === 'weak') {
    throw new KeyFileError(
      `it holds an RSA key of fewer than ${leastRsaBits} bits; have the issuer use a longer one`,
    );
  }
}

const privateSentence =
  'it holds a private or symmetric key, which must not lie on a gateway; give the public key alone (`openssl pkey -in key.pem -pubout`)';
