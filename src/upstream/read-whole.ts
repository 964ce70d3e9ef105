/** Replies that are read whole are lists and inspections; a list of ten thousand containers stays far below. */
export const MOST_WHOLE = 134_217_728;

/**
 * Reads a reply to its end.
 *
 * @param most bytes
 * @throws Error when it breaks off or is larger
 */
export async function readWhole(reply: AsyncIterable<unknown>, most = MOST_WHOLE): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply) {
    size += (chunk as Buffer).length;
    if (size > most) throw new Error('the reply is larger than what is read whole');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
