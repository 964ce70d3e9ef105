import { ConfigError } from '../../errors.ts';

/**
 * Splits a command line as a shell does that expands nothing: at blanks, with quotes and backslashes.
 *
 * @throws ConfigError where a quote is not closed, or where a shell would do something with a sign
 */
export function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const sign = line[at] as string;
    if (quote !== '') {
      if (sign === quote) quote = '';
      else if (sign === '\\' && quote === '"') word += line[++at] ?? '';
      else word += sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === '\\') word = (word ?? '') + (line[++at] ?? '');
    else if (/\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[$`|&;<>]/.test(sign)) {
      throw new ConfigError([
        `${line}: a shell would make something of ${sign}; quote it, no shell is run here`,
      ]);
    } else word = (word ?? '') + sign;
  }
  if (quote !== '') throw new ConfigError([`${line}: a quote is not closed`]);
  if (word !== undefined) words.push(word);
  return words;
}
