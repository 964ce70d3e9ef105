import { Refusal } from '../../errors.ts';
import { foldKey, JsonNumber, type JsonObject, type JsonValue } from '../strict-json.ts';
import { quoted } from '../text.ts';
import { type BodyType, type Field, type Made, type StructType, UNKNOWN } from './types.ts';

/** A body as it is judged and forwarded. */
export interface ReadBody<T> {
  readonly value: T;
  /** Paths of fields that no description names and that carry a value: `HostConfig.NewField`. They are in `value`, under `UNKNOWN`. */
  readonly unknown: readonly string[];
  /** For some of these paths: what the client should know, in half a sentence. */
  readonly hints: Readonly<Record<string, string>>;
}

/**
 * Reads a parsed body against its description. What carries no value is left out: `null`, which Go takes for
 * "not given" (in a map it is the zero value of its type), and unknown fields whose value is zero, as Docker's
 * open schema promises. A body that is `null` is empty: the docker CLI sends it to
 * ImageCommit, and to PluginPull for a plugin that asks for no privileges.
 *
 * @param version minor of the API version the request is judged as
 * @throws Refusal 400 with the path as its field: `body-field-type`, `body-field-case`, `body-field-duplicate`
 */
export function readBodyAs<B extends BodyType>(type: B, body: JsonValue, version: number): ReadBody<Made<B>> {
  const reader = new Reader(version);
  const value = (body === null ? zeroOf(type, '') : reader.read(type, body, '')) as Made<B>;
  return { value, unknown: reader.unknown, hints: reader.hints };
}

class Reader {
  readonly unknown: string[] = [];
  readonly hints: Record<string, string> = Object.create(null);
  readonly #version: number;

  constructor(version: number) {
    this.#version = version;
  }

  read(type: BodyType, value: JsonValue, path: string): unknown {
    switch (type.kind) {
      case 'string':
        return typeof value === 'string' ? value : wrong(path, 'a string', value);
      case 'bool':
        return typeof value === 'boolean' ? value : wrong(path, 'true or false', value);
      case 'int':
        return readInt(value, path, type.range);
      case 'float':
        return value instanceof JsonNumber ? value : wrong(path, 'a number', value);
      case 'json':
        return value;
      case 'ignored':
        return undefined;
      case 'strings':
        if (typeof value === 'string') return [value];
        return this.#items({ kind: 'string' }, value, path, 'a string or an array of strings');
      case 'array':
        return this.#items(type.of, value, path, 'an array');
      case 'map':
        return this.#map(type.of, value, path);
      case 'struct':
        return this.#struct(type, value, path);
    }
  }

  #items(of: BodyType, value: JsonValue, path: string, wanted: string): unknown[] {
    if (!Array.isArray(value)) return wrong(path, wanted, value);
    return value.map((item, index) => {
      const at = `${path}[${index}]`;
      // Go makes a zero value of it, or a nil pointer that not every Engine expects.
      return item === null && of.kind !== 'json' ? wrong(at, 'a value', item) : this.read(of, item, at);
    });
  }

  #map(of: BodyType, value: JsonValue, path: string): object {
    if (!(value instanceof Map)) return wrong(path, 'an object', value);
    const made: Record<string, unknown> = Object.create(null);
    for (const [key, member] of value) {
      const at = `${path}[${quoted(key)}]`;
      made[key] = member === null && of.kind !== 'json' ? zeroOf(of, at) : this.read(of, member, at);
    }
    return made;
  }

  #struct(type: StructType, value: JsonValue, path: string): object {
    if (!(value instanceof Map)) return wrong(path, 'an object', value);
    this.#checkKeys(type, value, path);
    const made: Record<string | symbol, unknown> = Object.create(null);
    for (const [name, field] of Object.entries(type.fields)) {
      const member = value.get(name) ?? value.get(field.alias ?? name);
      if (member === undefined || member === null || !this.#has(field)) continue;
      const read = this.read(field.type, member, join(path, name));
      if (read !== undefined) made[name] = read;
    }
    const unknown: Record<string, JsonValue> = Object.create(null);
    for (const [name, member] of value) {
      const meant = foldedNames(type).get(foldKey(name));
      const field = meant === undefined ? undefined : type.fields[meant];
      if ((field !== undefined && this.#has(field)) || isZero(member)) continue;
      const at = join(path, name);
      this.unknown.push(at);
      const hint = field === undefined ? type.hints?.get(name) : versionsOf(field);
      if (hint !== undefined) this.hints[at] = hint;
      unknown[name] = member;
    }
    if (Object.keys(unknown).length > 0) made[UNKNOWN] = unknown;
    return made;
  }

  #has({ since = 0, removed = Number.POSITIVE_INFINITY }: Field): boolean {
    return since <= this.#version && this.#version < removed;
  }

  /** Go matches a key to a field in any case, so another spelling is another reading of the same request. */
  #checkKeys(type: StructType, value: JsonObject, path: string): void {
    const names = foldedNames(type);
    const seen = new Set<string>();
    for (const name of value.keys()) {
      const folded = foldKey(name);
      if (seen.has(folded)) {
        throw new Refusal(400, 'body-field-duplicate', `the body gives ${join(path, name)} twice`, {
          field: join(path, name),
        });
      }
      seen.add(folded);
      const meant = names.get(folded);
      if (meant !== undefined && meant !== name && type.fields[meant]?.alias !== name) {
        throw new Refusal(
          400,
          'body-field-case',
          `the body field ${join(path, name)} must be written ${join(path, meant)}`,
          { field: join(path, name) },
        );
      }
    }
  }
}

/** In which versions a field is known, if not in the one of this request. */
function versionsOf({ since = 0, removed }: Field): string {
  if (removed === undefined) return `it needs API 1.${since} or newer`;
  return `no API from 1.${removed} on has it${since === 0 ? '' : `, and none before 1.${since}`}`;
}

const NAMES = new WeakMap<StructType, ReadonlyMap<string, string>>();

function foldedNames(type: StructType): ReadonlyMap<string, string> {
  let names = NAMES.get(type);
  if (names === undefined) {
    names = new Map(Object.keys(type.fields).map((name) => [foldKey(name), name]));
    NAMES.set(type, names);
  }
  return names;
}

function readInt(value: JsonValue, path: string, range: readonly [bigint, bigint] | undefined): bigint {
  // Go's integers take neither 1e8 nor 1.0.
  if (!(value instanceof JsonNumber) || !/^-?[0-9]{1,32}$/.test(value.text)) {
    return wrong(path, 'an integer', value);
  }
  const read = BigInt(value.text);
  const [least, most] = range ?? [read, read];
  if (read < least || read > most) return wrong(path, `an integer from ${least} to ${most}`, value);
  return read;
}

function zeroOf(type: BodyType, path: string): unknown {
  switch (type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'int':
      return 0n;
    case 'array':
    case 'strings':
      return [];
    case 'map':
    case 'struct':
      return Object.create(null);
    default:
      return wrong(path, 'a value', null);
  }
}

/** null, false, 0, "", [] and {}: what a client that knows the field sends when it is not used. */
function isZero(value: JsonValue): boolean {
  if (value instanceof JsonNumber) return /^-?0(\.0+)?$/.test(value.text);
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  return value === null || value === false || value === '';
}

function join(path: string, name: string): string {
  const shown = /^\w[\w.-]{0,79}$/.test(name) ? name : quoted(name);
  return path === '' ? shown : `${path}.${shown}`;
}

function wrong(path: string, wanted: string, value: JsonValue): never {
  const subject = path === '' ? 'the body' : `the body field ${path}`;
  throw new Refusal(
    400,
    'body-field-type',
    `${subject} must be ${wanted}, not ${described(value)}`,
    path === '' ? {} : { field: path },
  );
}

function described(value: JsonValue): string {
  if (value === null) return 'null';
  if (value instanceof JsonNumber) return 'this number';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'an object';
  return typeof value === 'string' ? 'a string' : 'a boolean';
}
