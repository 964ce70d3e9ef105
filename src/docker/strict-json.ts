/**
 * JSON read strictly, so that this gateway and Go can not read it differently: no duplicate keys, no lone
 * surrogates, numbers kept as they are written (Go's int64 does not survive a JavaScript number).
 */

/** A number as it stands in the text. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonObject = Map<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;

/** What is wrong with a text that is not the JSON asked for; the message can be shown to the client. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
}

export interface JsonOptions {
  /** Refuse keys of one object that Go would match to one struct field: equal but for their case. */
  readonly fieldNames?: boolean;
}

/** Far below Go's own limit of 10,000, far above what any parameter needs. */
const DEPTH = 64;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Parses one JSON value with nothing after it (RFC 8259).
 *
 * @throws JsonError
 */
export function parseJson(text: string, options: JsonOptions = {}): JsonValue {
  let at = 0;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };

  const skip = (token: string): boolean => {
    take(SPACE);
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };

  const string = (): string => {
    take(SPACE);
    const found = take(STRING);
    if (found === undefined) throw new JsonError(`a string was expected at character ${at + 1}`);
    const value: string = JSON.parse(found);
    if (LONE_SURROGATE.test(value)) throw new JsonError('a string holds half of a surrogate pair');
    return value;
  };

  const object = (depth: number): JsonObject => {
    const members: JsonObject = new Map();
    const seen = new Set<string>();
    if (skip('}')) return members;
    do {
      const key = string();
      const identity = options.fieldNames ? foldKey(key) : key;
      if (seen.has(identity)) throw new JsonError(`the key ${JSON.stringify(key)} is given twice`);
      seen.add(identity);
      if (!skip(':')) throw new JsonError(`":" was expected at character ${at + 1}`);
      members.set(key, value(depth));
    } while (skip(','));
    if (!skip('}')) throw new JsonError(`"," or "}" was expected at character ${at + 1}`);
    return members;
  };

  const array = (depth: number): JsonValue[] => {
    const items: JsonValue[] = [];
    if (skip(']')) return items;
    do items.push(value(depth));
    while (skip(','));
    if (!skip(']')) throw new JsonError(`"," or "]" was expected at character ${at + 1}`);
    return items;
  };

  const value = (depth: number): JsonValue => {
    if (depth > DEPTH) throw new JsonError(`it is nested deeper than ${DEPTH} levels`);
    if (skip('{')) return object(depth + 1);
    if (skip('[')) return array(depth + 1);
    if (skip('null')) return null;
    if (skip('true')) return true;
    if (skip('false')) return false;
    if (text.startsWith('"', at)) return string();
    const number = take(NUMBER);
    if (number === undefined) throw new JsonError(`a value was expected at character ${at + 1}`);
    return new JsonNumber(number);
  };

  const result = value(0);
  take(SPACE);
  if (at !== text.length) throw new JsonError(`something follows the value at character ${at + 1}`);
  return result;
}

/** Writes a value in its one spelling: no spaces, members in their order, control characters escaped. */
export function encodeJson(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(encodeJson).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${encodeJson(key)}:${encodeJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Go's simple case folding of ASCII letters, with the two letters outside ASCII that fold into them. */
export function foldKey(key: string): string {
  return key.replaceAll('\u017f', 's').replaceAll('\u212a', 'k').toLowerCase();
}
