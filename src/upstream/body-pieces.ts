import type { Readable } from 'node:stream';
import { Refusal } from '../errors.ts';
import type { Pace } from '../limits/pace.ts';
import type { Pieces } from './byte-queue.ts';

/** Bounds on a body that is not kept in memory. */
export interface BodyPiecesLimits {
  /** Bytes. */
  readonly bytes: number;
  /** How long the client may let the gateway wait for the next piece. */
  readonly idleSeconds: number;
}

/**
 * A client's body, piece by piece, taken only as fast as it is asked for. Unlike an async iterator it can be left at
 * any time without closing the connection, on which the refusal still has to be answered.
 */
export class BodyPieces implements Pieces {
  /** Bytes of the body that have arrived. */
  received = 0;
  readonly #source: Readable;
  readonly #limits: BodyPiecesLimits;
  readonly #pace: Pace | undefined;
  readonly #ready: Buffer[] = [];
  #over: 'ended' | Refusal | undefined;
  #wake: (() => void) | undefined;

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
  async next(): Promise<Buffer | null> {
    if (this.#ready.length === 0 && this.#over === undefined) await this.#more();
    const piece = this.#ready.shift();
    if (piece !== undefined) return piece;
    if (this.#over instanceof Refusal) throw this.#over;
    return null;
  }

  /** Leaves the body where it is; whoever waits for a piece is told that there are no more. */
  stop(): void {
    this.#finish('ended');
    this.#source
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('close', this.#onClose)
      .off('error', this.#onClose);
  }

  async #more(): Promise<void> {
    if (this.#pace?.isOpen === false) await new Promise<void>((resolve) => this.#pace?.whenOpen(resolve));
    if (this.#over !== undefined) return;
    await new Promise<void>((resolve) => {
      const { idleSeconds } = this.#limits;
      const timer = setTimeout(() => this.#finish(bodyLate(idleSeconds)), idleSeconds * 1_000);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      this.#source.resume();
    });
  }

  #finish(how: 'ended' | Refusal): void {
    this.#over ??= how;
    this.#wake?.();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.received += chunk.length;
    this.#pace?.spend(chunk.length);
    this.#source.pause();
    if (this.received > this.#limits.bytes) this.#finish(archiveTooLarge(this.#limits.bytes));
    else if (chunk.length > 0) this.#ready.push(chunk);
    this.#wake?.();
  };
  readonly #onEnd = (): void => this.#finish('ended');
  readonly #onClose = (): void =>
    this.#finish(new Refusal(400, 'body-incomplete', 'the body ended before its declared length'));
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
