import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { nameOf } from '../../audit/signing.ts';
import type { VerifyOptions } from '../../audit/verify.ts';
import { ConfigError } from '../../errors.ts';

/**
 * Reads the keys by which a log is verified.
 *
 * @param files PEM public keys; of a private key, its public half: whoever has it may verify too
 * @throws ConfigError
 */
export function readPublicKeys(files: readonly string[]): VerifyOptions['keys'] {
  return new Map(
    files.map((file) => {
      const key = readKey(file);
      const { id, algorithm } = nameOf(key, file);
      return [id, { key, algorithm }];
    }),
  );
}

function readKey(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file));
  } catch {
    throw new ConfigError([`${file} can not be read as a PEM public key; name one with --key`]);
  }
}
