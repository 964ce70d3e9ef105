import { createHash, X509Certificate } from 'node:crypto';
import { DerError, type DerValue, readMembers, readObjectIdentifier, readValues } from './der.ts';
import { type DistinguishedName, decodeAscii, readDistinguishedName } from './distinguished-name.ts';
import { otherSpellings, spelledAlike } from './signature-spellings.ts';

/** What the gateway reads from a client certificate. */
export interface CertificateFacts {
  /** Hexadecimal, as OpenSSL prints it. */
  readonly serial: string;
  /** SHA-256 of the DER encoding, base64url (RFC 8705, section 3.1). */
  readonly thumbprint: string;
  /** The same digest in lower-case hexadecimal without colons. */
  readonly fingerprint: string;
  /** That of the certificate as it was shown, and those of its other spellings, by which it may be known as well. */
  readonly fingerprints: readonly string[];
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly names: AlternativeNames;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa: boolean;
  /** Dotted identifiers of the Extended Key Usage extension; empty without it. */
  readonly usages: readonly string[];
}

/** Subject Alternative Names by kind; undefined stands for a value that is not 7-bit text. */
export interface AlternativeNames {
  readonly uri: readonly (string | undefined)[];
  readonly dns: readonly (string | undefined)[];
  readonly email: readonly (string | undefined)[];
}

const subjectAltName = '2.5.29.17';
const known = new WeakMap<X509Certificate, CertificateFacts>();

/** How many certificates are remembered; some 4 KB each. */
const MOST_OPEN = 1_024;
/** By the digest of what does not depend on how their signature is spelled, the oldest first. */
const opened = new Map<string, X509Certificate>();

/**
 * Takes a certificate that a connection showed into use. Parsing one costs OpenSSL and us a fifth of a whole handshake,
 * and clients come back with the same; what it says never changes. Whether it holds now is asked at every request.
 *
 * @param isVerified whether it chains to a CA of ours: only then it is remembered, so that strangers can fill nothing
 * @throws what `parseCertificate` throws
 */
export function openCertificate(der: Uint8Array, isVerified: boolean): X509Certificate {
  if (!isVerified) return parseCertificate(der);
  const digest = sha256(spelledAlike(der)).toString('base64');
  const before = opened.get(digest);
  if (before !== undefined) return before;
  const certificate = parseCertificate(der);
  const [oldest] = opened.keys();
  if (opened.size >= MOST_OPEN && oldest !== undefined) opened.delete(oldest);
  opened.set(digest, certificate);
  return certificate;
}

/**
 * A certificate of exactly these bytes. Node takes bytes for PEM before it takes them for DER, and PEM begins wherever a line says so:
 * handed as they are, a certificate of one's own that has a PEM text in its key, a name or an extension would be read as the
 * certificate in that text, which nobody has verified.
 *
 * @throws DerError, or an Error of OpenSSL's, when they are no certificate
 */
export function parseCertificate(der: Uint8Array): X509Certificate {
  const certificate = new X509Certificate(certificatePem(Buffer.from(der).toString('base64')));
  if (!certificate.raw.equals(der)) throw new DerError('a certificate that is written otherwise');
  return certificate;
}

/** The PEM of a certificate (RFC 7468) whose DER is given in base64. */
export function certificatePem(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----`;
}

/**
 * Reads a certificate, once for each object. Usage, validity, serial and CA flag come from OpenSSL by way of
 * Node; the names from the DER structure, for Node prints them as text. Throws a DerError when it is malformed.
 */
export function readCertificate(certificate: X509Certificate): CertificateFacts {
  const before = known.get(certificate);
  if (before !== undefined) return before;
  const { raw } = certificate;
  const digest = sha256(raw);
  const fingerprint = digest.toString('hex');
  const others = otherSpellings(raw).map((der) => sha256(der).toString('hex'));
  const facts = Object.freeze({
    ...readNames(raw),
    serial: certificate.serialNumber,
    thumbprint: digest.toString('base64url'),
    fingerprint,
    fingerprints: Object.freeze([fingerprint, ...others]),
    notBefore: readTime(certificate.validFrom),
    notAfter: readTime(certificate.validTo),
    isCa: certificate.ca,
    usages: certificate.keyUsage ?? [],
  });
  known.set(certificate, facts);
  return facts;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** Whether names fit (as OpenSSL compares them) and the signature is the issuer's. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function readNames(der: Uint8Array): Pick<CertificateFacts, 'subject' | 'issuer' | 'names'> {
  const [certificate] = readValues(der);
  const [tbs] = readMembers(certificate, 0x30);
  const fields = readMembers(tbs, 0x30);
  const start = fields[0]?.tag === 0xa0 ? 1 : 0; // a version-1 certificate leaves the version out
  return {
    issuer: readDistinguishedName(fields[start + 2]),
    subject: readDistinguishedName(fields[start + 4]),
    names: readAlternativeNames(fields.find(({ tag }) => tag === 0xa3)),
  };
}

function readAlternativeNames(extensions: DerValue | undefined): AlternativeNames {
  const names: DerValue[] = [];
  if (extensions !== undefined) {
    const [list] = readValues(extensions.content);
    const found = readMembers(list, 0x30)
      .map((extension) => readMembers(extension, 0x30))
      .filter(([oid]) => readObjectIdentifier(oid) === subjectAltName);
    if (found.length > 1) throw new DerError('more than one subjectAltName extension');
    for (const extension of found) {
      const [sequence] = readMembers(extension.at(-1), 0x04);
      names.push(...readMembers(sequence, 0x30));
    }
  }
  const ofKind = (kind: number) =>
    names.filter(({ tag }) => tag === kind).map(({ content }) => decodeAscii(content));
  return { email: ofKind(0x81), dns: ofKind(0x82), uri: ofKind(0x86) };
}

function readTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new DerError('validity that is not a date');
  return time;
}
