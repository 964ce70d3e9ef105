/** One frame of a stream without a terminal: 1 is standard output, 2 standard error. */
export interface Frame {
  readonly stream: number;
  readonly text: string;
  readonly bytes: Buffer;
}

/** Takes apart what attach, logs and exec send when there is no terminal (8 bytes of head before each frame). */
export function frames(bytes: Buffer): Frame[] {
  const found: Frame[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at + 4);
    const payload = bytes.subarray(at + 8, at + 8 + length);
    found.push({ stream: bytes[at] as number, bytes: payload, text: payload.toString() });
    at += 8 + length;
  }
  return found;
}

/** The text of one stream of it, joined. */
export function textOf(bytes: Buffer, stream: 1 | 2): string {
  return frames(bytes)
    .filter((frame) => frame.stream === stream)
    .map(({ text }) => text)
    .join('');
}
