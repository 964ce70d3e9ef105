/**
 * Go's regular expressions (RE2 syntax, https://pkg.go.dev/regexp/syntax), as far as names are looked for with them: what
 * is read means what it means to the Engine, and all else is no pattern. Runs in time linear in the text, as Go's does:
 * JavaScript's would let who sends a pattern keep the gateway busy.
 */

/** Says whether a text has a part that matches. */
export type Pattern = (text: string) => boolean;

type Test = (sign: string) => boolean;

type Step =
  | { readonly is: 'sign'; readonly test: Test }
  | { readonly is: 'at'; readonly holds: (text: readonly string[], at: number) => boolean }
  | { readonly is: 'either'; readonly to: readonly number[] }
  | { readonly is: 'found' };

type Node =
  | { readonly is: 'sign'; readonly test: Test }
  | { readonly is: 'at'; readonly holds: (text: readonly string[], at: number) => boolean }
  | { readonly is: 'all'; readonly of: readonly Node[] }
  | { readonly is: 'either'; readonly of: readonly Node[] }
  | { readonly is: 'repeat'; readonly of: Node; readonly least: number; readonly most: number };

/** Steps that a pattern may come to; Go has a bound as well (1000 repetitions). */
const MOST_STEPS = 4_096;
const MOST_REPEATS = 1_000;
const MOST_DEPTH = 100;

class NoPattern extends Error {}

/** Is thrown by a pattern when what it may cost is used up. */
export class TooCostly extends Error {}

/** What all patterns of one request may cost together: steps to come to, and steps to take. */
export interface Budget {
  steps: number;
  visits: number;
}

/**
 * @param budget what is left; it becomes less by what is compiled, and by what the pattern is held against
 * @returns undefined for what this does not read as Go would, which includes what Go does not read
 * @throws TooCostly; so may the pattern
 */
export function goPattern(
  source: string,
  budget: Budget = { steps: MOST_STEPS, visits: Number.POSITIVE_INFINITY },
): Pattern | undefined {
  try {
    const steps = compiled(new Reader(source).whole());
    budget.steps -= steps.length;
    if (budget.steps < 0) throw new TooCostly();
    return (text) => runs(steps, [...text], budget);
  } catch (error) {
    if (error instanceof NoPattern) return undefined;
    throw error;
  }
}

const isWordSign: Test = (sign) => /^[0-9A-Za-z_]$/.test(sign);
const isDigit: Test = (sign) => /^[0-9]$/.test(sign);
const isSpace: Test = (sign) => /^[\t\n\f\r ]$/.test(sign);
const CLASSES: Readonly<Record<string, Test>> = { w: isWordSign, d: isDigit, s: isSpace };

class Reader {
  readonly #signs: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#signs = [...source];
  }

  whole(): Node {
    const node = this.#alternatives();
    if (this.#at < this.#signs.length) throw new NoPattern();
    return node;
  }

  #alternatives(): Node {
    const of = [this.#sequence()];
    while (this.#takes('|')) of.push(this.#sequence());
    return of.length === 1 ? (of[0] as Node) : { is: 'either', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    for (;;) {
      const next = this.#signs[this.#at];
      if (next === undefined || next === '|' || next === ')') return { is: 'all', of };
      of.push(this.#repeated(this.#one()));
    }
  }

  #repeated(of: Node): Node {
    const range = this.#range();
    if (range === undefined) return of;
    this.#takes('?');
    // Go takes no second one: "invalid nested repetition operator".
    if (this.#range() !== undefined) throw new NoPattern();
    return { is: 'repeat', of, ...range };
  }

  #range(): { readonly least: number; readonly most: number } | undefined {
    if (this.#takes('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#takes('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#takes('?')) return { least: 0, most: 1 };
    const [whole, first = '', comma, last = ''] =
      /^\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}/.exec(this.#signs.slice(this.#at, this.#at + 16).join('')) ?? [];
    // Anything else after a brace is itself.
    if (whole === undefined) return undefined;
    this.#at += whole.length;
    const least = Number(first);
    const most = comma === undefined ? least : last === '' ? Number.POSITIVE_INFINITY : Number(last);
    const isTooMany = least > MOST_REPEATS || (most !== Number.POSITIVE_INFINITY && most > MOST_REPEATS);
    if (isTooMany || most < least) throw new NoPattern();
    return { least, most };
  }

  #one(): Node {
    const sign = this.#next();
    switch (sign) {
      case '(':
        return this.#group();
      case '[':
        return { is: 'sign', test: this.#set() };
      case '.':
        return { is: 'sign', test: (each) => each !== '\n' };
      case '^':
        return START;
      case '$':
        return END;
      case '\\':
        return this.#escaped();
      case '*':
      case '+':
      case '?':
        throw new NoPattern();
      default:
        return { is: 'sign', test: (each) => each === sign };
    }
  }

  #group(): Node {
    if (this.#takes('?') && !this.#takes(':')) throw new NoPattern();
    this.#depth += 1;
    if (this.#depth > MOST_DEPTH) throw new NoPattern();
    const node = this.#alternatives();
    this.#depth -= 1;
    if (!this.#takes(')')) throw new NoPattern();
    return node;
  }

  #escaped(): Node {
    const sign = this.#next();
    switch (sign) {
      case 'A':
        return START;
      case 'z':
        return END;
      case 'b':
        return { is: 'at', holds: isBorder };
      case 'B':
        return { is: 'at', holds: (text, at) => !isBorder(text, at) };
      default:
        return { is: 'sign', test: classOf(sign) ?? literally(sign) };
    }
  }

  /** What is between brackets. A class by a name, `[:alpha:]`, is not read. */
  #set(): Test {
    const isNot = this.#takes('^');
    const tests: Test[] = [];
    for (let first = true; first || this.#signs[this.#at] !== ']'; first = false) {
      const from = this.#next();
      if (from === '[' && this.#signs[this.#at] === ':') throw new NoPattern();
      const low = from === '\\' ? this.#escapedInSet() : from;
      if (typeof low !== 'string') {
        tests.push(low);
        continue;
      }
      if (this.#signs[this.#at] !== '-' || this.#signs[this.#at + 1] === ']') {
        tests.push(literally(low, from !== '\\'));
        continue;
      }
      this.#at += 1;
      const to = this.#next();
      const high = to === '\\' ? this.#escapedInSet() : to;
      if (typeof high !== 'string' || codeOf(high) < codeOf(low)) throw new NoPattern();
      tests.push((each) => codeOf(each) >= codeOf(low) && codeOf(each) <= codeOf(high));
    }
    this.#at += 1;
    return (each) => tests.some((test) => test(each)) !== isNot;
  }

  #escapedInSet(): string | Test {
    const sign = this.#next();
    const test = classOf(sign);
    if (test !== undefined) return test;
    literally(sign);
    return sign;
  }

  #takes(sign: string): boolean {
    if (this.#signs[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const sign = this.#signs[this.#at];
    if (sign === undefined) throw new NoPattern();
    this.#at += 1;
    return sign;
  }
}

const START: Node = { is: 'at', holds: (_, at) => at === 0 };
const END: Node = { is: 'at', holds: (text, at) => at === text.length };

function isBorder(text: readonly string[], at: number): boolean {
  return isWordSign(text[at - 1] ?? '') !== isWordSign(text[at] ?? '');
}

/** `\d` and its like, `\D` for all but these. */
function classOf(sign: string): Test | undefined {
  const test = CLASSES[sign.toLowerCase()];
  if (test === undefined) return undefined;
  return sign === sign.toLowerCase() ? test : (each) => !test(each);
}

/** An escaped sign stands for itself when it is punctuation; what other escapes mean is not read. */
function literally(sign: string, isPlain = false): Test {
  if (!isPlain && !/^[!-/:-@[-`{-~]$/.test(sign)) throw new NoPattern();
  return (each) => each === sign;
}

function codeOf(sign: string): number {
  return sign.codePointAt(0) ?? 0;
}

function compiled(node: Node): readonly Step[] {
  const steps: Step[] = [];
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new NoPattern();
    return steps.push(step) - 1;
  };
  let written = 0;
  const write = (each: Node): void => {
    written += 1;
    if (written > MOST_STEPS) throw new NoPattern();
    switch (each.is) {
      case 'sign':
      case 'at':
        add(each);
        return;
      case 'all':
        for (const part of each.of) write(part);
        return;
      case 'either': {
        const fork = add({ is: 'either', to: [] });
        const starts: number[] = [];
        const ends: number[] = [];
        for (const part of each.of) {
          starts.push(steps.length);
          write(part);
          ends.push(add({ is: 'either', to: [] }));
        }
        steps[fork] = { is: 'either', to: starts };
        for (const end of ends) steps[end] = { is: 'either', to: [steps.length] };
        return;
      }
      case 'repeat': {
        for (let done = 0; done < each.least; done += 1) write(each.of);
        if (each.most === Number.POSITIVE_INFINITY) {
          const fork = add({ is: 'either', to: [] });
          write(each.of);
          add({ is: 'either', to: [fork] });
          steps[fork] = { is: 'either', to: [fork + 1, steps.length] };
          return;
        }
        const forks: number[] = [];
        for (let done = each.least; done < each.most; done += 1) {
          forks.push(add({ is: 'either', to: [] }));
          write(each.of);
        }
        for (const fork of forks) steps[fork] = { is: 'either', to: [fork + 1, steps.length] };
      }
    }
  };
  write(node);
  add({ is: 'found' });
  return steps;
}

/** Follows all ways at once, beginning anew at each sign. */
function runs(steps: readonly Step[], text: readonly string[], budget: Budget): boolean {
  let now = new Set<number>();
  for (let at = 0; at <= text.length; at += 1) {
    const reached = new Set<number>();
    const open = [...now, 0];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (reached.has(step)) continue;
      reached.add(step);
      budget.visits -= 1;
      if (budget.visits < 0) throw new TooCostly();
      const what = steps[step] as Step;
      if (what.is === 'found') return true;
      if (what.is === 'either') open.push(...what.to);
      if (what.is === 'at' && what.holds(text, at)) open.push(step + 1);
    }
    const sign = text[at];
    now = new Set();
    if (sign === undefined) break;
    for (const step of reached) {
      const what = steps[step] as Step;
      if (what.is === 'sign' && what.test(sign)) now.add(step + 1);
    }
  }
  return false;
}
