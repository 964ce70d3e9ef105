import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { ConfigError } from '../errors.ts';
import type { AuditLine } from './record.ts';

export type KeyName = Extract<AuditLine, { type: 'checkpoint' }>['key'];

/** Signs checkpoints. */
export interface Signer {
  readonly key: KeyName;
  /** @returns base64 */
  sign(statement: Statement): string;
}

/** What a checkpoint says: that this gateway's chain had this hash at this number, at that time. */
export interface Statement {
  readonly gateway: string;
  /** Of the checkpoint itself. */
  readonly sequence: number;
  /** The hash of the line before it. */
  readonly previous: string;
  readonly time: string;
}

/** The bytes that are signed. */
function bytesOf({ gateway, sequence, previous, time }: Statement): Buffer {
  return Buffer.from(
    `quaywarden-audit-checkpoint-v1\n${gateway}\n${sequence}\n${previous}\n${time}\n`,
    'latin1',
  );
}

const ALGORITHMS: Readonly<Record<string, KeyName['algorithm']>> = {
  ed25519: 'Ed25519',
  ec: 'ECDSA',
  rsa: 'RSA',
};

/** Ed25519 hashes by itself. */
function digestOf(algorithm: KeyName['algorithm']): string | null {
  return algorithm === 'Ed25519' ? null : 'sha256';
}

/** How a key is called in the log. @throws ConfigError for a kind of key that is not taken */
export function nameOf(publicKey: KeyObject, file: string): KeyName {
  const algorithm = ALGORITHMS[publicKey.asymmetricKeyType ?? ''];
  if (algorithm === undefined) {
    throw new ConfigError([
      `${file}: checkpoints are signed with Ed25519, ECDSA or RSA keys, and this is none`,
    ]);
  }
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { id: createHash('sha256').update(spki).digest('hex'), algorithm };
}

/** @param pem a private key, not encrypted @throws ConfigError */
export function createSigner(pem: string, file: string): Signer {
  let secret: KeyObject;
  try {
    secret = createPrivateKey(pem);
  } catch {
    throw new ConfigError([`${file} is no unencrypted PEM private key`]);
  }
  const key = nameOf(createPublicKey(secret), file);
  return {
    key,
    sign: (statement) => sign(digestOf(key.algorithm), bytesOf(statement), secret).toString('base64'),
  };
}

/** Whether a signature is that of this key over this statement. */
export function isSigned(
  statement: Statement,
  signature: string,
  publicKey: KeyObject,
  algorithm: KeyName['algorithm'],
): boolean {
  try {
    return verify(digestOf(algorithm), bytesOf(statement), publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
