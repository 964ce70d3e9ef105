import { ConfigError } from '../../errors.ts';
import type { Draft } from './draft.ts';
import { type Authority, createAuthority, type KeyPair, type Leaf, openAuthority } from './pki.ts';

const CA_CERTIFICATE = 'certs/ca/cert.pem';
const CA_KEY = 'certs/ca/key.pem';

/** A certificate that `init` sees to: `certs/<folder>/cert.pem` and `key.pem`. */
export interface Part {
  readonly folder: string;
  readonly leaf: Leaf;
}

/**
 * Plans a CA and what it signs; what is there stays, and what is missing is signed by the CA that is there.
 *
 * @throws ConfigError with every pair of which one half is missing, and what to do
 */
export async function planCertificates(draft: Draft, parts: readonly Part[]): Promise<void> {
  const missing = parts.filter(
    ({ folder }) => !draft.exists(certificateOf(folder)) && !draft.exists(keyOf(folder)),
  );
  const faults = [...halves(draft, parts), ...caFaults(draft, parts, missing)];
  if (faults.length > 0) throw new ConfigError(faults);
  for (const part of parts) {
    if (!missing.includes(part)) draft.keep(certificateOf(part.folder), keyOf(part.folder));
  }
  const authority = missing.length > 0 ? await authorityOf(draft) : undefined;
  const caCertificate = authority?.certificate ?? draft.read(CA_CERTIFICATE);
  if (draft.exists(CA_CERTIFICATE)) draft.keep(CA_CERTIFICATE, ...(draft.exists(CA_KEY) ? [CA_KEY] : []));
  for (const { folder, leaf } of parts) {
    const isClient = leaf.hosts === undefined;
    const ca = `certs/${folder}/ca.pem`;
    if (isClient && draft.exists(ca)) draft.keep(ca);
    else if (isClient) draft.add(ca, caCertificate);
    const part = missing.find((one) => one.folder === folder);
    if (part === undefined || authority === undefined) continue;
    const pair = await authority.issue(leaf);
    draft.add(certificateOf(folder), pair.certificate);
    draft.addSecret(keyOf(folder), pair.key);
  }
}

/** Whether a leaf's certificate or key is there already. */
export function hasPart(draft: Draft, folder: string): boolean {
  return draft.exists(certificateOf(folder)) || draft.exists(keyOf(folder));
}

function halves(draft: Draft, parts: readonly Part[]): string[] {
  return parts.flatMap(({ folder }) => {
    const [certificate, key] = [certificateOf(folder), keyOf(folder)];
    if (draft.exists(certificate) === draft.exists(key)) return [];
    const [there, gone] = draft.exists(key) ? [key, certificate] : [certificate, key];
    return [
      `${gone} is missing beside ${there}; put it back, or move ${there} away to have a new pair issued`,
    ];
  });
}

function caFaults(draft: Draft, parts: readonly Part[], missing: readonly Part[]): string[] {
  const [certificate, key] = [draft.exists(CA_CERTIFICATE), draft.exists(CA_KEY)];
  if (!certificate && key)
    return [`${CA_CERTIFICATE} is missing beside ${CA_KEY}; put it back, or move certs/ away to begin anew`];
  if (!certificate && missing.length < parts.length) {
    return [
      `certs/ca is missing, but certificates that it issued are there; put it back, or move certs/ away to begin anew`,
    ];
  }
  if (certificate && !key && missing.length > 0) {
    const folders = missing.map(({ folder }) => `certs/${folder}`).join(', ');
    return [
      `${CA_KEY} is missing, so ${folders} can not be issued; put it back for the time of this command`,
    ];
  }
  return [];
}

async function authorityOf(draft: Draft): Promise<Authority> {
  if (!draft.exists(CA_CERTIFICATE)) {
    const made = await createAuthority();
    draft.add(CA_CERTIFICATE, made.certificate);
    draft.addSecret(CA_KEY, made.key);
    return openAuthority(made);
  }
  const pair: KeyPair = { certificate: draft.read(CA_CERTIFICATE), key: draft.read(CA_KEY) };
  try {
    return await openAuthority(pair);
  } catch (error) {
    throw new ConfigError([`certs/ca can not sign: ${(error as Error).message}`]);
  }
}

function certificateOf(folder: string): string {
  return `certs/${folder}/cert.pem`;
}

function keyOf(folder: string): string {
  return `certs/${folder}/key.pem`;
}
