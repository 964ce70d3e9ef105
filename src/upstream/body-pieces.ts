import type { Readable } from 'node:stream';
import type { Soon } from '../at-once.ts';
import { Refusal } from '../errors.ts';
import type { Pace } from '../limits/pace.ts';
import { passedOn } from '../young-buffers.ts';
import type { Pieces } from './byte-queue.ts';

/** Bounds on a body that is not kept in memory. */
export interface BodyPiecesLimits {
  /** Bytes. */
  readonly bytes: number;
  /** How long the client may let the gateway wait for the next piece. */
  readonly idleSeconds: number;
}

/** What may wait to be taken, in bytes: more arrives while a piece is on its way to disk. */
const MOST_READY = 131_072;
/** What a piece counts for besides its own bytes, as it takes memory and time: a client may send each byte by itself. */
const PIECE_BYTES = 512;

/**
 * A client's body, piece by piece, read no further ahead than `MOST_READY`. Unlike an async iterator it can be left at
 * any time without closing the connection, on which the refusal still has to be answered.
 */
export class BodyPieces implements Pieces {
  /** Bytes of the body that have arrived. */
  received = 0;
  readonly #source: Readable;
  readonly #limits: BodyPiecesLimits;
  readonly #pace: Pace | undefined;
  readonly #ready: Buffer[] = [];
  /** What they count for. */
  #readyBytes = 0;
  #over: 'ended' | Refusal | undefined;
  #wake: (() => void) | undefined;
  /** One for all waits, of which each starts it anew. */
  #idle: NodeJS.Timeout | undefined;

  /** @param pace how fast it may come; undefined: as it does */
  constructor(source: Readable, limits: BodyPiecesLimits, pace?: Pace) {
    this.#source = source;
    this.#limits = limits;
    this.#pace = pace;
    source
      .on('data', this.#onData)
      .on('end', this.#onEnd)
      .on('close', this.#onClose)
      .on('error', this.#onClose);
    source.pause();
    if (source.readableEnded) this.#onEnd();
    else if (source.destroyed) this.#onClose(); // its 'close' may have been emitted before anybody listened
  }

  /** @throws Refusal 400 when the client breaks off, 408 when it is too slow, 413 when it sends too much */
  next(): Soon<Buffer | null> {
    if (this.#ready.length > 0) return this.#taken();
    if (this.#over === undefined) return this.#more().then(() => this.next());
    if (this.#over instanceof Refusal) throw this.#over;
    return null;
  }

  /** Leaves the body where it is; whoever waits for a piece is told that there are no more. */
  stop(): void {
    this.#finish('ended');
    clearTimeout(this.#idle);
    this.#source
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onClose)
      .off('error', this.#onClose);
  }

  /** One piece, or all that are there where they are small: whoever unpacks or scans them has work with each. */
  #taken(): Buffer {
    const areSmall = this.#readyBytes < this.#ready.length * 2 * PIECE_BYTES;
    const taken = areSmall ? this.#ready.splice(0) : this.#ready.splice(0, 1);
    for (const piece of taken) this.#readyBytes -= piece.length + PIECE_BYTES;
    const hasRoom = this.#readyBytes < MOST_READY / 2;
    if (hasRoom && this.#over === undefined && this.#pace?.isOpen !== false) this.#source.resume();
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken);
  }

  async #more(): Promise<void> {
    if (this.#pace?.isOpen === false) await new Promise<void>((resolve) => this.#pace?.whenOpen(resolve));
    if (this.#over !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#idle === undefined) this.#idle = setTimeout(this.#onIdle, this.#limits.idleSeconds * 1_000);
      else this.#idle.refresh();
      this.#source.resume();
    });
  }

  #finish(how: 'ended' | Refusal): void {
    this.#over ??= how;
    this.#source.pause();
    this.#woken();
  }

  #woken(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.received += chunk.length;
    this.#pace?.spend(chunk.length);
    passedOn(chunk.length);
    if (this.received > this.#limits.bytes) {
      this.#finish(archiveTooLarge(this.#limits.bytes));
      return;
    }
    if (chunk.length === 0) return;
    this.#ready.push(chunk);
    this.#readyBytes += chunk.length + PIECE_BYTES;
    if (this.#readyBytes >= MOST_READY || this.#pace?.isOpen === false) this.#source.pause();
    this.#woken();
  };
  readonly #onEnd = (): void => this.#finish('ended');
  readonly #onClose = (): void =>
    this.#finish(new Refusal(400, 'body-incomplete', 'the body ended before its declared length'));
  readonly #onIdle = (): void => {
    if (this.#wake !== undefined) this.#finish(bodyLate(this.#limits.idleSeconds));
  };
}

function bodyLate(idleSeconds: number): Refusal {
  return new Refusal(408, 'body-timeout', `nothing of the body arrived for ${idleSeconds} s`);
}

export function archiveTooLarge(bytes: number): Refusal {
  return new Refusal(
    413,
    'archive-too-large',
    `the archive is larger than the ${bytes} bytes that this gateway takes to disk to judge it`,
  );
}
