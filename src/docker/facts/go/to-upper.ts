const ASCII = /^[\0-\x7f]*$/;

/**
 * Go's strings.ToUpper: one character becomes one character. U+017F becomes S and U+0131 I, as in JavaScript, but
 * no letter becomes two (`ﬀ` stays).
 */
export function toUpper(text: string): string {
  if (ASCII.test(text)) return text.toUpperCase();
  return Array.from(text, (character) => {
    const upper = character.toUpperCase();
    return [...upper].length === 1 ? upper : character;
  }).join('');
}
