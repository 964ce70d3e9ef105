import { DerError, type DerValue, readMembers, readObjectIdentifier, readValues } from './der.ts';

/** One extension of a certificate, a CRL, or an entry of one (RFC 5280, section 4.1). */
export interface Extension {
  /** Dotted identifier. */
  readonly oid: string;
  readonly isCritical: boolean;
  /** What it holds. */
  readonly value: DerValue | undefined;
}

const keyUsage = '2.5.29.15';
const cRLDistributionPoints = '2.5.29.31';
const authorityInfoAccess = '1.3.6.1.5.5.7.1.1';
const ocsp = '1.3.6.1.5.5.7.48.1';
const cRLSign = 6;

/** Reads `Extensions`. Throws a DerError when it is none, and when one stands in it twice. */
export function readExtensions(list: DerValue | undefined): readonly Extension[] {
  const extensions = readMembers(list, 0x30).map((extension) => {
    const [oid, ...rest] = readMembers(extension, 0x30);
    const critical = rest.length === 2 ? rest[0] : undefined;
    if (rest.length > 2 || (critical !== undefined && critical.tag !== 0x01))
      throw new DerError('an extension of another form');
    const octets = rest.at(-1);
    if (octets?.tag !== 0x04) throw new DerError('an extension without a value');
    return {
      oid: readObjectIdentifier(oid),
      isCritical: (critical?.content[0] ?? 0) !== 0,
      // What an unknown one holds need not be DER.
      get value(): DerValue | undefined {
        return readValues(octets.content)[0];
      },
    };
  });
  if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length)
    throw new DerError('an extension twice');
  return extensions;
}

/** The extensions of a certificate, from its DER encoding. */
export function extensionsOf(certificate: Uint8Array): readonly Extension[] {
  const [outer] = readValues(certificate);
  const [tbs] = readMembers(outer, 0x30);
  const found = readMembers(tbs, 0x30).find(({ tag }) => tag === 0xa3);
  return found === undefined ? [] : readExtensions(readMembers(found, 0xa3)[0]);
}

/** Whether a certificate lets its key sign CRLs: its key usage says so, or it has none (RFC 5280, section 4.2.1.3). */
export function maySignCrls(certificate: Uint8Array): boolean {
  const usage = extensionsOf(certificate).find(({ oid }) => oid === keyUsage);
  if (usage === undefined) return true;
  if (usage.value?.tag !== 0x03) throw new DerError('a key usage of another form');
  return hasBit(usage.value.content.subarray(1), cRLSign);
}

/** The URIs of the distribution points that a certificate names for CRLs (RFC 5280, section 4.2.1.13). */
export function crlPointsOf(certificate: Uint8Array): readonly string[] {
  const points = extensionsOf(certificate).find(({ oid }) => oid === cRLDistributionPoints);
  if (points === undefined) return [];
  return readMembers(points.value, 0x30).flatMap((point) => {
    const fields = readMembers(point, 0x30);
    // Another issuer's list, or one for some reasons only, is none that is processed here.
    if (fields.some(({ tag }) => tag !== 0xa0)) return [];
    return fields.flatMap((field) => readMembers(field, 0xa0)).flatMap(readUris);
  });
}

/** The URLs of the OCSP responders that a certificate names (RFC 5280, section 4.2.2.1). */
export function respondersOf(certificate: Uint8Array): readonly string[] {
  const access = extensionsOf(certificate).find(({ oid }) => oid === authorityInfoAccess);
  if (access === undefined) return [];
  return readMembers(access.value, 0x30).flatMap((description) => {
    const [method, location] = readMembers(description, 0x30);
    if (readObjectIdentifier(method) !== ocsp || location?.tag !== 0x86) return [];
    return [Buffer.from(location.content).toString('latin1')];
  });
}

/** The URIs among the GeneralNames of a context-specific value. */
export function readUris(names: DerValue): readonly string[] {
  return readValues(names.content)
    .filter(({ tag }) => tag === 0x86)
    .map(({ content }) => Buffer.from(content).toString('latin1'));
}

/** Whether a flag of a BIT STRING of named bits is set. */
function hasBit(bits: Uint8Array, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}
