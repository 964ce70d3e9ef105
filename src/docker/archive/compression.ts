/** What the Engine takes a body for by its first bytes, and unpacks before it reads it (moby, pkg/archive). */
export type Compression = 'gzip' | 'bzip2' | 'xz' | 'zstd';

/** How many bytes it looks at. */
export const SNIFFED_BYTES = 10;

const MAGIC: readonly (readonly [Compression, RegExp])[] = [
  ['bzip2', /^BZh/],
  ['gzip', /^\x1f\x8b\x08/],
  ['xz', /^\xfd7zXZ\0/],
  // The second form is a skippable frame (RFC 8878, 3.1.2).
  ['zstd', /^(?:\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18)/],
];

/**
 * How a body is compressed; undefined when its first bytes say that it is not.
 *
 * @param head its first bytes, `SNIFFED_BYTES` of them where there are as many
 */
export function compressionOf(head: Buffer): Compression | undefined {
  const text = head.toString('latin1', 0, SNIFFED_BYTES);
  return MAGIC.find(([, pattern]) => pattern.test(text))?.[0];
}
