import type { OutgoingHttpHeaders } from 'node:http';
import { clientGone } from '../errors.ts';
import type { Engine } from './engine.ts';
import { GarbledReply } from './reply-parser.ts';
import { requestBytes } from './request-bytes.ts';

/** The Engine unpacks large layers without a word. */
const PATIENCE: Patience = { silentMs: 600_000, wholeMs: 3_600_000 };
/** Of a line of its answer, in bytes; what it says of one layer is a tenth of that. */
const LINE_BYTES = 16_384;

/** What became of a pull. */
export interface Pulled {
  /** Of the Engine's answer. */
  readonly status: number;
  /** What it says went wrong; undefined where nothing did. */
  readonly error: string | undefined;
}

/**
 * Has the Engine pull an image.
 *
 * @param target of `ImageCreate`
 * @param headers with credentials for the registry, if any
 * @param signal ends it, when whoever it is for has left
 * @throws Refusal 502 or 503 when the Engine can not be reached or does not come to an end; 400 `client-gone`
 */
export type PullImage = (
  target: string,
  headers: OutgoingHttpHeaders,
  signal: AbortSignal,
) => Promise<Pulled>;

/** How long a pull may take. */
export interface Patience {
  /** The Engine may say nothing, in milliseconds. */
  readonly silentMs: number;
  /** In all, in milliseconds. */
  readonly wholeMs: number;
}

/** @returns a function that pulls, each time on a connection of its own: what else is asked does not wait for it */
export function puller(engine: Engine, { silentMs, wholeMs }: Patience = PATIENCE): PullImage {
  return (target, headers, signal) =>
    new Promise((resolve, reject) => {
      const errors = new FirstError();
      let status: number | undefined;
      const over = (): void => {
        clearTimeout(silence);
        clearTimeout(whole);
        signal.removeEventListener('abort', left);
      };
      const fail = (error: unknown): void => {
        over();
        reject(engine.refusal(error));
      };
      const left = (): void => {
        over();
        flight.abort();
        reject(clientGone());
      };
      const giveUp = (): void => {
        flight.abort();
        fail(Object.assign(new Error('the Engine does not come to an end of a pull'), { code: 'ETIMEDOUT' }));
      };
      const silence = setTimeout(giveUp, silentMs);
      const whole = setTimeout(giveUp, wholeMs);
      const flight = engine.connections.sendAlone({
        method: 'POST',
        bytes: requestBytes('POST', target, { Host: 'docker', ...headers }, { isLast: true }),
        onHead: (head) => {
          status = head.status;
          silence.refresh();
        },
        onBody: (chunk) => {
          silence.refresh();
          errors.read(chunk);
        },
        onEnd: () => {
          if (status === undefined) return fail(new GarbledReply('an answer without a head'));
          over();
          const said = errors.end();
          resolve({ status, error: said ?? (status === 200 ? undefined : `status ${status}`) });
        },
        onError: fail,
      });
      signal.addEventListener('abort', left);
      if (signal.aborted) left();
    });
}

/** Finds the first error in the answer to a pull: JSON values in lines, or one that is all of it. Nothing else is kept. */
class FirstError {
  #line: Buffer[] = [];
  #length = 0;
  #found: string | undefined;

  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(0x0a, at);
      const last = end === -1 ? chunk.length : end;
      const room = Math.max(0, LINE_BYTES - this.#length);
      if (room > 0) this.#line.push(Buffer.from(chunk.subarray(at, Math.min(last, at + room))));
      this.#length += last - at;
      if (end !== -1) this.#take();
      at = last + 1;
    }
  }

  end(): string | undefined {
    this.#take();
    return this.#found;
  }

  #take(): void {
    const line = Buffer.concat(this.#line).toString('utf8');
    const isWhole = this.#length <= LINE_BYTES;
    this.#line = [];
    this.#length = 0;
    if (this.#found !== undefined || !/"(?:error|message)"/.test(line)) return;
    try {
      const { error, message } = JSON.parse(line) as { readonly error?: unknown; readonly message?: unknown };
      const said = error ?? message;
      if (typeof said === 'string') this.#found = said;
    } catch {
      this.#found = isWhole ? 'the Engine answered what is no JSON' : 'the Engine said too much of it';
    }
  }
}
