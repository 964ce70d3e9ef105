import { Readable } from 'node:stream';
import type { Soon } from '../at-once.ts';
import { Refusal } from '../errors.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Where the stages get a request's body from, once its head has shown that it may be allowed. Only then is a client
 * that waits for `100 Continue` told to send it.
 */
export interface BodySource {
  /**
   * All of it, empty when there is none.
   *
   * @throws Refusal as `readBody` does
   */
  whole(shape: BodyShape): Soon<Buffer>;
  /** The body as it comes, of a request that stays within HTTP. */
  stream(shape: BodyShape): Readable;
}

/** What the head says about the body. */
export interface BodyShape {
  readonly chunked: boolean;
  readonly contentLength: number | undefined;
  readonly expectsContinue: boolean;
}

/** The body of a request that stays within HTTP. */
export function ordinaryBody(
  request: Readable,
  response: { writeContinue(): void },
  limits: BodyLimits,
): BodySource {
  const begin = (shape: BodyShape): Readable => {
    if (shape.expectsContinue && isDeclared(shape)) response.writeContinue();
    return request;
  };
  return {
    whole: (shape) => (isDeclared(shape) ? readBody(begin(shape), limits) : EMPTY),
    stream: begin,
  };
}

/** Of bytes that were no request. */
export const noBody: BodySource = {
  whole: () => EMPTY,
  stream: () => Readable.from([]),
};

/** Whether the head announces a body at all. */
export function isDeclared({ chunked, contentLength = 0 }: BodyShape): boolean {
  return chunked || contentLength > 0;
}

/** Bounds on a body that is read whole before it is judged. */
export interface BodyLimits {
  /** Bytes. */
  readonly bodyBytes: number;
  readonly bodySeconds: number;
}

/**
 * Reads a request body into memory.
 *
 * @returns its bytes, at most `limits.bodyBytes`
 * @throws Refusal 413 when it is larger, 408 when it takes too long, 400 when the client breaks off
 */
export function readBody(source: Readable, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(
      () => fail(new Refusal(408, 'body-timeout', `the body did not arrive within ${limits.bodySeconds} s`)),
      limits.bodySeconds * 1_000,
    );
    const detach = (): void => {
      clearTimeout(timer);
      source.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
    };
    const fail = (refusal: Refusal): void => {
      detach();
      reject(refusal);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limits.bodyBytes) fail(tooLarge(limits.bodyBytes));
      else chunks.push(chunk);
    };
    const onEnd = (): void => {
      detach();
      resolve(Buffer.concat(chunks, size));
    };
    const onClose = (): void =>
      fail(new Refusal(400, 'body-incomplete', 'the body ended before its declared length'));
    source.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose);
    if (source.destroyed) onClose(); // its 'close' may have been emitted before anybody listened
  });
}

/**
 * Reads exactly `length` bytes of body from a connection that has left Node's HTTP parser.
 *
 * @param head bytes of the connection that Node had read beyond the request's head
 * @returns the body, and the early bytes that followed it
 * @throws Refusal as `readBody` does
 */
export async function readBodyFromSocket(
  socket: Readable,
  head: Buffer,
  length: number,
  limits: BodyLimits,
): Promise<{ body: Buffer; early: Buffer }> {
  if (length > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
  const pieces = [head];
  let size = head.length;
  if (size < length) {
    const signal = AbortSignal.timeout(limits.bodySeconds * 1_000);
    while (size < length) {
      const chunk = await nextChunk(socket, signal, limits.bodySeconds);
      pieces.push(chunk);
      size += chunk.length;
    }
  }
  const bytes = pieces.length === 1 ? head : Buffer.concat(pieces, size);
  return { body: bytes.subarray(0, length), early: bytes.subarray(length) };
}

function nextChunk(socket: Readable, signal: AbortSignal, seconds: number): Promise<Buffer> {
  const ready = socket.read() as Buffer | null;
  if (ready !== null) return Promise.resolve(ready);
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onEnd);
      signal.removeEventListener('abort', onTimeout);
      act();
    };
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) settle(() => resolve(chunk));
    };
    const onEnd = (): void =>
      settle(() => reject(new Refusal(400, 'body-incomplete', 'the body ended before its declared length')));
    const onTimeout = (): void =>
      settle(() => reject(new Refusal(408, 'body-timeout', `the body did not arrive within ${seconds} s`)));
    socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', onEnd);
    signal.addEventListener('abort', onTimeout);
    if (socket.destroyed || socket.readableEnded) onEnd();
  });
}

function tooLarge(limit: number): Refusal {
  return new Refusal(413, 'body-too-large', `the body is larger than the ${limit} bytes this gateway judges`);
}
