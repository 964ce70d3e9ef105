import { expand } from './expand.ts';
import { unclear } from './unclear.ts';

/** The values that `buildargs` gives; null is a name without a value. */
export type BuildArguments = ReadonlyMap<string, string | null>;

/** Arguments that the builder knows without an ARG (moby, builder/dockerfile/buildargs.go); newer ones know more. */
const PREDEFINED = /^(?:(?:http|https|ftp|no|all)_proxy|(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY)$/;

const WORD = /(?:[^\t\v\f '"]|'[^']*'|"[^"]*")+/y;
const SPACES = /[\t\v\f ]*/y;

/** The arguments that are declared before the first FROM, and what they are worth in one. */
export class MetaArguments {
  readonly #given: BuildArguments;
  /** By name: the default, undefined without one, null when nobody can say. */
  readonly #declared = new Map<string, string | undefined | null>();
  #opaque = false;

  constructor(given: BuildArguments) {
    this.#given = given;
  }

  /** Takes the rest of an ARG line: `NAME`, `NAME=default`, newer builders take several. */
  declare(rest: string): void {
    const words = wordsOf(rest);
    if (words === null || (words.length > 1 && rest.includes('$'))) {
      this.#opaque = true;
      return;
    }
    for (const word of words) {
      const [, name, value] = /^([A-Za-z_][A-Za-z0-9_]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
      // The name of an argument is expanded too.
      if (name === undefined) this.#opaque = true;
      else this.#declared.set(name, value === undefined ? undefined : this.#value(value));
    }
  }

  /**
   * Replaces the variables in the name of a FROM.
   *
   * @throws Unclear
   */
  expand(word: string, line: number): string {
    const fail = (why: string): never => unclear(line, why);
    return expand(
      word,
      (name) => this.#lookup(name) ?? fail(`uses a variable whose value can not be told`),
      fail,
    );
  }

  #value(word: string): string | null {
    try {
      return this.expand(word, 0);
    } catch {
      return null;
    }
  }

  #lookup(name: string): string | null {
    if (this.#opaque) return null;
    const given = this.#given.get(name) ?? undefined;
    if (!this.#declared.has(name)) return given !== undefined && PREDEFINED.test(name) ? null : '';
    const fallback = this.#declared.get(name);
    return given ?? (fallback === undefined ? '' : fallback);
  }
}

/** The words of a line, quotes kept; null where that takes more than ASCII and plain quotes. */
function wordsOf(rest: string): string[] | null {
  if (/[^ -~\t\v\f]|[\\`]/.test(rest)) return null;
  const words: string[] = [];
  for (let at = 0; ; ) {
    SPACES.lastIndex = at;
    at += SPACES.exec(rest)?.[0].length ?? 0;
    if (at === rest.length) return words;
    WORD.lastIndex = at;
    const word = WORD.exec(rest)?.[0];
    if (word === undefined) return null;
    words.push(word);
    at += word.length;
  }
}
