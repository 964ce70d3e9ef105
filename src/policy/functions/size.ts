const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/**
 * Reads a size as Docker does (go-units, RAMInBytes): a number, and k, m, g, t or p for powers of 1024, in any case,
 * with or without `b` or `iB`.
 *
 * @returns bytes; undefined when it is no size
 */
export function parseSize(text: string): bigint | undefined {
  const [, whole, fraction = '', unit = ''] =
    /^([0-9]{1,18})(?:\.([0-9]{1,9}))? ?(?:([kmgtp])i?)?b?$/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const factor = 1024n ** BigInt(UNITS.indexOf(unit.toLowerCase()));
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(whole + fraction) * factor) / scale;
}

/** Bytes as a person would write them. */
export function formatSize(bytes: bigint): string {
  let value = bytes;
  let unit = 0;
  while (unit < UNITS.length - 1 && value !== 0n && value % 1024n === 0n) {
    value /= 1024n;
    unit += 1;
  }
  return unit === 0 ? `${value} bytes` : `${value}${UNITS[unit]}`;
}
