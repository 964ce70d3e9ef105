const UNITS: Readonly<Record<string, bigint>> = {
  '': 1n,
  b: 1n,
  k: 2n ** 10n,
  m: 2n ** 20n,
  g: 2n ** 30n,
  t: 2n ** 40n,
};

/**
 * Reads a size as the docker CLI does (go-units, RAMInBytes): a whole number of bytes, or with a unit of 1,024:
 * `512m`, `2g`, `2GB`, `64KiB`.
 *
 * @returns bytes; undefined when it is no size
 */
export function parseSize(text: string): bigint | undefined {
  const [, digits = '', unit = ''] = /^([0-9]{1,15}) ?(b|[kmgt](?:i?b)?)?$/i.exec(text) ?? [];
  const factor = UNITS[unit.charAt(0).toLowerCase()];
  return digits === '' || factor === undefined ? undefined : BigInt(digits) * factor;
}
