import type { Readable, Writable } from 'node:stream';
import type { Pace } from '../limits/pace.ts';
import { passedOn } from '../young-buffers.ts';

/** How one stream flows into another. */
export interface Flow {
  /** How fast; undefined: as the other side takes it. */
  readonly pace: Pace | undefined;
  /** Whether the end of the one ends the other, too. */
  readonly ends: boolean;
}

/**
 * Passes one stream on into another, as `pipe` does, no faster than the other side takes it and than its pace allows. Two
 * reasons to wait are told apart here, which `pipe` can not: it goes on as soon as the other side does.
 *
 * @returns takes them apart; what arrives from then on is left to others
 */
export function pour(from: Readable, to: Writable, { pace, ends }: Flow): () => void {
  let isWaiting = false;
  let isOver = false;
  const goOn = (): void => {
    isWaiting = false;
    if (isOver) return;
    if (to.writableNeedDrain || pace?.isOpen === false) wait();
    else from.resume();
  };
  const wait = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    from.pause();
    if (to.writableNeedDrain) to.once('drain', goOn);
    else pace?.whenOpen(goOn);
  };
  const onData = (chunk: Buffer): void => {
    pace?.spend(chunk.length);
    if (!to.write(chunk) || pace?.isOpen === false) wait();
    passedOn(chunk.length);
  };
  const onEnd = (): void => {
    stop();
    if (ends) to.end();
  };
  const stop = (): void => {
    isOver = true;
    from.off('data', onData).off('end', onEnd);
    to.off('drain', goOn).off('close', leave).off('finish', leave);
  };
  const leave = (): void => {
    stop();
    from.pause();
  };
  from.on('data', onData).on('end', onEnd);
  to.on('close', leave).on('finish', leave);
  // Its end was told before anybody listened: a client had ended its side by the time that its body was read.
  if (from.readableEnded) process.nextTick(() => isOver || onEnd());
  else if (to.writableNeedDrain || pace?.isOpen === false) wait();
  else from.resume();
  return stop;
}
