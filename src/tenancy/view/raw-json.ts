import { JsonError } from '../../docker/strict-json.ts';

/**
 * JSON cut into its pieces without changing a byte of them: numbers beyond 2^53, escapes and spaces of what is kept
 * stay as the Engine wrote them.
 *
 * Cutting looks at quotes, brackets and commas only. A text whose pieces are all JSON is JSON, so whoever cuts one
 * either parses each piece or has parsed the whole (`checked`).
 */

/** One member of an object: its key as it reads and as it is written, and its value as it is written. */
export interface Member {
  readonly key: string;
  readonly keyText: string;
  readonly raw: string;
}

/** What becomes of a value: its new text, or undefined when the member is left out. */
export type Edit = (raw: string) => string | undefined;
/** The same where the Engine may have to be asked. */
export type SlowEdit = (raw: string) => string | undefined | Promise<string | undefined>;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A key that reads as it is written, as nearly all do. */
const PLAIN_KEY = /^"[\w.:/ -]*"$/;

/**
 * The same text, once it is known to be JSON.
 *
 * @throws SyntaxError
 */
export function checked(text: string): string {
  JSON.parse(text);
  return text;
}

/** Whether the text is that of `null`. */
export function isNull(raw: string): boolean {
  return raw.trim() === 'null';
}

/**
 * The elements of an array; none of `null`, which is Go's empty list.
 *
 * @throws JsonError when it is neither
 */
export function elementsOf(text: string): readonly string[] {
  if (isNull(text)) return [];
  const found: string[] = [];
  let at = opening(text, OPEN_LIST, 'a list');
  if (text.charCodeAt(at) === CLOSE_LIST) return closed(text, at, found);
  for (;;) {
    const end = endOfValue(text, at);
    found.push(text.slice(at, end));
    at = afterSpace(text, end);
    if (text.charCodeAt(at) === CLOSE_LIST) return closed(text, at, found);
    at = afterSpace(text, expected(text, at, COMMA));
  }
}

/**
 * The members of an object in their order; none of `null`.
 *
 * @throws JsonError when it is neither, and when a key comes twice: readers would differ on which counts
 */
export function membersOf(text: string): readonly Member[] {
  if (isNull(text)) return [];
  const found: Member[] = [];
  const keys = new Set<string>();
  let at = opening(text, OPEN_OBJECT, 'an object');
  if (text.charCodeAt(at) === CLOSE_OBJECT) return closed(text, at, found);
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw malformed(at);
    const keyEnd = endOfString(text, at);
    const keyText = text.slice(at, keyEnd);
    const key = PLAIN_KEY.test(keyText) ? keyText.slice(1, -1) : (JSON.parse(keyText) as string);
    if (keys.has(key)) throw new JsonError(`the key ${keyText} comes twice`);
    keys.add(key);
    at = afterSpace(text, expected(text, afterSpace(text, keyEnd), COLON));
    const end = endOfValue(text, at);
    found.push({ key, keyText, raw: text.slice(at, end) });
    at = afterSpace(text, end);
    if (text.charCodeAt(at) === CLOSE_OBJECT) return closed(text, at, found);
    at = afterSpace(text, expected(text, at, COMMA));
  }
}

export function writeList(elements: readonly string[]): string {
  return `[${elements.join(',')}]`;
}

export function writeObject(members: readonly Member[]): string {
  return `{${members.map(({ keyText, raw }) => `${keyText}:${raw}`).join(',')}}`;
}

/**
 * An object with some of its values edited. `null` stays as it is.
 *
 * @param edits by key
 * @param otherwise of members that no edit names
 */
export function editMembers(
  text: string,
  edits: ReadonlyMap<string, Edit>,
  otherwise: Edit = (raw) => raw,
): string {
  if (isNull(text)) return text;
  const members = membersOf(text).flatMap((member) => {
    const raw = (edits.get(member.key) ?? otherwise)(member.raw);
    return raw === undefined ? [] : [{ ...member, raw }];
  });
  return writeObject(members);
}

/** The same with edits that take time, one after the other. */
export async function rewriteMembers(
  text: string,
  edits: ReadonlyMap<string, SlowEdit>,
  otherwise: Edit = (raw) => raw,
): Promise<string> {
  if (isNull(text)) return text;
  const kept: Member[] = [];
  for (const member of membersOf(text)) {
    const edited = (edits.get(member.key) ?? otherwise)(member.raw);
    // Most answers are at hand, and a turn of the event loop for each member adds up.
    const raw = edited instanceof Promise ? await edited : edited;
    if (raw !== undefined) kept.push({ ...member, raw });
  }
  return writeObject(kept);
}

/** A list with each element edited. `null` stays as it is. */
export function editElements(text: string, edit: Edit): string {
  if (isNull(text)) return text;
  return writeList(elementsOf(text).flatMap((raw) => edit(raw) ?? []));
}

/** The text of one member's value; that of `null` when the object has none. */
export function memberOf(text: string, key: string): string {
  return membersOf(text).find((member) => member.key === key)?.raw ?? 'null';
}

/** Edits that keep the members as they are. */
export function keeping(names: readonly string[]): readonly (readonly [string, Edit])[] {
  return names.map((name) => [name, (raw: string) => raw] as const);
}

/** The edit of members that are not known: what they tell, nobody judged. */
export const leaveOut: Edit = () => undefined;

/** The space after a reply: Go's encoder ends it with a line feed. */
export function endOf(text: string): string {
  return text.slice(text.trimEnd().length);
}

/** Where the first piece begins, or the closing bracket is. */
function opening(text: string, bracket: number, what: string): number {
  const at = afterSpace(text, 0);
  if (text.charCodeAt(at) !== bracket) throw new JsonError(`${what} was expected`);
  return afterSpace(text, at + 1);
}

/** The pieces, once nothing but space follows the closing bracket. */
function closed<T>(text: string, at: number, found: T): T {
  const end = afterSpace(text, at + 1);
  if (end !== text.length) throw malformed(end);
  return found;
}

function expected(text: string, at: number, code: number): number {
  if (text.charCodeAt(at) !== code) throw malformed(at);
  return at + 1;
}

function afterSpace(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at;
    at += 1;
  }
}

function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  if (first === OPEN_OBJECT || first === OPEN_LIST) return endOfBrackets(text, at);
  let end = at;
  while (isScalar(text.charCodeAt(end))) end += 1;
  if (end === at) throw malformed(at);
  return end;
}

/** Letters, digits and signs: what numbers and `true`, `false`, `null` are written with. */
function isScalar(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x45
  );
}

function endOfBrackets(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth += 1;
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw malformed(text.length);
}

function endOfString(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (at !== -1 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  if (at === -1) throw malformed(text.length);
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (at - before) % 2 === 0;
}

function malformed(at: number): JsonError {
  return new JsonError(`malformed JSON at character ${at + 1}`);
}
