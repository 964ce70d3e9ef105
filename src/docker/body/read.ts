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
  const value = (body === null ? reader.zeroOf(type) : reader.read(type, body)) as Made<B>;
  return { value, unknown: reader.unknown, hints: reader.hints };
}

/** A member of a map on the way to where the reader is; fields stand there as their names, items as their indices. */
interface Keyed {
  readonly key: string;
}

/** Goes through one body. Where it is, is written out only where somebody is told. */
class Reader {
  readonly unknown: string[] = [];
  readonly hints: Record<string, string> = Object.create(null);
  readonly #version: number;
  readonly #at: (string | number | Keyed)[] = [];

  constructor(version: number) {
    this.#version = version;
  }

  read(type: BodyType, value: JsonValue): unknown {
    switch (type.kind) {
      case 'string':
        return typeof value === 'string' ? value : this.#wrong('a string', value);
      case 'bool':
        return typeof value === 'boolean' ? value : this.#wrong('true or false', value);
      case 'int':
        return this.#int(value, type.range);
      case 'float':
        return value instanceof JsonNumber ? value : this.#wrong('a number', value);
      case 'json':
        return value;
      case 'ignored':
        return undefined;
      case 'strings':
        if (typeof value === 'string') return [value];
        return this.#items(STRING, value, 'a string or an array of strings');
      case 'array':
        return this.#items(type.of, value, 'an array');
      case 'map':
        return this.#map(type.of, value);
      case 'struct':
        return this.#struct(type, value);
    }
  }

  #int(value: JsonValue, range: readonly [bigint, bigint] | undefined): bigint {
    // Go's integers take neither 1e8 nor 1.0.
    if (!(value instanceof JsonNumber) || !/^-?[0-9]{1,32}$/.test(value.text)) {
      return this.#wrong('an integer', value);
    }
    const read = BigInt(value.text);
    const [least, most] = range ?? [read, read];
    if (read < least || read > most) return this.#wrong(`an integer from ${least} to ${most}`, value);
    return read;
  }

  #items(of: BodyType, value: JsonValue, wanted: string): unknown[] {
    if (!Array.isArray(value)) return this.#wrong(wanted, value);
    if (of.kind === 'string' && value.every(isString)) return value;
    const made: unknown[] = [];
    for (let index = 0; index < value.length; index += 1) {
      const item = value[index] as JsonValue;
      this.#at.push(index);
      // Go makes a zero value of it, or a nil pointer that not every Engine expects.
      made.push(item === null && of.kind !== 'json' ? this.#wrong('a value', item) : this.read(of, item));
      this.#at.pop();
    }
    return made;
  }

  #map(of: BodyType, value: JsonValue): object {
    if (!(value instanceof Map)) return this.#wrong('an object', value);
    const made: Record<string, unknown> = Object.create(null);
    for (const [key, member] of value) {
      this.#at.push({ key });
      made[key] = member === null && of.kind !== 'json' ? this.zeroOf(of) : this.read(of, member);
      this.#at.pop();
    }
    return made;
  }

  #struct(type: StructType, value: JsonValue): object {
    if (!(value instanceof Map)) return this.#wrong('an object', value);
    const { fields, named } = planOf(type);
    // Bodies are written by programs: where each key is the name of a field, none can be equal but for its case.
    let strange = false;
    let unknown = false;
    for (const key of value.keys()) {
      const field = named.get(key);
      if (field === undefined) strange = true;
      else if (!this.#has(field)) unknown = true;
    }
    if (strange) this.#checkKeys(type, value);
    const made = new Fields();
    for (const [name, field] of fields) {
      const member = value.get(name) ?? (field.alias === undefined ? undefined : value.get(field.alias));
      if (member === undefined || member === null || !this.#has(field)) continue;
      this.#at.push(name);
      const read = this.read(field.type, member);
      this.#at.pop();
      if (read !== undefined) made[name] = read;
    }
    if (strange || unknown) this.#keepUnknown(type, value, made);
    return made;
  }

  #keepUnknown(type: StructType, value: JsonObject, made: Record<string | symbol, unknown>): void {
    const { folded } = planOf(type);
    const unknown: Record<string, JsonValue> = Object.create(null);
    for (const [name, member] of value) {
      const meant = folded.get(foldKey(name));
      const field = meant === undefined ? undefined : type.fields[meant];
      if ((field !== undefined && this.#has(field)) || isZero(member)) continue;
      const at = this.#path(name);
      this.unknown.push(at);
      const hint = field === undefined ? type.hints?.get(name) : versionsOf(field);
      if (hint !== undefined) this.hints[at] = hint;
      unknown[name] = member;
    }
    if (Object.keys(unknown).length > 0) made[UNKNOWN] = unknown;
  }

  #has({ since, removed }: Field): boolean {
    return (
      (since === undefined || since <= this.#version) && (removed === undefined || this.#version < removed)
    );
  }

  /** Go matches a key to a field in any case, so another spelling is another reading of the same request. */
  #checkKeys(type: StructType, value: JsonObject): void {
    const { folded: names } = planOf(type);
    const seen = new Set<string>();
    for (const name of value.keys()) {
      const folded = foldKey(name);
      if (seen.has(folded)) {
        const at = this.#path(name);
        throw new Refusal(400, 'body-field-duplicate', `the body gives ${at} twice`, { field: at });
      }
      seen.add(folded);
      const meant = names.get(folded);
      if (meant !== undefined && meant !== name && type.fields[meant]?.alias !== name) {
        const at = this.#path(name);
        throw new Refusal(
          400,
          'body-field-case',
          `the body field ${at} must be written ${this.#path(meant)}`,
          { field: at },
        );
      }
    }
  }

  zeroOf(type: BodyType): unknown {
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
        return this.#wrong('a value', null);
    }
  }

  #wrong(wanted: string, value: JsonValue): never {
    const path = this.#path();
    const subject = path === '' ? 'the body' : `the body field ${path}`;
    throw new Refusal(
      400,
      'body-field-type',
      `${subject} must be ${wanted}, not ${described(value)}`,
      path === '' ? {} : { field: path },
    );
  }

  /** Where the reader is, or the field of that name there. */
  #path(field?: string): string {
    let path = '';
    for (const step of field === undefined ? this.#at : [...this.#at, field]) {
      if (typeof step === 'number') path += `[${step}]`;
      else if (typeof step === 'string') path = join(path, step);
      else path += `[${quoted(step.key)}]`;
    }
    return path;
  }
}

/**
 * An object that has no members but its own, as `Object.create(null)` makes: V8 keeps what that makes in a table, and what a class
 * makes in a shape, from which it is read faster. For fields that a description names, of which programs send the same few: who sends
 * others each time has V8 make shapes, and go back to tables after some. Keys that clients choose stay in tables.
 */
class Fields {
  [name: string | symbol]: unknown;
}
Object.setPrototypeOf(Fields.prototype, null);
Reflect.deleteProperty(Fields.prototype, 'constructor');
Object.freeze(Fields.prototype);

/** In which versions a field is known, if not in the one of this request. */
function versionsOf({ since = 0, removed }: Field): string {
  if (removed === undefined) return `it needs API 1.${since} or newer`;
  return `no API from 1.${removed} on has it${since === 0 ? '' : `, and none before 1.${since}`}`;
}

/** What is made of a description once, for all bodies. */
interface Plan {
  readonly fields: readonly (readonly [name: string, field: Field])[];
  readonly named: ReadonlyMap<string, Field>;
  /** Names by how Go compares them. */
  readonly folded: ReadonlyMap<string, string>;
}

const PLANS = new WeakMap<StructType, Plan>();

function planOf(type: StructType): Plan {
  let plan = PLANS.get(type);
  if (plan === undefined) {
    const fields = Object.entries(type.fields);
    plan = { fields, named: new Map(fields), folded: new Map(fields.map(([name]) => [foldKey(name), name])) };
    PLANS.set(type, plan);
  }
  return plan;
}

const STRING: BodyType = { kind: 'string' };

function isString(value: JsonValue): value is string {
  return typeof value === 'string';
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

function described(value: JsonValue): string {
  if (value === null) return 'null';
  if (value instanceof JsonNumber) return 'this number';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Map) return 'an object';
  return typeof value === 'string' ? 'a string' : 'a boolean';
}
