import { setImmediate as nextTurn } from 'node:timers/promises';
import { DerError, type DerPlace, type DerValue, placeOf, readMembers } from '../der.ts';
import { normalizeSerial, readBitString, readIntegerHex, readTime } from '../der-values.ts';
import { formatDistinguishedName, readDistinguishedName } from '../distinguished-name.ts';
import { type Extension, readExtensions, readUris } from '../extensions.ts';

/** One certificate on a list of revoked ones. */
export interface Revoked {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** CRLReason by its name (RFC 5280, section 5.3.1), where one is given. */
  readonly reason: string | undefined;
}

/**
 * What is read of a certificate revocation list before its signature is verified: as little as that takes. Whoever sits between
 * the gateway and a URL can send anything.
 */
export interface SealedCrl {
  /** The issuer's distinguished name by RFC 4514. */
  readonly issuer: string;
  /** What was signed, how, and the signature. */
  readonly signed: DerValue;
  readonly algorithm: DerValue;
  readonly signature: Uint8Array;
}

/** A certificate revocation list (RFC 5280, section 5). */
export interface Crl {
  /** The issuer's distinguished name by RFC 4514. */
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  readonly scope: Scope;
  /** By serial number, see `normalizeSerial`. */
  readonly revoked: ReadonlyMap<string, Revoked>;
}

/** Of which certificates of its issuer a list speaks (issuingDistributionPoint, RFC 5280, section 5.2.5). */
export interface Scope {
  readonly users: boolean;
  readonly authorities: boolean;
  /** Only of certificates that name one of these URIs as their distribution point; undefined: of all. */
  readonly points: readonly string[] | undefined;
}

/** A list that can not be used. The message is a part of a sentence for the operator: "it is a delta CRL". */
export class CrlError extends Error {
  override readonly name = 'CrlError';
}

const crlNumber = '2.5.29.20';
const reasonCode = '2.5.29.21';
const deltaCrlIndicator = '2.5.29.27';
const issuingDistributionPoint = '2.5.29.28';
const certificateIssuer = '2.5.29.29';
const authorityKeyIdentifier = '2.5.29.35';

const reasons: readonly (string | undefined)[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  undefined,
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
];

/** How many entries are read in one turn of the event loop: some 2 ms. */
const ENTRIES_A_TURN = 1_000;

/** How many different entries, serial number aside, are remembered while a list is read. */
const MOST_ALIKE = 10_000;

/** Of a list without an issuingDistributionPoint. */
export const EVERYTHING: Scope = { users: true, authorities: true, points: undefined };

/** The longest name of an issuer, algorithm and signature, each in bytes: an RSA key of 16,384 bits signs with 2,048. */
const MOST_UNVERIFIED_BYTES = 4_096;

/**
 * Reads of a CRL what it takes to verify its signature, see `isSignedBy`. Only then is it to be read with `readCrl`.
 *
 * @throws CrlError for what is none
 */
export function readSealedCrl(der: Uint8Array): SealedCrl {
  try {
    return readSealed(der);
  } catch (error) {
    throw asCrlError(error);
  }
}

/**
 * Reads a CRL whose signature is verified.
 *
 * @throws CrlError for what RFC 5280 has us refuse (section 5.2: unknown critical extensions, section 5.1.2.5: no
 * nextUpdate), and for delta and indirect CRLs and those for some reasons only, which are not processed here
 */
export async function readCrl(sealed: SealedCrl): Promise<Crl> {
  try {
    return await read(sealed);
  } catch (error) {
    throw asCrlError(error);
  }
}

function asCrlError(error: unknown): unknown {
  return error instanceof DerError ? new CrlError(`it is no CRL in strict DER (${error.message})`) : error;
}

function readSealed(der: Uint8Array): SealedCrl {
  const list = placeOf(der, 0);
  if (list.end < der.length) throw new DerError('bytes after it');
  const tbs = memberAt(der, list.start, list);
  const algorithm = shortMemberAt(der, list.start + tbs.encoding.length, list);
  const at = list.start + tbs.encoding.length + algorithm.encoding.length;
  const signature = shortMemberAt(der, at, list);
  if (at + signature.encoding.length < list.end) throw new DerError('bytes after it');
  if (list.tag !== 0x30 || tbs.tag !== 0x30) throw new DerError('expected tag 0x30');
  const { encoding } = tbs;
  const inside = placeOf(encoding, 0);
  const first = placeOf(encoding, inside.start, inside.end);
  const inner = first.tag === 0x02 ? placeOf(encoding, first.end, inside.end) : first;
  const issuer = shortMemberAt(encoding, inner.end, inside);
  return {
    issuer: formatDistinguishedName(readDistinguishedName(issuer)),
    signed: tbs,
    algorithm,
    signature: readBitString(signature),
  };
}

/** The value at `offset` of one that is around it. */
function memberAt(bytes: Uint8Array, offset: number, around: DerPlace): DerValue {
  const { tag, start, end } = placeOf(bytes, offset, around.end);
  return { tag, content: bytes.subarray(start, end), encoding: bytes.subarray(offset, end) };
}

function shortMemberAt(bytes: Uint8Array, offset: number, around: DerPlace): DerValue {
  const member = memberAt(bytes, offset, around);
  if (member.encoding.length > MOST_UNVERIFIED_BYTES)
    throw new DerError(`a name, algorithm or signature of more than ${MOST_UNVERIFIED_BYTES} bytes`);
  return member;
}

async function read({ issuer, signed, algorithm }: SealedCrl): Promise<Crl> {
  const fields = [...readMembers(signed, 0x30)];
  const version = fields[0]?.tag === 0x02 ? readIntegerHex(fields.shift()) : undefined;
  const inner = fields.shift();
  fields.shift(); // the issuer
  const thisUpdate = readTime(fields.shift());
  const isTime = fields[0]?.tag === 0x17 || fields[0]?.tag === 0x18;
  if (!isTime) throw new CrlError('it has no nextUpdate, so nobody can tell when it is out of date');
  const nextUpdate = readTime(fields.shift());
  const entries = fields[0]?.tag === 0x30 ? fields.shift() : undefined;
  const extensions = fields[0]?.tag === 0xa0 ? readExtensions(readMembers(fields.shift(), 0xa0)[0]) : [];
  if (fields.length > 0) throw new DerError('more fields than a CRL has');
  if (version !== undefined && version !== '1') throw new DerError('a version that is not 2');
  // Otherwise what is verified would be signed by another algorithm than the issuer says (section 5.1.1.2).
  if (inner === undefined || !sameBytes(inner.encoding, algorithm.encoding))
    throw new DerError('two signature algorithms');
  return {
    issuer,
    thisUpdate,
    nextUpdate,
    scope: scopeOf(extensions),
    revoked: await readEntries(entries),
  };
}

function scopeOf(extensions: readonly Extension[]): Scope {
  let scope = EVERYTHING;
  for (const extension of extensions) {
    const { oid, isCritical } = extension;
    if (oid === deltaCrlIndicator)
      throw new CrlError('it is a delta CRL; name the complete one in its place');
    if (oid === issuingDistributionPoint) scope = readScope(extension.value);
    // RFC 5280 has a cRLNumber not critical; an issuer that marks it so asks nothing that is not done.
    else if (isCritical && oid !== crlNumber && oid !== authorityKeyIdentifier)
      throw new CrlError(`it has a critical extension that is not known here (${oid})`);
  }
  return scope;
}

/** Flags are context tags 1 to 5 (RFC 5280, section 5.2.5); DER leaves false ones out. */
function readScope(value: DerValue | undefined): Scope {
  const fields = readMembers(value, 0x30);
  const has = (tag: number): boolean => fields.some((field) => field.tag === tag);
  if (has(0x84))
    throw new CrlError('it is an indirect CRL, which speaks of certificates of other issuers too');
  if (has(0x83)) throw new CrlError('it speaks of some reasons of revocation only; name the complete one');
  if (has(0x85)) throw new CrlError('it speaks of attribute certificates only');
  const point = fields.find(({ tag }) => tag === 0xa0);
  const [name] = point === undefined ? [] : readMembers(point, 0xa0);
  if (name !== undefined && name.tag !== 0xa0)
    throw new CrlError('its distribution point is not named by a URI');
  return {
    users: !has(0x82),
    authorities: !has(0x81),
    points: name === undefined ? undefined : readUris(name),
  };
}

/** The entries as they stand in their list: taking each value of 100,000 apart by itself would take seconds. */
async function readEntries(list: DerValue | undefined): Promise<ReadonlyMap<string, Revoked>> {
  const revoked = new Map<string, Revoked>();
  if (list === undefined) return revoked;
  const bytes = Buffer.from(list.content.buffer, list.content.byteOffset, list.content.length);
  const valueAt = ({ tag, start, end }: DerPlace, from: number): DerValue => ({
    tag,
    content: bytes.subarray(start, end),
    encoding: bytes.subarray(from, end),
  });
  // Most entries share what they say beside their serial number.
  const alike = new Map<string, Revoked>();
  let count = 0;
  for (let offset = 0; offset < bytes.length; ) {
    const entry = placeOf(bytes, offset);
    if (entry.tag !== 0x30) throw new DerError('an entry of another form');
    const serial = placeOf(bytes, entry.start, entry.end);
    const rest = bytes.toString('latin1', serial.end, entry.end);
    let what = alike.get(rest);
    if (what === undefined) {
      const date = placeOf(bytes, serial.end, entry.end);
      const extensions = date.end === entry.end ? undefined : placeOf(bytes, date.end, entry.end);
      if (extensions !== undefined && extensions.end !== entry.end)
        throw new DerError('an entry of another form');
      what = {
        at: readTime(valueAt(date, serial.end)),
        reason: extensions === undefined ? undefined : readReason(valueAt(extensions, date.end)),
      };
      if (alike.size < MOST_ALIKE) alike.set(rest, what);
    }
    revoked.set(serialAt(bytes, serial, entry.start), what);
    offset = entry.end;
    count += 1;
    if (count % ENTRIES_A_TURN === 0) await nextTurn();
  }
  return revoked;
}

function serialAt(bytes: Buffer, { tag, start, end }: DerPlace, from: number): string {
  const isPlain = tag === 0x02 && start < end && (bytes[start] ?? 0) < 0x80;
  if (isPlain) return normalizeSerial(bytes.toString('hex', start, end));
  return readIntegerHex({ tag, content: bytes.subarray(start, end), encoding: bytes.subarray(from, end) });
}

/** A CRLReason by its name. */
export function reasonName(value: DerValue | undefined): string | undefined {
  return value === undefined ? undefined : reasons[value.content[0] ?? 0];
}

function readReason(extensions: DerValue): string | undefined {
  let reason: string | undefined;
  for (const extension of readExtensions(extensions)) {
    const { oid, isCritical } = extension;
    if (oid === certificateIssuer) {
      throw new CrlError('it is an indirect CRL, which speaks of certificates of other issuers too');
    }
    if (oid === reasonCode) reason = reasonName(extension.value);
    else if (isCritical) {
      throw new CrlError(`an entry of it has a critical extension that is not known here (${oid})`);
    }
  }
  return reason;
}

function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
