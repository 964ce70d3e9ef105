import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { ConfigError } from '../../errors.ts';
import type { Draft } from './draft.ts';

const KEY = 'certs/token/key.pem';
const JWKS = 'certs/token/jwks.json';

/** Plans the key that `token issue` signs with and the JWKS that the gateway verifies with (ES256). */
export async function planTokenKeys(draft: Draft): Promise<void> {
  const [hasKey, hasJwks] = [draft.exists(KEY), draft.exists(JWKS)];
  if (hasKey) draft.keep(KEY);
  if (hasJwks) draft.keep(JWKS); // without its private key too: that may lie elsewhere
  if (hasJwks) return;
  const key = hasKey
    ? parseKey(draft.read(KEY))
    : generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (!hasKey) draft.addSecret(KEY, key.export({ type: 'pkcs8', format: 'pem' }).toString());
  draft.add(JWKS, `${JSON.stringify(await jwksOf(key), null, 2)}\n`);
}

async function jwksOf(key: KeyObject): Promise<{ keys: object[] }> {
  const { kty = '', ...members } = createPublicKey(key).export({ format: 'jwk' });
  const jwk = { kty, ...members };
  return { keys: [{ ...jwk, use: 'sig', alg: 'ES256', kid: await calculateJwkThumbprint(jwk) }] };
}

function parseKey(pem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey(pem);
  } catch {
    // said below
  }
  if (key?.asymmetricKeyDetails?.namedCurve === 'prime256v1') return key;
  throw new ConfigError([
    `${KEY} is not an unencrypted ECDSA P-256 key; put it right, or move it away to have a new one made`,
  ]);
}
