const word = /^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,255}$/;
/** Signs that nobody sees (Unicode's Default_Ignorable_Code_Point, and a Braille pattern without dots), and spaces but the plain one. */
const printable = /^(?:[^\p{C}\p{Z}\p{DI}\u2800]| ){1,256}$/u;

/**
 * Whether a text can name a principal: 1 to 256 characters, all visible (no control, format, ignorable or unassigned
 * characters, no spaces but U+0020), in Unicode's composed form, without white space at its ends.
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
