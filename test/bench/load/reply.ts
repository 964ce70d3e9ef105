const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/** The status of a reply whose first bytes these are; 599 when they are no reply. */
export function statusOf(bytes: Buffer): number {
  return Number(/^HTTP\/1\.[01] ([0-9]{3})/.exec(bytes.toString('latin1', 0, 12))?.[1] ?? 599);
}

/**
 * Tells when one reply is complete. Nothing is pipelined, so that a reply is framed by its Content-Length or by
 * the last chunk at the very end of what has arrived. Not for replies that last until the connection closes.
 */
export class ReplyScanner {
  status = 0;
  #bytes: Buffer | undefined;
  #length = 0;
  /** Bytes that a reply with a Content-Length has in all; undefined for a chunked one, 0 before its head is whole. */
  #total: number | undefined = 0;

  reset(): void {
    this.status = 0;
    this.#bytes = undefined;
    this.#length = 0;
    this.#total = 0;
  }

  /** Takes what has arrived. Returns whether the reply is complete. */
  push(chunk: Buffer): boolean {
    this.#length += chunk.length;
    if (this.#total === 0) {
      this.#bytes = this.#bytes === undefined ? chunk : Buffer.concat([this.#bytes, chunk]);
      const end = this.#bytes.indexOf(HEAD_END);
      if (end === -1) return false;
      const head = this.#bytes.toString('latin1', 0, end);
      this.status = statusOf(this.#bytes);
      const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
      this.#total = length === undefined ? undefined : end + HEAD_END.length + Number(length);
    } else if (this.#total === undefined) {
      const tail = this.#bytes?.subarray(-LAST_CHUNK.length) ?? Buffer.alloc(0);
      this.#bytes = chunk.length >= LAST_CHUNK.length ? chunk : Buffer.concat([tail, chunk]);
    }
    if (this.#total !== undefined) return this.#length >= this.#total;
    return this.#bytes?.subarray(-LAST_CHUNK.length).toString('latin1') === LAST_CHUNK;
  }
}
