import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { certificatePem } from './certificate.ts';

/** RFC 7468: what stands in the middle of a line begins none. */
const block = /^-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^\S\n]*$[\s\S]*?^-----END \1-----/gm;

/** A file of CAs that can not serve. The message is a sentence for the operator. */
export class TrustBundleError extends Error {
  override readonly name = 'TrustBundleError';
}

/**
 * Reads the CAs of `tls.clientCa`: PEM certificates, or a SPIFFE trust bundle, of which the keys for X.509-SVIDs count
 * (SPIFFE Trust Domain and Bundle, section 4).
 *
 * @returns PEM
 * @throws TrustBundleError when it holds none, or one that can not be read; what reading the file throws
 */
export function readTrustBundle(path: string): Buffer {
  const text = readFileSync(path, 'latin1');
  const pem = text.trimStart().startsWith('{') ? spiffeCertificates(text).join('\n') : text;
  try {
    if (certificatesIn(pem).length > 0) return Buffer.from(pem, 'latin1');
  } catch {
    throw new TrustBundleError(`${path} holds a certificate that can not be read`);
  }
  throw new TrustBundleError(`${path} holds no certificate of a CA`);
}

/** All certificates of a PEM text. Throws when one can not be read. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return (pem.match(block) ?? []).map((text) => new X509Certificate(text));
}

/** A JWKS whose entries of `use` x509-svid have exactly one certificate in `x5c` (section 4.2.2). */
function spiffeCertificates(text: string): readonly string[] {
  let keys: unknown;
  try {
    keys = (JSON.parse(text) as { readonly keys?: unknown }).keys;
  } catch {
    throw new TrustBundleError('it is neither PEM nor JSON');
  }
  if (!Array.isArray(keys)) throw new TrustBundleError('it is JSON without "keys", so no SPIFFE bundle');
  return keys
    .filter((key: unknown): key is { readonly x5c?: unknown } => {
      return typeof key === 'object' && key !== null && 'use' in key && key.use === 'x509-svid';
    })
    .map(({ x5c }) => {
      const [certificate, ...more] = Array.isArray(x5c) ? (x5c as unknown[]) : [];
      if (typeof certificate !== 'string' || more.length > 0)
        throw new TrustBundleError('a key for x509-svid in it has not exactly one certificate in "x5c"');
      return certificatePem(certificate);
    });
}
