import { type DerValue, readMembers, readObjectIdentifier } from './der.ts';

/** One attribute of a distinguished name, as the CA signed it. */
export interface NameAttribute {
  /** Dotted object identifier. */
  readonly type: string;
  /** Undefined where the string type has no reading everyone agrees on (T61String and rarer ones). */
  readonly value: string | undefined;
  /** The value's DER encoding. */
  readonly encoding: Uint8Array;
}

/** Relative distinguished names in the order of the certificate; each has one attribute or more. */
export type DistinguishedName = readonly (readonly NameAttribute[])[];

export const commonName = '2.5.4.3';
export const organization = '2.5.4.10';
export const organizationalUnit = '2.5.4.11';

const shortNames: ReadonlyMap<string, string> = new Map([
  [commonName, 'CN'],
  [organization, 'O'],
  [organizationalUnit, 'OU'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
]);

/** Reads a Name (RFC 5280, section 4.1.2.4). Throws a DerError when it is not one. */
export function readDistinguishedName(name: DerValue | undefined): DistinguishedName {
  return readMembers(name, 0x30).map((rdn) => readMembers(rdn, 0x31).map(readAttribute));
}

/**
 * All values of one attribute type. Taken from the structure and never from a printed name, in which a value
 * can pose as further attributes (CVE-2021-44532, CVE-2021-44533).
 */
export function attributeValues(name: DistinguishedName, type: string): readonly (string | undefined)[] {
  return name.flatMap((rdn) => rdn.filter((attribute) => attribute.type === type).map(({ value }) => value));
}

/** Prints a name by RFC 4514 (which replaces RFC 2253), last part first. Control characters come out escaped. */
export function formatDistinguishedName(name: DistinguishedName): string {
  return [...name]
    .reverse()
    .map((rdn) => rdn.map(formatAttribute).join('+'))
    .join(',');
}

/** One attribute as `formatDistinguishedName` prints it. */
const attributeForm = [
  `(?:${[...shortNames.values()].join('|')})=(?:#(?:[0-9a-f]{2})+|(?![ #])(?:[^\\\\",+<>;=]|\\\\(?:[\\\\",+<>;= #]|[0-9A-F]{2}))*)`,
  '\\d+(?:\\.\\d+)+=#(?:[0-9a-f]{2})+',
].join('|');
const nameForm = new RegExp(`^(?:${attributeForm})(?:[,+](?:${attributeForm}))*$`, 'u');

/** Whether a text is a name as `formatDistinguishedName` prints it; another spelling of the same name is none. */
export function isFormattedName(text: string): boolean {
  return nameForm.test(text);
}

function readAttribute(attribute: DerValue): NameAttribute {
  const [type, value, ...rest] = readMembers(attribute, 0x30);
  const oid = readObjectIdentifier(type);
  if (value === undefined || rest.length > 0)
    return { type: oid, value: undefined, encoding: attribute.content };
  return { type: oid, value: decodeString(value), encoding: value.encoding };
}

function decodeString({ tag, content }: DerValue): string | undefined {
  switch (tag) {
    case 0x0c: // UTF8String
      return decode('utf-8', content);
    case 0x1e: // BMPString
      return decode('utf-16be', content);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x16: // IA5String
      return decodeAscii(content);
    default:
      return undefined;
  }
}

/** Text of 7-bit characters, undefined when a byte is none. */
export function decodeAscii(bytes: Uint8Array): string | undefined {
  return bytes.every((byte) => byte < 0x80) ? Buffer.from(bytes).toString('latin1') : undefined;
}

function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function formatAttribute({ type, value, encoding }: NameAttribute): string {
  const short = shortNames.get(type);
  if (short === undefined || value === undefined) {
    return `${short ?? type}=#${Buffer.from(encoding).toString('hex')}`;
  }
  return `${short}=${escapeValue(value)}`;
}

function escapeValue(value: string): string {
  return value
    .replace(/[\\",+<>;=]/g, '\\$&')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
      [...Buffer.from(character)]
        .map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`)
        .join(''),
    )
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}
