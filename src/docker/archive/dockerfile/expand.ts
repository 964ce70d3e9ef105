/** Finds the value of a variable; throws when nobody can say it. */
export type Lookup = (name: string) => string;

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * Replaces the variables in a word and takes its quotes away (buildkit, frontend/dockerfile/shell). Read are the
 * forms that every release reads alike: `$x`, `${x}`, `${x:-y}`, `${x:+y}`, single and double quotes.
 *
 * @param fail is called with what is wrong with any other form, and throws
 */
export function expand(word: string, lookup: Lookup, fail: (why: string) => never): string {
  if (/[^ -~]|[\\`]/.test(word)) fail('has an escape character or one outside ASCII in a word that matters');
  let at = 0;

  const words = (stop: string): string => {
    let made = '';
    for (;;) {
      const next = word.charAt(at);
      if (next === stop) return made;
      at += 1;
      if (next === '') return fail('has an unfinished word');
      if (next === '$') made += variable();
      else if (next === "'") made += single();
      else if (next === '"') made += double();
      else made += next;
    }
  };

  const single = (): string => {
    const end = word.indexOf("'", at);
    if (end === -1) return fail('has an unfinished quote');
    const quotedText = word.slice(at, end);
    at = end + 1;
    return quotedText;
  };

  const double = (): string => {
    let made = '';
    for (;;) {
      const next = word.charAt(at);
      at += 1;
      if (next === '') return fail('has an unfinished quote');
      if (next === '"') return made;
      made += next === '$' ? variable() : next;
    }
  };

  const name = (): string => {
    NAME.lastIndex = at;
    const found = NAME.exec(word)?.[0];
    if (found === undefined) return fail('has a variable that is none');
    at += found.length;
    return found;
  };

  const variable = (): string => {
    if (word.charAt(at) !== '{') return lookup(name());
    at += 1;
    const value = lookup(name());
    const form = /^(?:\}|:[-+])/.exec(word.slice(at))?.[0];
    if (form === undefined) return fail('has a form of variable that not every builder reads');
    at += form.length;
    if (form === '}') return value;
    const other = words('}');
    at += 1;
    if (form === ':-') return value === '' ? other : value;
    return value === '' ? '' : other;
  };

  return words('');
}
