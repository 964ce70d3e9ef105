const BLOCK = 512;

/** A tar archive (POSIX.1-1988, ustar) of one file of mode 0644 that belongs to root; without a file, an empty one. */
export function tarOf(name?: string, content = ''): Buffer {
  const end = Buffer.alloc(2 * BLOCK);
  if (name === undefined) return end;
  const body = Buffer.from(content);
  const head = Buffer.alloc(BLOCK);
  const octal = (number: number, digits: number): string => `${number.toString(8).padStart(digits, '0')}\0`;
  head.write(name, 0);
  head.write(octal(0o644, 7), 100);
  head.write(octal(0, 7), 108);
  head.write(octal(0, 7), 116);
  head.write(octal(body.length, 11), 124);
  head.write(octal(0, 11), 136);
  head.write(' '.repeat(8), 148);
  head.write('0', 156);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([head, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK), end]);
}
