import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from '../errors.ts';
import { createSigner, type Signer } from './signing.ts';

/**
 * The two keys of an install: one signs checkpoints, one makes secrets comparable. Both are made where they are missing,
 * for this user alone.
 */

/** Of an HMAC-SHA256 key, as it is made; a longer one is taken too. */
const SECRET_BYTES = 32;

/** What stands beside a signing key `x.pem`, for whoever verifies. */
export function publicKeyFile(signingKey: string): string {
  return `${signingKey.replace(/(?:-key)?\.pem$/, '')}-public.pem`;
}

/** @throws ConfigError when there is no usable key and none can be made */
export function loadSigner(file: string): Signer {
  const pem = readOrMake(file, 'audit.signingKey', () =>
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  const signer = createSigner(pem, file);
  const shown = createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString();
  try {
    writeFileSync(publicKeyFile(file), shown, { flag: 'wx', mode: 0o644 });
  } catch {
    // It is there already, or this user may not write beside the operator's key: it can be derived at any time.
  }
  return signer;
}

/** @throws ConfigError when there is no usable key and none can be made */
export function loadSecretsKey(file: string): Buffer {
  const text = readOrMake(
    file,
    'audit.secretsKey',
    () => `${randomBytes(SECRET_BYTES).toString('base64')}\n`,
  );
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length < SECRET_BYTES) {
    throw new ConfigError([`${file} must hold at least ${SECRET_BYTES} random bytes in base64`]);
  }
  return key;
}

function readOrMake(file: string, setting: string, make: () => string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      throw new ConfigError([`${setting}: ${file} can not be read (${codeOf(error)})`]);
    }
  }
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, make(), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Another gateway may have been faster.
    if (codeOf(error) !== 'EEXIST') {
      throw new ConfigError([`${setting}: ${file} can not be made (${codeOf(error)})`]);
    }
  }
  return readFileSync(file, 'utf8');
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}
