import { readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import type { IssuerConfig } from '../../identity/claims.ts';
import { createIdentity } from '../../identity/identity.ts';
import { fetchJwks } from '../../identity/jwks-fetch.ts';
import { keyBeside } from '../token/signing-key.ts';
import { secrecy } from './files.ts';
import { about, type Finding } from './finding.ts';

const { ok, warn, fail } = about('token keys');

/** Who may issue tokens, and whether their keys can be had. */
export async function checkIdentity({ identity, tls }: Config): Promise<Finding[]> {
  try {
    (await createIdentity(identity, tls.clientCertificate)).close();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fail(fault, 'the gateway does not start until this is put right'));
  }
  const { issuers } = identity.jwt;
  if (issuers.length === 0) return [ok('no issuer: clients come with certificates')];
  return (await Promise.all(issuers.map(checkIssuer))).flat();
}

async function checkIssuer(issuer: IssuerConfig): Promise<Finding[]> {
  const { keys } = issuer;
  if (!('url' in keys)) {
    const signing = keyBeside(issuer);
    return [
      ok(`${issuer.issuer}: the keys in ${keys.file} fit ${issuer.algorithms.join(', ')}`),
      ...(signing === undefined ? [] : secrecy('token keys', signing)),
    ];
  }
  try {
    const endpoint = {
      url: new URL(keys.url),
      ca: keys.ca === undefined ? undefined : readFileSync(keys.ca, 'utf8'),
      timeoutMs: keys.timeoutSeconds * 1_000,
    };
    const { keys: found } = await fetchJwks(endpoint, new AbortController().signal);
    return [ok(`${issuer.issuer}: ${found.length} keys at ${keys.url}`)];
  } catch (error) {
    return [
      warn(
        `${issuer.issuer}: no keys from ${keys.url}: ${(error as Error).message}`,
        'its tokens are refused until the endpoint answers; check the URL, its CA (keys.ca) and the network',
      ),
    ];
  }
}
