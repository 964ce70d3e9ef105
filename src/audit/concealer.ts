import { createHmac } from 'node:crypto';
import { type BodyType, UNKNOWN } from '../docker/body/types.ts';
import { type Content, writeContent } from '../docker/content.ts';
import { OPERATIONS } from '../docker/operations.ts';
import { encodeJson, type JsonValue } from '../docker/strict-json.ts';

/** Stands for a body or answer that is too long to be kept. */
export const TOO_LARGE = '[too large]';

/** Longest body that is kept, in bytes as it is forwarded; with every secret in it replaced it may grow to the second. */
const MOST_BODY = 65_536;
const MOST_SHOWN = 524_288;

/** Query parameters whose values may carry secrets. */
const SECRET = new Set([
  'buildargs',
  'cachefrom',
  'changes',
  'comment',
  'fromSrc',
  'message',
  'outputs',
  'remote',
]);

/**
 * The parameters that are recorded with their values. All others are concealed: secret ones, ones no operation has (a
 * typo of a secret one), and ones that mean nothing to the Engine, under which dockerode sends its whole options object,
 * environments and payloads included.
 */
const SHOWN = new Set(
  OPERATIONS.flatMap(({ query }) => query)
    .filter(({ name, type }) => type !== 'ignored' && !SECRET.has(name))
    .map(({ name }) => name),
);
for (const { query } of OPERATIONS)
  for (const { name, type } of query) if (type === 'ignored') SHOWN.delete(name);

/** Members of the Engine's answers that hold secrets: a text, or each text in a list or map. */
const SECRET_MEMBERS = new Set([
  ...[
    'Data',
    'auth',
    'password',
    'identitytoken',
    'registrytoken',
    'IdentityToken',
    'JoinTokens',
    'UnlockKey',
  ],
  ...['SigningCAKey', 'Options', 'DriverOpts', 'CreatedBy', 'ContainerConfig', 'Value'],
]);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * Puts an HMAC-SHA256 in place of each secret value, under a key of the install: who has the log learns no secret, not even
 * a short one, and who has the key can tell where a value that they know was used, and equal ones match.
 */
export class Concealer {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** `hmac-sha256:` and 64 hexadecimal digits. */
  value(secret: string | Buffer): string {
    return `hmac-sha256:${createHmac('sha256', this.#key).update(secret).digest('hex')}`;
  }

  /** Of NAME=VALUE, the value; what has no name is a value. */
  pair(text: string): string {
    const equals = text.indexOf('=');
    return equals === -1
      ? this.value(text)
      : `${text.slice(0, equals)}=${this.value(text.slice(equals + 1))}`;
  }

  /** A query as received, in which values that may be secret are concealed. */
  query(raw: string): string {
    return raw
      .split(/([&;])/)
      .map((part) => (part === '&' || part === ';' ? part : this.#parameter(part)))
      .join('');
  }

  /** What a JSON body is, whoever reads the record: the same bytes have the same digest. */
  digest(content: Content): string {
    return this.value(writeContent(content));
  }

  /** A JSON body as it is forwarded, in which secrets are concealed. */
  body(content: Content): unknown {
    if (writeContent(content).length > MOST_BODY) return TOO_LARGE;
    const shown = this.#typed(content.type, content.value);
    return JSON.stringify(shown).length > MOST_SHOWN ? TOO_LARGE : shown;
  }

  /** A JSON answer of the Engine, likewise. @returns undefined where it is not JSON */
  answer(bytes: Buffer): unknown {
    if (bytes.length > MOST_BODY) return TOO_LARGE;
    try {
      const shown = this.#told(JSON.parse(bytes.toString()) as Json);
      return JSON.stringify(shown).length > MOST_SHOWN ? TOO_LARGE : shown;
    } catch {
      return undefined;
    }
  }

  /**
   * An Engine's error text, in which nothing stands that was secret in the request.
   *
   * @param query of the request, as received
   */
  error(text: string, content: Content | undefined, query = ''): string {
    let shown = text.replace(/\/\/[^/@\s"']*@/g, '//[concealed]@');
    const secrets = [
      ...(content === undefined ? [] : secretsIn(content.type, content.value)),
      ...secretsOfQuery(query),
    ];
    const spelled = new Set(secrets.filter(({ length }) => length >= LEAST_SECRET).flatMap(spellings));
    // The longest first: one may be a part of another.
    for (const secret of [...spelled].sort((a, b) => b.length - a.length)) {
      shown = shown.replaceAll(secret, '[concealed]');
    }
    return shown;
  }

  #parameter(pair: string): string {
    const equals = pair.indexOf('=');
    // What has no name may be the rest of a value that held a separator.
    if (equals === -1) return pair === '' || SHOWN.has(pair) ? pair : this.value(decoded(pair));
    const name = pair.slice(0, equals);
    if (SHOWN.has(name)) return pair;
    const text = decoded(pair.slice(equals + 1));
    return `${name}=${(name === 'buildargs' ? this.#buildArguments(text) : undefined) ?? this.value(text)}`;
  }

  /** Each value on its own, so that it matches the same one elsewhere. */
  #buildArguments(text: string): string | undefined {
    try {
      const given = JSON.parse(text) as Readonly<Record<string, unknown>>;
      const shown = Object.entries(given).map(([name, value]) => [
        name,
        typeof value === 'string' ? this.value(value) : null,
      ]);
      return JSON.stringify(Object.fromEntries(shown));
    } catch {
      return undefined;
    }
  }

  #typed(type: BodyType, value: unknown, isSecret = false): Json {
    switch (type.kind) {
      case 'string':
        return isSecret ? this.#unlessEmpty(value as string) : (value as string);
      case 'bool':
        return value as boolean;
      case 'int':
        return plain(value as bigint);
      case 'float':
      case 'json':
      case 'ignored':
        return isSecret ? this.value(encodeJson(value as JsonValue)) : json(value as JsonValue);
      case 'strings':
        return (value as readonly string[]).map((each) => (isSecret ? this.pair(each) : each));
      case 'array':
        return (value as readonly unknown[]).map((each) =>
          isSecret && typeof each === 'string' ? this.pair(each) : this.#typed(type.of, each, isSecret),
        );
      case 'map':
        return Object.fromEntries(
          Object.entries(value as object).map(([key, each]) => [key, this.#typed(type.of, each, isSecret)]),
        );
      case 'struct': {
        const given = value as Readonly<Record<string | symbol, unknown>>;
        const shown: Record<string, Json> = {};
        for (const [name, field] of Object.entries(type.fields)) {
          const member = given[name];
          if (member !== undefined)
            shown[name] = this.#typed(field.type, member, isSecret || field.secret === true);
        }
        // What no model knows may be anything.
        for (const [name, member] of Object.entries((given[UNKNOWN] ?? {}) as Record<string, JsonValue>)) {
          shown[name] = this.value(encodeJson(member));
        }
        return shown;
      }
    }
  }

  /** An empty text is no secret. */
  #unlessEmpty(text: string): string {
    return text === '' ? '' : this.value(text);
  }

  #told(value: Json, isSecret = false): Json {
    if (typeof value === 'string') return isSecret ? this.#unlessEmpty(value) : value;
    if (Array.isArray(value)) return value.map((each) => this.#told(each, isSecret));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => {
        if (/^env$/i.test(key) && Array.isArray(member)) {
          return [
            key,
            member.map((each) => (typeof each === 'string' ? this.pair(each) : this.#told(each, true))),
          ];
        }
        if (key === 'LogConfig' && member !== null && typeof member === 'object' && !Array.isArray(member)) {
          return [key, { ...member, Config: this.#told(member['Config'] ?? null, true) }];
        }
        return [key, this.#told(member, isSecret || SECRET_MEMBERS.has(key))];
      }),
    );
  }
}

/** Shorter ones are words that stand in any text. */
const LEAST_SECRET = 4;

function* secretsIn(type: BodyType, value: unknown, isSecret = false): Generator<string> {
  if (type.kind === 'string' && isSecret) yield value as string;
  else if (type.kind === 'array') {
    for (const each of value as readonly unknown[]) {
      if (isSecret && typeof each === 'string') yield each.slice(each.indexOf('=') + 1);
      else yield* secretsIn(type.of, each, isSecret);
    }
  } else if (type.kind === 'map') {
    for (const each of Object.values(value as object)) yield* secretsIn(type.of, each, isSecret);
  } else if (type.kind === 'struct') {
    for (const [name, field] of Object.entries(type.fields)) {
      const member = (value as Readonly<Record<string, unknown>>)[name];
      if (member !== undefined) yield* secretsIn(field.type, member, isSecret || field.secret === true);
    }
  }
}

/** What stands in parameters that are concealed, whole and in the parts that an Engine tells of. */
function* secretsOfQuery(query: string): Generator<string> {
  for (const pair of query.split(/[&;]/)) {
    const equals = pair.indexOf('=');
    if (equals === -1 || SHOWN.has(pair.slice(0, equals))) continue;
    const value = decoded(pair.slice(equals + 1));
    yield value;
    // URLs with what follows the question mark, instructions with their words, JSON with its texts.
    for (const word of value.split(/[\s?&"#]+/)) {
      yield word;
      yield word.slice(word.indexOf('=') + 1);
    }
  }
}

/** A secret as it is, as Go quotes it, and as it stands in a URL. */
function spellings(secret: string): string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encoded(secret)];
}

function plain(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function json(value: JsonValue): Json {
  return JSON.parse(encodeJson(value)) as Json;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What is no text of UTF-8 has no other spelling. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
