/**
 * Takes quotes and escapes out of a word of a Dockerfile (BuildKit, frontend/dockerfile/shell/lex.go).
 *
 * @returns null where a variable would be put in, or a quote does not end
 */
export function shellWord(word: string): string | null {
  let plain = '';
  for (let at = 0; at < word.length; at += 1) {
    const character = word.charAt(at);
    if (character === "'") {
      const end = word.indexOf("'", at + 1);
      if (end === -1) return null;
      plain += word.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      const quoted = doubleQuoted(word, at + 1);
      if (quoted === null) return null;
      plain += quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      at += 1;
      plain += word.charAt(at);
    } else if (character === '$') {
      return null;
    } else {
      plain += character;
    }
  }
  return plain;
}

function doubleQuoted(word: string, start: number): { readonly text: string; readonly end: number } | null {
  let text = '';
  for (let at = start; at < word.length; at += 1) {
    const character = word.charAt(at);
    if (character === '"') return { text, end: at };
    if (character === '$') return null;
    if (character === '\\' && '"$\\'.includes(word.charAt(at + 1))) {
      at += 1;
      text += word.charAt(at);
    } else {
      text += character;
    }
  }
  return null;
}

/** Splits at white space outside quotes (BuildKit, parser/line_parsers.go, parseWords). Quotes and escapes stay. */
export function splitWords(text: string): readonly string[] {
  return text.match(/(?:\\[\s\S]?|'[^']*(?:'|$)|"(?:\\[\s\S]|[^"\\])*(?:"|$)|[^\s\\'"])+/g) ?? [];
}
