import { type Line, trimLeft } from './lines.ts';
import { unclear } from './unclear.ts';

/** An instruction, taken apart as far as it matters here. */
export interface Instruction {
  /** In lower case. */
  readonly command: string;
  /** What follows the command, flags included. */
  readonly rest: string;
  readonly line: number;
}

/** The flags of an instruction, without their dashes, and its words. */
export interface Parts {
  readonly flags: readonly string[];
  readonly words: readonly string[];
}

const COMMAND = /^([^\t\v\f ]+)(?:[\t\v\f ]+([\s\S]*))?$/;

/**
 * `<<EOF` and the like: newer builders take the lines after it for its content (BuildKit uses it, the classic builder only
 * passes over it), older ones for instructions. Which `<<` begins one (`<< EOF`, `\<<EOF` after a variable) changes with
 * their releases.
 */
const HEREDOC = '<<';
const WITH_HEREDOC = new Set(['run', 'copy', 'add', 'onbuild']);

/**
 * @returns null for a line that is no instruction for any builder, which therefore fails on it
 * @throws Unclear
 */
export function instructionOf({ number: line, text }: Pick<Line, 'number' | 'text'>): Instruction | null {
  const [, command = '', rest = ''] = COMMAND.exec(trimLeft(text)) ?? [];
  if (/[^!-~]/.test(command)) unclear(line, 'begins with a character outside ASCII');
  if (!/^[A-Za-z]+$/.test(command)) return null;
  const instruction = { command: command.toLowerCase(), rest: trimLeft(rest), line };
  if (WITH_HEREDOC.has(instruction.command) && rest.includes(HEREDOC)) {
    unclear(line, 'has a << in it, which some builders take for a here-document');
  }
  return instruction;
}

/** Whether a flag follows the command; the builder takes two bytes of Latin-1 for spaces before one. */
export function hasFlag({ rest }: Instruction): boolean {
  return /^[\s\x85\xa0]*--/.test(rest);
}

/**
 * Takes the flags off the words of an instruction. How a flag is quoted or escaped, and whether its value may be the
 * next word, has changed; only `--name` and `--name=value` in plain characters are read alike.
 *
 * @throws Unclear
 */
export function partsOf({ rest, line }: Instruction): Parts {
  // The builder looks for spaces byte by byte here and takes two bytes of Latin-1 for some.
  if (/^[\x85\xa0]/.test(rest)) unclear(line, 'begins its words with a character outside ASCII');
  const words = rest.split(/[\t\v\f ]+/).filter((word) => word !== '');
  const flags: string[] = [];
  while (words[0]?.startsWith('--')) {
    const flag = words.shift() ?? '';
    if (flag === '--' || /[^!-~]|["'`\\]/.test(flag))
      unclear(line, 'has a flag that builders read differently');
    flags.push(flag.slice(2));
  }
  if (words.some((word) => word.startsWith('--'))) unclear(line, 'has a flag behind its first word');
  return { flags, words };
}
