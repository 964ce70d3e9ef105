import type { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import { Authorities, type Authority } from '../identity/revocation/authorities.ts';
import { type OcspEndpoint, responderOf } from '../identity/revocation/ocsp-fetch.ts';
import { certificatesIn } from '../identity/trust-bundle.ts';

/** About which certificate a responder is asked, so that its answer can be stapled, and whom. */
export interface StapleSubject {
  readonly certificate: X509Certificate;
  readonly issuer: Authority;
  readonly endpoint: OcspEndpoint;
}

/**
 * Finds out whom to ask about the server's own certificate.
 *
 * @param pem the chain in `tls.certificate`
 * @returns undefined where nothing is to be stapled
 * @throws Error when nobody can be asked, with a sentence for the operator; what reading a file throws
 */
export function stapleSubject({ stapling }: Config['tls'], pem: Buffer): StapleSubject | undefined {
  if (!stapling.enabled) return undefined;
  const { issuer: file, responder: configured, ca: caFile, timeoutSeconds } = stapling;
  const [certificate] = certificatesIn(pem.toString('latin1'));
  if (certificate === undefined) throw new Error('tls.certificate holds no certificate');
  const known = file === undefined ? pem : Buffer.concat([pem, Buffer.from('\n'), readFileSync(file)]);
  const issuer = new Authorities(known).issuerOf(certificate);
  if (issuer === undefined) {
    throw new Error(
      'tls.stapling needs the certificate of the CA that issued tls.certificate; append it there, or name its file in tls.stapling.issuer',
    );
  }
  const responder = configured === undefined ? responderOf(certificate) : new URL(configured);
  if (responder === undefined) {
    throw new Error(
      'tls.certificate names no OCSP responder; name one in tls.stapling.responder, or turn tls.stapling off',
    );
  }
  return { certificate, issuer, endpoint: { responder, caFile, timeoutMs: timeoutSeconds * 1_000 } };
}
