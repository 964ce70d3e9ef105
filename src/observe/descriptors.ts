import { closeSync, openSync } from 'node:fs';
import type { Logger } from 'pino';
import type { Condition } from './readiness.ts';

/** How often it is looked, in milliseconds; one look takes some 10 us. */
const LOOK_MS = 1_000;

/** What open(2) says when a process, or the machine, has as many files open as it may. */
const NONE_LEFT = new Set(['EMFILE', 'ENFILE']);

/**
 * Notices that no file descriptor is left. Nobody else would tell: the kernel's answer to accept(2) stays within Node, which
 * closes what comes then.
 */
export class Descriptors {
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #since: string | undefined;

  constructor(log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  condition(): Condition {
    this.#look();
    return this.#since === undefined ? { ok: true } : { ok: false, reason: SENTENCE, since: this.#since };
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const isLeft = isOneLeft();
    if (isLeft === (this.#since === undefined)) return;
    if (isLeft) {
      this.#log.info({ since: this.#since }, 'there are file descriptors again');
      this.#since = undefined;
    } else {
      this.#since = new Date().toISOString();
      this.#log.error(SENTENCE);
    }
  }
}

const SENTENCE =
  'no file descriptor is left, and new connections are closed: raise the limit (LimitNOFILE=, ulimit -n), or lower limits.connections';

function isOneLeft(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return true;
  } catch (error) {
    return !NONE_LEFT.has((error as NodeJS.ErrnoException).code ?? '');
  }
}
