import { createHash, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIssuedBy, readCertificate } from '../certificate.ts';
import { formatDistinguishedName } from '../distinguished-name.ts';
import { maySignCrls } from '../extensions.ts';
import { certificatesIn } from '../trust-bundle.ts';

/** A CA that client certificates chain to: a name and a key, and the certificates that join the two. */
export interface Authority {
  /** Tells it apart from all others, those of the same name included. */
  readonly id: string;
  /** Its distinguished name by RFC 4514. */
  readonly name: string;
  readonly key: KeyObject;
  readonly certificates: readonly X509Certificate[];
  /** Whether its certificates let its key sign CRLs (RFC 5280, section 4.2.1.3). */
  readonly signsCrls: boolean;
  /** Whether it vouches for itself: nobody above could revoke it. */
  readonly isRoot: boolean;
}

/** The CAs of `tls.clientCa`. */
export class Authorities {
  readonly all: readonly Authority[];

  /** @param pem certificates; those that are no CA's are left out */
  constructor(pem: Buffer | undefined) {
    const byId = new Map<string, Authority>();
    for (const certificate of certificatesIn(pem?.toString('latin1') ?? '')) {
      if (!certificate.ca) continue;
      const name = formatDistinguishedName(readCertificate(certificate).subject);
      const key = certificate.publicKey;
      const id = `${keyDigest(key)} ${name}`;
      const before = byId.get(id);
      byId.set(id, {
        id,
        name,
        key,
        certificates: [...(before?.certificates ?? []), certificate],
        signsCrls: before?.signsCrls === true || maySignCrls(certificate.raw),
        isRoot: before?.isRoot === true || isIssuedBy(certificate, certificate),
      });
    }
    this.all = [...byId.values()];
  }

  /** Whoever issued a certificate; undefined when that is none of these. */
  issuerOf(certificate: X509Certificate): Authority | undefined {
    // A certificate can name its issuer's by serial number, so of one that was renewed it may be any.
    return this.all.find(({ certificates }) => certificates.some((ca) => isIssuedBy(certificate, ca)));
  }
}

function keyDigest(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64');
}
