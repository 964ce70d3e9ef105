import { isUtf8 } from 'node:buffer';
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
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const FIRST_PRINTED = 0x20;
const FIRST_SURROGATE = 0xd800;

/**
 * Parses one JSON value with nothing after it (RFC 8259).
 *
 * @throws JsonError
 */
export function parseJson(text: string, options: JsonOptions = {}): JsonValue {
  return new Parser(text, options.fieldNames === true).whole();
}

/** Goes through a text once, character by character: every body waits for it. */
class Parser {
  readonly #text: string;
  readonly #fieldNames: boolean;
  #at = 0;
  #values = 0;
  /** Where it is; written out only for who is refused. */
  readonly #path: (string | number)[] = [];

  constructor(text: string, fieldNames: boolean) {
    this.#text = text;
    this.#fieldNames = fieldNames;
  }

  whole(): JsonValue {
    const value = this.#value(0);
    this.#skipSpace();
    return this.#at === this.#text.length ? value : this.#fail('something follows the value');
  }

  #value(depth: number): JsonValue {
    if (depth > DEPTH) return this.#fail(`it is nested deeper than ${DEPTH} levels`);
    this.#values += 1;
    if (this.#values > VALUES) return this.#fail(`it holds more than ${VALUES} values`);
    this.#skipSpace();
    switch (this.#text.charCodeAt(this.#at)) {
      case QUOTE:
        return this.#string();
      case OPEN_BRACE:
        return this.#object(depth + 1);
      case OPEN_BRACKET:
        return this.#array(depth + 1);
      case 0x6e:
        return this.#word('null', null);
      case 0x74:
        return this.#word('true', true);
      case 0x66:
        return this.#word('false', false);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    const members: JsonObject = new Map();
    const folded = this.#fieldNames ? new Set<string>() : undefined;
    this.#at += 1;
    if (this.#skip(CLOSE_BRACE)) return members;
    do {
      this.#skipSpace();
      const start = this.#at;
      const key = this.#string();
      const identity = folded === undefined ? key : foldKey(key);
      if ((folded ?? members).has(identity)) this.#fail(`the key ${quoted(key)} is given twice`, start);
      folded?.add(identity);
      if (!this.#skip(COLON)) this.#fail('":" was expected');
      this.#path.push(key);
      members.set(key, this.#value(depth));
      this.#path.pop();
    } while (this.#skip(COMMA));
    return this.#skip(CLOSE_BRACE) ? members : this.#fail('"," or "}" was expected');
  }

  #array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.#at += 1;
    if (this.#skip(CLOSE_BRACKET)) return items;
    do {
      this.#path.push(items.length);
      items.push(this.#value(depth));
      this.#path.pop();
    } while (this.#skip(COMMA));
    return this.#skip(CLOSE_BRACKET) ? items : this.#fail('"," or "]" was expected');
  }

  /** What stands between quotes as it is, where nothing in it needs another look; else JSON.parse judges it. */
  #string(): string {
    const text = this.#text;
    const start = this.#at;
    if (text.charCodeAt(start) !== QUOTE) return this.#fail('a string was expected');
    for (let at = start + 1; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(start + 1, at);
      }
      if (code === BACKSLASH || code < FIRST_PRINTED || code >= FIRST_SURROGATE) return this.#spelled();
    }
    return this.#fail('a string was expected');
  }

  #spelled(): string {
    const start = this.#at;
    const end = endOfString(this.#text, start);
    if (end === -1) return this.#fail('a string was expected');
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(start, end));
    } catch {
      return this.#fail('a string was expected');
    }
    if (LONE_SURROGATE.test(value)) return this.#fail('a string holds half of a surrogate pair');
    this.#at = end;
    return value;
  }

  #number(): JsonNumber {
    const code = this.#text.charCodeAt(this.#at);
    NUMBER.lastIndex = this.#at;
    const number = code === MINUS || isDigit(code) ? NUMBER.exec(this.#text)?.[0] : undefined;
    if (number === undefined) return this.#fail('a value was expected');
    this.#at += number.length;
    return new JsonNumber(number);
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail('a value was expected');
    this.#at += word.length;
    return value;
  }

  /** Whether a token stands next; it is behind us then. */
  #skip(token: number): boolean {
    this.#skipSpace();
    if (this.#text.charCodeAt(this.#at) !== token) return false;
    this.#at += 1;
    return true;
  }

  #skipSpace(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #fail(what: string, where = this.#at): never {
    throw new JsonError(`${what} at character ${where + 1}`, pathOf(this.#path));
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/**
 * Parses the bytes of a body: UTF-8 (RFC 3629) without a byte order mark, whatever the Content-Type says, which the
 * Engine does not read.
 *
 * @throws JsonError
 */
export function parseJsonBytes(bytes: Uint8Array): JsonValue {
  if (!isUtf8(bytes)) throw new JsonError(`it is not UTF-8 at byte ${firstInvalid(bytes) + 1}`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
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
  return escapeUnseen(encoded(value));
}

function encoded(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(encoded).join(',')}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${encoded(member)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

const UNSEEN = /[\u007f-\u009f\u2028\u2029]/;
const ALL_UNSEEN = new RegExp(UNSEEN, 'g');

/** What JSON.stringify leaves of control characters and line separators; outside of strings JSON has none of them. */
export function escapeUnseen(json: string): string {
  if (!UNSEEN.test(json)) return json;
  return json.replace(ALL_UNSEEN, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Go's simple case folding of ASCII letters, with the two letters outside ASCII that fold into them: \u212a too. */
export function foldKey(key: string): string {
  return key.replaceAll('\u017f', 's').toLowerCase();
}
