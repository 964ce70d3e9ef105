/** A Dockerfile of which nobody can say what it is built from; the message says why, for a refusal. */
export class Unclear extends Error {
  override readonly name = 'Unclear';
}

/** @throws Unclear */
export function unclear(line: number, why: string): never {
  throw new Unclear(`line ${line} of the Dockerfile ${why}`);
}
