const word = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,255}$/;
const printable = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u;

/**
 * Whether a text can name a principal: 1 to 256 characters, all visible (no control, format or unassigned
 * characters), in Unicode's composed form, without white space at its ends.
 */
export function isPrincipalName(text: unknown): text is string {
  return (
    typeof text === 'string' &&
    text.length <= 256 &&
    printable.test(text) &&
    text === text.trim() &&
    text === text.normalize('NFC')
  );
}

/** Whether a text can name a tenant or a role: letters, digits and `._@:+-`, a letter or digit first, up to 256. */
export function isWord(text: unknown): text is string {
  return typeof text === 'string' && word.test(text);
}
