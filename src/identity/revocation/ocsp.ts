import { createHash, type X509Certificate } from 'node:crypto';
import { isIssuedBy, parseCertificate, readCertificate } from '../certificate.ts';
import { DerError, type DerValue, readMembers, readObjectIdentifier, readValues } from '../der.ts';
import { readBitString, readIntegerHex, readTime } from '../der-values.ts';
import { der } from '../der-write.ts';
import { type Extension, readExtensions } from '../extensions.ts';
import { isSignedBy } from '../signature.ts';
import type { Authority } from './authorities.ts';
import { type Revoked, reasonName } from './crl.ts';

/** What a responder says of one certificate (RFC 6960), once that is verified. */
export interface OcspAnswer {
  readonly status: 'good' | 'revoked' | 'unknown';
  /** Of a certificate that is revoked. */
  readonly entry: Revoked | undefined;
  /** Since when it is known to be so, milliseconds since the epoch. */
  readonly thisUpdate: number;
  /** Until when the responder stands by it, milliseconds since the epoch; undefined: it always knows better. */
  readonly nextUpdate: number | undefined;
}

/** A question about one certificate. */
export interface OcspQuestion {
  /** What is sent. */
  readonly bytes: Buffer;
  readonly certificate: CertificateId;
  readonly issuer: Authority;
  readonly nonce: Buffer;
}

/** How a certificate is named to a responder (`CertID`, RFC 6960, section 4.1.1). */
interface CertificateId {
  readonly nameHash: Buffer;
  readonly keyHash: Buffer;
  /** See `normalizeSerial`. */
  readonly serial: string;
}

/** An answer that can not be used. The message is a part of a sentence for the operator: "it is signed by nobody ...". */
export class OcspError extends Error {
  override readonly name = 'OcspError';
}

const sha1 = '1.3.14.3.2.26';
const sha1Identifier = Buffer.from('300906052b0e03021a0500', 'hex');
const nonceExtension = '1.3.6.1.5.5.7.48.1.2';
const nonceOid = Buffer.from('06092b0601050507300102', 'hex');
const basicResponse = '1.3.6.1.5.5.7.48.1.1';
const ocspSigning = '1.3.6.1.5.5.7.3.9';

/** How far the responder's clock may be off, in milliseconds. */
const SKEW_MS = 300_000;

/** What a responder answers without an answer, by the status's number. */
const failures: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

/**
 * Words the question about a certificate. Names and keys are told by SHA-1, which is what responders know of old
 * (RFC 5019, section 2.1.1); nothing rests on its strength, as the answer names the serial number itself.
 */
export function askAbout(certificate: X509Certificate, issuer: Authority, nonce: Buffer): OcspQuestion {
  const [outer] = readValues(certificate.raw);
  const [tbs] = readMembers(outer, 0x30);
  const fields = readMembers(tbs, 0x30);
  const start = fields[0]?.tag === 0xa0 ? 1 : 0;
  const serial = fields[start];
  const issuerName = fields[start + 2];
  if (serial === undefined || issuerName === undefined) throw new DerError('a certificate without an issuer');
  const nameHash = digest(issuerName.encoding);
  const keyHash = digest(keyBytes(issuer));
  const id = der(0x30, sha1Identifier, der(0x04, nameHash), der(0x04, keyHash), serial.encoding);
  const nonceValue = der(0x30, nonceOid, der(0x04, der(0x04, nonce)));
  const bytes = der(0x30, der(0x30, der(0x30, der(0x30, id)), der(0xa2, der(0x30, nonceValue))));
  return { bytes, certificate: { nameHash, keyHash, serial: readIntegerHex(serial) }, issuer, nonce };
}

/**
 * Reads a responder's answer and verifies it (RFC 6960, section 3.2): it is about the certificate that was asked about,
 * signed by its issuer or by whom the issuer made its responder, and in date.
 *
 * @param now milliseconds since the epoch
 * @param isGone whether a responder's certificate is revoked, by what is known here
 * @throws OcspError otherwise
 */
export function readAnswer(
  bytes: Uint8Array,
  question: OcspQuestion,
  now: number,
  isGone: (certificate: X509Certificate) => boolean,
): OcspAnswer {
  try {
    return read(bytes, question, now, isGone);
  } catch (error) {
    if (error instanceof DerError)
      throw new OcspError(`it is no OCSP answer in strict DER (${error.message})`);
    throw error;
  }
}

function read(
  bytes: Uint8Array,
  question: OcspQuestion,
  now: number,
  isGone: (certificate: X509Certificate) => boolean,
): OcspAnswer {
  const [outer, ...after] = readValues(bytes);
  const [status, wrapped] = readMembers(outer, 0x30);
  if (after.length > 0 || status?.tag !== 0x0a) throw new DerError('bytes of another form');
  const code = status.content[0] ?? 0;
  if (code !== 0) throw new OcspError(`the responder answers ${failures[code] ?? code}`);
  const [type, response] = readMembers(readMembers(wrapped, 0xa0)[0], 0x30);
  if (readObjectIdentifier(type) !== basicResponse || response?.tag !== 0x04)
    throw new OcspError('it is of a type that is not known here');
  const [basic] = readValues(response.content);
  const [data, algorithm, signature, certificates] = readMembers(basic, 0x30);
  const fields = [...readMembers(data, 0x30)];
  if (fields[0]?.tag === 0xa0) fields.shift();
  const [responder, , responses, extensions] = fields;
  const signer = signerOf(responder, certificates, question, now, isGone);
  if (!isSignedBy(signer, algorithm, data?.encoding ?? new Uint8Array(), readBitString(signature)))
    throw new OcspError('its signature is not that of the responder it names');

  const said = extensions === undefined ? [] : readExtensions(readMembers(extensions, 0xa1)[0]);
  refuseCritical(said, [nonceExtension]);
  const nonce = said.find(({ oid }) => oid === nonceExtension)?.value?.content;
  if (nonce !== undefined && Buffer.compare(nonce, question.nonce) !== 0)
    throw new OcspError('it answers another question (its nonce is another)');

  const about = readMembers(responses, 0x30)
    .map((single) => readMembers(single, 0x30))
    .filter(([id]) => isAbout(id, question.certificate));
  const [single] = about;
  if (single === undefined || about.length > 1) throw new OcspError('it is not about this certificate');
  return readSingle(single, now, nonce !== undefined);
}

function readSingle(fields: readonly DerValue[], now: number, isFresh: boolean): OcspAnswer {
  const [, status, thisUpdate, ...rest] = fields;
  const next = rest.find(({ tag }) => tag === 0xa0);
  const extensions = rest.find(({ tag }) => tag === 0xa1);
  if (extensions !== undefined) refuseCritical(readExtensions(readMembers(extensions, 0xa1)[0]), []);
  const issued = readTime(thisUpdate);
  const nextUpdate = next === undefined ? undefined : readTime(readMembers(next, 0xa0)[0]);
  if (issued > now + SKEW_MS) throw new OcspError('it is from the future; compare the clocks');
  if (nextUpdate !== undefined && nextUpdate < now) throw new OcspError('it is out of date');
  // Neither an end nor a nonce: it could be of any age.
  if (nextUpdate === undefined && !isFresh && issued < now - SKEW_MS) throw new OcspError('it is old');
  switch (status?.tag) {
    case 0x80:
      return { status: 'good', entry: undefined, thisUpdate: issued, nextUpdate };
    case 0xa1: {
      const [at, reason] = readValues(status.content);
      const [named] = reason === undefined ? [] : readMembers(reason, 0xa0);
      const entry = { at: readTime(at), reason: reasonName(named) };
      return { status: 'revoked', entry, thisUpdate: issued, nextUpdate };
    }
    case 0x82:
      return { status: 'unknown', entry: undefined, thisUpdate: issued, nextUpdate };
    default:
      throw new DerError('a status of another form');
  }
}

/** The key of the issuer itself, or of a responder that it issued a certificate to (RFC 6960, section 4.2.2.2). */
function signerOf(
  responder: DerValue | undefined,
  certificates: DerValue | undefined,
  { issuer }: OcspQuestion,
  now: number,
  isGone: (certificate: X509Certificate) => boolean,
): X509Certificate['publicKey'] {
  const sent = certificates === undefined ? [] : readMembers(readMembers(certificates, 0xa0)[0], 0x30);
  if (issuer.certificates.some((certificate) => isNamed(certificate.raw, responder))) return issuer.key;
  for (const { encoding } of sent) {
    if (!isNamed(encoding, responder)) continue;
    const certificate = parseCertificate(encoding);
    const facts = readCertificate(certificate);
    const byIssuer = issuer.certificates.some((ca) => isIssuedBy(certificate, ca));
    if (!byIssuer || !facts.usages.includes(ocspSigning)) continue;
    if (now < facts.notBefore || now > facts.notAfter || isGone(certificate)) continue;
    return certificate.publicKey;
  }
  throw new OcspError(
    'it is signed by nobody who may: neither the issuer of the certificate nor a responder of its own (extendedKeyUsage OCSPSigning)',
  );
}

/** Whether a certificate is that of a ResponderID: by its subject, or by the SHA-1 of its key. */
function isNamed(certificate: Uint8Array, responder: DerValue | undefined): boolean {
  const [outer] = readValues(certificate);
  const [tbs] = readMembers(outer, 0x30);
  const fields = readMembers(tbs, 0x30);
  const start = fields[0]?.tag === 0xa0 ? 1 : 0;
  if (responder?.tag === 0xa1) {
    const [name] = readMembers(responder, 0xa1);
    return sameBytes(name?.encoding, fields[start + 4]?.encoding);
  }
  const [hash] = readMembers(responder, 0xa2);
  const [, key] = readMembers(fields[start + 5], 0x30);
  return hash?.tag === 0x04 && sameBytes(hash.content, digest(readBitString(key)));
}

function isAbout(id: DerValue | undefined, wanted: CertificateId): boolean {
  const [algorithm, nameHash, keyHash, serial] = readMembers(id, 0x30);
  return (
    readObjectIdentifier(readMembers(algorithm, 0x30)[0]) === sha1 &&
    sameBytes(nameHash?.content, wanted.nameHash) &&
    sameBytes(keyHash?.content, wanted.keyHash) &&
    readIntegerHex(serial) === wanted.serial
  );
}

function refuseCritical(extensions: readonly Extension[], known: readonly string[]): void {
  const unknown = extensions.find(({ oid, isCritical }) => isCritical && !known.includes(oid));
  if (unknown !== undefined)
    throw new OcspError(`it has a critical extension that is not known here (${unknown.oid})`);
}

/** The bits of a CA's public key, as its certificate holds them. */
function keyBytes({ key }: Authority): Uint8Array {
  const [info] = readValues(key.export({ type: 'spki', format: 'der' }));
  return readBitString(readMembers(info, 0x30)[1]);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha1').update(bytes).digest();
}

function sameBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}
