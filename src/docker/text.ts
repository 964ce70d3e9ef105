/** C0, DEL, C1 and the two separators at which programs that read logs and lines break. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

/** Whether a decoded text holds a control character or a line separator. */
export function hasControl(text: string): boolean {
  return CONTROL.test(text);
}

/**
 * Decodes percent escapes as UTF-8.
 *
 * @returns null for a malformed escape and for bytes that are not UTF-8 (overlong forms and surrogates included),
 *   which Go would replace by U+FFFD
 */
export function decodePercent(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** What a terminal or a reader of logs does not show as it is: controls, line separators, changes of direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name out of a request, quoted for a message and cut to a readable length. */
export function quoted(name: string): string {
  const text = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}...` : name);
  return text.replace(UNSEEN, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
