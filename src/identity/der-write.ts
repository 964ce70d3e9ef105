/** One DER value (X.690, section 10): its tag, the length in its shortest form, and what it holds. Below 16 MiB. */
export function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const { length } = content;
  const octets = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const size = Buffer.alloc(octets);
  if (octets > 0) size.writeUIntBE(length, 0, octets);
  return Buffer.concat([Buffer.from([tag, octets === 0 ? length : 0x80 | octets]), size, content]);
}
