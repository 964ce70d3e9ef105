/**
 * Makes text of a client safe to write: control characters, line separators and everything outside ASCII are
 * shown as escapes, and what would be longer than `most` characters is cut and ends in `...`.
 */
export function printable(text: string, most: number): string {
  if (text.length <= most && PRINTABLE.test(text)) return text;
  const escaped = text
    .slice(0, most + 1)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return escaped.length > most ? `${escaped.slice(0, most - 3)}...` : escaped;
}

const PRINTABLE = /^[\x20-\x7e]*$/;
