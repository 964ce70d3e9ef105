import { type DerValue, readMembers, readObjectIdentifier, readValues } from './der.ts';
import { readBitString, readIntegerHex } from './der-values.ts';
import { der } from './der-write.ts';

/** Below it are the identifiers of ECDSA with any digest (RFC 5758, section 3.2; RFC 3279). */
const ECDSA = '1.2.840.10045.4.';

/** How many points there are on the curves that CAs may sign with (SEC 2, RFC 5639). */
const ORDERS: readonly bigint[] = [
  // secp224r1
  0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3dn,
  // prime256v1
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  // secp384r1
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  // secp521r1
  0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  // secp256k1
  0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  // brainpoolP256r1
  0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
  // brainpoolP384r1
  0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565n,
  // brainpoolP512r1
  0xaadd9db8dbe9c48b3fd4e6ae33c9fc07cb308db3b3c9d20ed6639cca70330870553e5c414ca92619418661197fac10471db1d381085ddaddb58796829ca90069n,
];

/** A certificate that is signed by ECDSA, taken apart. */
interface Signed {
  readonly tbs: DerValue;
  readonly algorithm: DerValue;
  readonly r: DerValue;
  readonly s: bigint;
}

/**
 * The certificates that are this one in another spelling. Of a signature by ECDSA, (r, s), whoever has it can make (r, n - s), which is
 * as good, without a key: the same certificate, with other digests. Which curve it is of only its CA's certificate tells, so
 * there is one spelling for each whose order is larger.
 *
 * @returns none where the signature has one spelling
 * @throws DerError when it is no certificate
 */
export function otherSpellings(certificate: Uint8Array): readonly Uint8Array[] {
  const signed = signedIn(certificate);
  if (signed === undefined) return [];
  const { tbs, algorithm, r, s } = signed;
  return ORDERS.filter((order) => s > 0n && s < order).map((order) =>
    der(
      0x30,
      tbs.encoding,
      algorithm.encoding,
      der(0x03, Uint8Array.of(0), der(0x30, r.encoding, integer(order - s))),
    ),
  );
}

/**
 * What all spellings of a certificate have in common, and no two certificates.
 *
 * @throws DerError when it is no certificate
 */
export function spelledAlike(certificate: Uint8Array): Uint8Array {
  const signed = signedIn(certificate);
  if (signed === undefined) return certificate;
  return Buffer.concat([signed.tbs.encoding, signed.algorithm.encoding, signed.r.encoding]);
}

function signedIn(certificate: Uint8Array): Signed | undefined {
  const [whole] = readValues(certificate);
  const [tbs, algorithm, signature] = readMembers(whole, 0x30);
  const [identifier] = readMembers(algorithm, 0x30);
  if (tbs === undefined || algorithm === undefined) return undefined;
  if (!readObjectIdentifier(identifier).startsWith(ECDSA)) return undefined;
  const [pair] = readValues(readBitString(signature));
  const [r, s] = readMembers(pair, 0x30);
  const hex = readIntegerHex(s);
  return r === undefined || hex.startsWith('-') ? undefined : { tbs, algorithm, r, s: BigInt(`0x${hex}`) };
}

function integer(value: bigint): Buffer {
  const hex = value.toString(16);
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  const bytes = Buffer.from(even, 'hex');
  return der(0x02, ...((bytes[0] ?? 0) >= 0x80 ? [Uint8Array.of(0)] : []), bytes);
}
