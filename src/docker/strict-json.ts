import { quoted } from './text.ts';

/**
 * JSON read strictly, so that this gateway and Go can not read it differently: no duplicate keys, no lone
 * surrogates, numbers kept as they are written (Go's int64 does not survive a JavaScript number). Keys that differ
 * in case only are told apart here, for they may be data; `body/read.ts` refuses them where they are fields.
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
  /** The keys and indices that lead to the fault: `HostConfig.Binds[0]`; empty at the top and where it has none. */
  readonly path: string;

  constructor(message: string, path = '') {
    super(message);
    this.path = path;
  }
}

export interface JsonOptions {
  /** Refuse keys of one object that Go would match to one struct field: equal but for their case. */
  readonly fieldNames?: boolean;
}

/** Far below Go's own limit of 10,000, far above what any parameter needs. */
const DEPTH = 64;

/**
 * How many values a text may hold: thousands of published ports, and never so many that judging them keeps everybody
 * else waiting (4 MiB of `{}` in a list of mounts take a quarter of a minute).
 */
const VALUES = 32_768;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/**
 * Parses one JSON value with nothing after it (RFC 8259).
 *
 * @throws JsonError
 */
export function parseJson(text: string, options: JsonOptions = {}): JsonValue {
  let at = 0;
  let values = 0;
  const path: (string | number)[] = [];

  const fail = (what: string, where = at): never => {
    throw new JsonError(`${what} at character ${where + 1}`, pathOf(path));
  };

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
    const start = at;
    const end = text[at] === '"' ? endOfString(text, at) : -1;
    if (end === -1) return fail('a string was expected');
    at = end;
    let value: string;
    try {
      value = JSON.parse(text.slice(start, end));
    } catch {
      return fail('a string was expected', start);
    }
    if (LONE_SURROGATE.test(value)) fail('a string holds half of a surrogate pair', start);
    return value;
  };

  const object = (depth: number): JsonObject => {
    const members: JsonObject = new Map();
    const seen = new Set<string>();
    if (skip('}')) return members;
    do {
      take(SPACE);
      const start = at;
      const key = string();
      const identity = options.fieldNames ? foldKey(key) : key;
      if (seen.has(identity)) fail(`the key ${quoted(key)} is given twice`, start);
      seen.add(identity);
      if (!skip(':')) fail('":" was expected');
      path.push(key);
      members.set(key, value(depth));
      path.pop();
    } while (skip(','));
    if (!skip('}')) fail('"," or "}" was expected');
    return members;
  };

  const array = (depth: number): JsonValue[] => {
    const items: JsonValue[] = [];
    if (skip(']')) return items;
    do {
      path.push(items.length);
      items.push(value(depth));
      path.pop();
    } while (skip(','));
    if (!skip(']')) fail('"," or "]" was expected');
    return items;
  };

  const value = (depth: number): JsonValue => {
    if (depth > DEPTH) fail(`it is nested deeper than ${DEPTH} levels`);
    values += 1;
    if (values > VALUES) fail(`it holds more than ${VALUES} values`);
    if (skip('{')) return object(depth + 1);
    if (skip('[')) return array(depth + 1);
    if (skip('null')) return null;
    if (skip('true')) return true;
    if (skip('false')) return false;
    if (text.startsWith('"', at)) return string();
    const number = take(NUMBER);
    return number === undefined ? fail('a value was expected') : new JsonNumber(number);
  };

  const result = value(0);
  take(SPACE);
  if (at !== text.length) fail('something follows the value');
  return result;
}

/**
 * Parses the bytes of a body: UTF-8 (RFC 3629) without a byte order mark, whatever the Content-Type says, which the
 * Engine does not read.
 *
 * @throws JsonError
 */
export function parseJsonBytes(bytes: Uint8Array): JsonValue {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError(`it is not UTF-8 at byte ${firstInvalid(bytes) + 1}`);
  }
  if (text.startsWith('\ufeff')) throw new JsonError('a byte order mark stands at byte 1');
  return parseJson(text);
}

/** The index of the first byte that is not UTF-8: the longest prefix that decodes ends before it. */
function firstInvalid(bytes: Uint8Array): number {
  const decodes = (length: number): boolean => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The index after the closing quote of the string that begins at `start`, or -1; JSON.parse judges what is between. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return -1;
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

function pathOf(path: readonly (string | number)[]): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    const name = /^\w[\w.-]{0,79}$/.test(step) ? step : quoted(step);
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
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

/** Go's simple case folding of ASCII letters, with the two letters outside ASCII that fold into them: \u212a too. */
export function foldKey(key: string): string {
  return key.replaceAll('\u017f', 's').toLowerCase();
}
