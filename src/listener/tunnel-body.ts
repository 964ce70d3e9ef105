import type { Duplex, Readable } from 'node:stream';
import { chunkedUpgrade } from '../docker/shape.ts';
import { Refusal } from '../errors.ts';
import { type BodyLimits, type BodyShape, type BodySource, readBodyFromSocket } from './body.ts';

/** A chunked body without a byte: what dockerode sends with `POST /session`. */
const NO_CHUNKS = Buffer.from('0\r\n\r\n');

/** The body of a request that has left Node's HTTP parser, read from its connection; what follows it is held. */
export class TunnelBody implements BodySource {
  readonly socket: Duplex;
  readonly #limits: BodyLimits;
  #held: Buffer;

  /** @param head bytes of the connection that Node had read beyond the request's head */
  constructor(socket: Duplex, head: Buffer, limits: BodyLimits) {
    this.socket = socket;
    this.#held = head;
    this.#limits = limits;
  }

  /** Bytes the client sent after the request, for the stream that it may become. */
  get early(): Buffer {
    return this.#held;
  }

  async whole({ chunked, contentLength = 0, expectsContinue }: BodyShape): Promise<Buffer> {
    const length = chunked ? NO_CHUNKS.length : contentLength;
    if (length > 0 && expectsContinue) this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    const { body, early } = await readBodyFromSocket(this.socket, this.#held, length, this.#limits);
    this.#held = early;
    if (!chunked) return body;
    if (!body.equals(NO_CHUNKS)) throw chunkedUpgrade();
    return Buffer.alloc(0);
  }

  stream(): Readable {
    throw new Refusal(500, 'internal-error', 'a request that becomes a stream carries no archive');
  }
}
