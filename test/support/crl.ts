import { createPrivateKey, sign } from 'node:crypto';
import { readMembers, readValues } from '../../src/identity/der.ts';
import { der } from '../../src/identity/der-write.ts';
import { bitString, extension, integer, oid, pem, sequence, utcTime } from './der.ts';
import type { Issued } from './pki.ts';

export interface CrlOptions {
  /** Whose certificates are revoked, or serial numbers in hexadecimal. */
  readonly revoked?: readonly (Issued | string)[];
  readonly thisUpdate?: Date;
  /** Null leaves it out. */
  readonly nextUpdate?: Date | null;
  readonly extensions?: readonly Buffer[];
  /** Of every entry; default: the reason keyCompromise. */
  readonly entryExtensions?: readonly Buffer[];
  /** Signs in place of the CA. */
  readonly signer?: Issued;
}

const minute = 60_000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));
const keyCompromise = extension('2.5.29.21', der(0x0a, Buffer.from([1])));

/** A CRL of a test CA, in DER. */
export function createCrl(ca: Issued, options: CrlOptions = {}): Buffer {
  const { revoked = [], extensions = [], entryExtensions = [keyCompromise] } = options;
  const { thisUpdate = new Date(Date.now() - minute), nextUpdate = new Date(Date.now() + 60 * minute) } =
    options;
  const entries = revoked.map((each) =>
    sequence(
      integer(typeof each === 'string' ? each : each.x509.serialNumber),
      utcTime(new Date(Date.now() - 2 * minute)),
      ...(entryExtensions.length === 0 ? [] : [sequence(...entryExtensions)]),
    ),
  );
  const tbs = sequence(
    integer('01'),
    ecdsaWithSha256,
    subjectOf(ca),
    utcTime(thisUpdate),
    ...(nextUpdate === null ? [] : [utcTime(nextUpdate)]),
    ...(entries.length === 0 ? [] : [sequence(Buffer.concat(entries))]),
    ...(extensions.length === 0 ? [] : [der(0xa0, sequence(...extensions))]),
  );
  const signature = sign('sha256', tbs, createPrivateKey((options.signer ?? ca).key));
  return sequence(tbs, ecdsaWithSha256, bitString(signature));
}

/** The same in PEM. */
export function crlPem(ca: Issued, options?: CrlOptions): string {
  return pem('X509 CRL', createCrl(ca, options));
}

/** The subject of a certificate as it stands in it. */
export function subjectOf({ x509 }: Issued): Buffer {
  const [certificate] = readValues(x509.raw);
  const [tbs] = readMembers(certificate, 0x30);
  return Buffer.from(readMembers(tbs, 0x30)[5]?.encoding ?? []);
}
