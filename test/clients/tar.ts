/** A tar archive (ustar) of plain files of mode 0644 that belong to root. */
export function tar(files: Readonly<Record<string, string | Buffer>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const body = Buffer.from(content);
    return [tarHead(name, body.length), body, Buffer.alloc(padding(body.length))];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

/** The 512 bytes before a file of that size, for archives that are made on the way. */
export function tarHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(512);
  head.write(name, 0);
  head.write('0000644\0', 100);
  head.write('0000000\0', 108);
  head.write('0000000\0', 116);
  head.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  head.write('00000000000\0', 136);
  head.write('        ', 148);
  head.write('0', 156);
  head.write('ustar\x0000', 257);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return head;
}

function padding(size: number): number {
  return (512 - (size % 512)) % 512;
}
