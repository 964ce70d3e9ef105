import { DerError, type DerValue } from './der.ts';

/** Readers of single DER values, besides those of `der.ts`. */

/**
 * An INTEGER as certificates print their serial numbers: hexadecimal in capitals, without leading zeros, `-` before a
 * negative one. Throws a DerError for any other value.
 */
export function readIntegerHex(value: DerValue | undefined): string {
  if (value?.tag !== 0x02 || value.content.length === 0) throw new DerError('expected an integer');
  const { content } = value;
  const hex = Buffer.from(content.buffer, content.byteOffset, content.length).toString('hex');
  if ((content[0] ?? 0) < 0x80) return normalizeSerial(hex);
  const negative = (1n << BigInt(content.length * 8)) - BigInt(`0x${hex}`);
  return `-${normalizeSerial(negative.toString(16))}`;
}

/** A serial number in the one spelling in which they are compared, from hexadecimal digits as OpenSSL prints them. */
export function normalizeSerial(hex: string): string {
  return hex.toUpperCase().replace(/^(-?)0+(?=.)/, '$1');
}

/**
 * A UTCTime or GeneralizedTime in the forms that RFC 5280, section 4.1.2.5, leaves (whole seconds, `Z`), in milliseconds
 * since the epoch. Throws a DerError for any other value.
 */
export function readTime(value: DerValue | undefined): number {
  const { tag, content } = value ?? {};
  const text = Buffer.from(content ?? []).toString('latin1');
  const digits = tag === 0x17 ? `${text < '5' ? '20' : '19'}${text}` : tag === 0x18 ? text : '';
  const parts = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(digits);
  if (parts === null) throw new DerError('expected a time');
  const [, year, month, day, hour, minute, second] = parts;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time)) throw new DerError('a time that is none');
  return time;
}

/** The bytes of a BIT STRING without unused bits. Throws a DerError for any other value. */
export function readBitString(value: DerValue | undefined): Uint8Array {
  if (value?.tag !== 0x03 || value.content[0] !== 0)
    throw new DerError('expected a bit string of whole bytes');
  return value.content.subarray(1);
}
