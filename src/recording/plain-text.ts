/** Where the reader stands: in text, behind an escape, in a control sequence, or in a string that a sequence began. */
type Place = 'text' | 'escape' | 'intermediate' | 'sequence' | 'string' | 'string-escape';

/**
 * What a terminal's output says without its control sequences (ECMA-48): cursor movements, colours, titles and all
 * other control characters but line feed and tab are taken out, CR becomes a line feed where none follows. Sequences
 * may be cut anywhere. It is text, not a picture: what a program drew over and over stands there each time.
 */
export class PlainText {
  #place: Place = 'text';
  #cr = false;

  write(chunk: string): string {
    let text = '';
    for (const character of chunk) text += this.#take(character, character.codePointAt(0) ?? 0);
    return text;
  }

  #take(character: string, code: number): string {
    switch (this.#place) {
      case 'escape':
        this.#place = afterEscape(character, code);
        return '';
      case 'intermediate':
        if (code >= 0x30) this.#place = 'text';
        return '';
      case 'sequence':
        if (code >= 0x40 && code <= 0x7e) this.#place = 'text';
        else if (code === 0x1b) this.#place = 'escape';
        return '';
      case 'string':
        if (code === 0x07 || code === 0x9c) this.#place = 'text';
        else if (code === 0x1b) this.#place = 'string-escape';
        return '';
      case 'string-escape':
        this.#place = character === '\\' ? 'text' : afterEscape(character, code);
        return '';
      default:
        return this.#shown(character, code);
    }
  }

  #shown(character: string, code: number): string {
    const cr = this.#cr;
    this.#cr = character === '\r';
    if (this.#cr) return '';
    if (character === '\n') return '\n';
    const before = cr ? '\n' : '';
    if (code === 0x1b) this.#place = 'escape';
    else if (code === 0x9b) this.#place = 'sequence';
    else if (code === 0x90 || code === 0x98 || (code >= 0x9d && code <= 0x9f)) this.#place = 'string';
    else if (character === '\t' || (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code <= 0x9f))) {
      return `${before}${character}`;
    }
    this.#cr = cr; // what is not shown does not end the line
    return '';
  }
}

function afterEscape(character: string, code: number): Place {
  if (character === '[') return 'sequence';
  if (']PX^_'.includes(character)) return 'string';
  if (code === 0x1b) return 'escape';
  return code >= 0x20 && code <= 0x2f ? 'intermediate' : 'text';
}
