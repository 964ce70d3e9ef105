import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { IssuerConfig } from './claims.ts';
import type { IdentityLog } from './jwks.ts';
import type { TrustedIssuer } from './jwt.ts';
import { KeyFileError, type KeySource, loadKeyFile } from './keys.ts';
import type { RemoteKeys } from './remote-keys.ts';

interface Deps {
  readonly now: () => number;
  readonly log: IdentityLog;
  readonly remote: RemoteKeys;
}

/**
 * Prepares the configured issuers by their `iss`, reading every key and CA file. Pushes a sentence on
 * `faults` for each setting that can not serve; the map is of use only when none was pushed.
 */
export function prepareIssuers(
  configs: readonly IssuerConfig[],
  faults: string[],
  deps: Deps,
): ReadonlyMap<string, TrustedIssuer> {
  const issuers = new Map<string, TrustedIssuer>();
  for (const [index, config] of configs.entries()) {
    const at = `identity.jwt.issuers[${index}]`;
    if (issuers.has(config.issuer)) {
      faults.push(`${at}.issuer: this issuer is configured twice; merge the two entries`);
      continue;
    }
    const keys =
      'file' in config.keys
        ? fileKeys(config.keys.file, config, `${at}.keys.file`, faults)
        : urlKeys(config.keys, `${at}.keys`, faults, deps);
    if (keys !== undefined) issuers.set(config.issuer, { config, keys });
  }
  return issuers;
}

function fileKeys(path: string, config: IssuerConfig, at: string, faults: string[]): KeySource | undefined {
  try {
    return loadKeyFile(path, config.algorithms);
  } catch (error) {
    if (!(error instanceof KeyFileError)) throw error;
    faults.push(`${at}: ${path}: ${error.message}`);
    return undefined;
  }
}

function urlKeys(
  keys: Extract<IssuerConfig['keys'], { readonly url: string }>,
  at: string,
  faults: string[],
  deps: Deps,
): KeySource | undefined {
  const before = faults.length;
  const url = new URL(keys.url);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    faults.push(
      `${at}.url: keys fetched over http can be forged on the way; use https, or http on loopback only`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    faults.push(`${at}.url: a JWKS is public; leave the user name and password out of the URL`);
  }
  if (url.protocol === 'http:' && keys.ca !== undefined) {
    faults.push(`${at}.ca: a CA is of use for an https URL only; remove it or use https`);
  }
  if (keys.timeoutSeconds === 0) faults.push(`${at}.timeoutSeconds: a fetch needs at least 1 second`);
  const ca = keys.ca === undefined ? undefined : readCa(keys.ca, `${at}.ca`, faults);
  if (faults.length > before) return undefined;
  return deps.remote.keysOf(JSON.stringify([keys, ca]), {
    url,
    ca,
    timeoutMs: keys.timeoutSeconds * 1000,
    cacheMs: keys.cacheSeconds * 1000,
    cooldownMs: keys.cooldownSeconds * 1000,
    now: deps.now,
    log: deps.log,
  });
}

function readCa(path: string, at: string, faults: string[]): string | undefined {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    faults.push(
      `${at}: ${path}: it can not be read as a PEM certificate (${code}); check the path and its content`,
    );
    return undefined;
  }
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}
