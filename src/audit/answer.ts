import type { Content } from '../docker/content.ts';
import type { Concealer } from './concealer.ts';
import { printable } from './printable.ts';

/** Longest answer that is looked at, in bytes. */
const MOST_ANSWER = 65_536;

/** What a record keeps of the Engine's answer: its error text, the id of what it made, and its body where a rule asks. */
export class Answer {
  readonly #wantsBody: boolean;
  readonly #status: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** @param wantsBody whether the level is RequestResponse */
  constructor(status: number, wantsBody: boolean) {
    this.#status = status;
    this.#wantsBody = wantsBody;
  }

  /** Whether anything of an answer with that status is kept. */
  static isKept(status: number, wantsBody: boolean): boolean {
    return wantsBody || status >= 400 || status === 201;
  }

  take(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes <= MOST_ANSWER) this.#chunks.push(chunk);
    else this.#chunks.length = 0;
  }

  /** The Engine's error text, at most 1,024 characters; null where there is none. */
  error(conceal: Concealer, content: Content | undefined, query: string): string | null {
    if (this.#status < 400) return null;
    const message = this.#member('message');
    return message === undefined ? null : printable(conceal.error(message, content, query), 1_024);
  }

  /** The full id, or name, of what was made. */
  created(): string | undefined {
    if (this.#status !== 201) return undefined;
    return this.#member('Id') ?? this.#member('ID') ?? this.#member('Name');
  }

  /** @returns undefined where none is kept */
  body(conceal: Concealer): unknown {
    if (!this.#wantsBody || this.#bytes === 0) return undefined;
    return this.#bytes > MOST_ANSWER
      ? conceal.answer(Buffer.alloc(MOST_ANSWER + 1))
      : conceal.answer(this.#whole());
  }

  #member(name: string): string | undefined {
    try {
      const member = (JSON.parse(this.#whole().toString()) as Readonly<Record<string, unknown>>)[name];
      return typeof member === 'string' ? member : undefined;
    } catch {
      return undefined;
    }
  }

  #whole(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}
