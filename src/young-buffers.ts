import { collectYoung } from './collections.ts';

/** After so many bytes what is used no more is taken back: little enough to find its memory again in a cache of the CPU. */
const MOST_BYTES = 2_097_152;

let passed = 0;

/**
 * Tells of bytes that came in a buffer of their own, as Node gives each piece of a connection or a file, and that are used
 * no more once they were passed on. V8 counts such buffers with its old objects and not with its young ones: after some 20 MB of
 * them it goes through its whole heap, which costs more than all else that is done with an upload. To look among
 * the young objects, every 2 MB, finds them all.
 *
 * @param bytes how many
 */
export function passedOn(bytes: number): void {
  passed += bytes;
  if (passed < MOST_BYTES) return;
  passed = 0;
  collectYoung();
}
