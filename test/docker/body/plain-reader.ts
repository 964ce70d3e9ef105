import { type BodyType, type Field, type StructType, UNKNOWN } from '../../../src/docker/body/types.ts';
import { foldKey, JsonNumber, type JsonValue } from '../../../src/docker/strict-json.ts';
import { quoted } from '../../../src/docker/text.ts';

/** What a plain reader makes of a body, or the words of its refusal. */
export type PlainlyRead = { readonly value: unknown; readonly unknown: readonly string[] } | string;

/**
 * The rules of `body/read.ts` with nothing done for speed: every key is folded, every path written out. What
 * differs from it is a fault in one of both.
 */
export function readPlainly(type: BodyType, body: JsonValue, version: number): PlainlyRead {
  const unknown: string[] = [];
  const read = (of: BodyType, value: JsonValue, at: string): unknown => {
    const list = (items: BodyType) =>
      Array.isArray(value)
        ? value.map((item, index) => {
            if (item === null && items.kind !== 'json') throw `body-field-type ${at}[${index}]`;
            return read(items, item, `${at}[${index}]`);
          })
        : refuse();
    const refuse = (): never => {
      throw `body-field-type ${at}`;
    };
    switch (of.kind) {
      case 'string':
        return typeof value === 'string' ? value : refuse();
      case 'bool':
        return typeof value === 'boolean' ? value : refuse();
      case 'int': {
        if (!(value instanceof JsonNumber) || !/^-?[0-9]{1,32}$/.test(value.text)) return refuse();
        const [least, most] = of.range ?? [0n, 0n];
        const number = BigInt(value.text);
        return number < least || number > most ? refuse() : number;
      }
      case 'float':
        return value instanceof JsonNumber ? value : refuse();
      case 'json':
        return value;
      case 'ignored':
        return undefined;
      case 'strings':
        return typeof value === 'string' ? [value] : list({ kind: 'string' });
      case 'array':
        return list(of.of);
      case 'map':
        if (!(value instanceof Map)) return refuse();
        return objectOf(
          [...value].map(([key, member]) => {
            const where = `${at}[${quoted(key)}]`;
            const made =
              member === null && of.of.kind !== 'json' ? zero(of.of, where) : read(of.of, member, where);
            return [key, made];
          }),
        );
      case 'struct':
        return value instanceof Map ? struct(of, value, at) : refuse();
    }
  };
  const struct = (of: StructType, value: ReadonlyMap<string, JsonValue>, at: string): object => {
    const fields = Object.entries(of.fields);
    const keys = [...value.keys()];
    const meant = (key: string) => fields.find(([name]) => foldKey(name) === foldKey(key));
    const wrong = keys.flatMap((key, index) => {
      if (keys.slice(0, index).some((other) => foldKey(other) === foldKey(key)))
        return [`body-field-duplicate ${join(at, key)}`];
      const [name, field] = meant(key) ?? [key];
      return name === key || field?.alias === key ? [] : [`body-field-case ${join(at, key)}`];
    });
    if (wrong.length > 0) throw wrong[0];
    const made = objectOf(
      fields.flatMap(([name, field]) => {
        const key = keys.find((each) => meant(each)?.[0] === name);
        const member = key === undefined ? null : (value.get(key) as JsonValue);
        if (member === null || !has(field)) return [];
        const given = read(field.type, member, join(at, name));
        return given === undefined ? [] : [[name, given]];
      }),
    );
    const others = [...value].filter(([key, member]) => {
      const [, field] = meant(key) ?? [];
      return !(field !== undefined && has(field)) && !isZero(member);
    });
    unknown.push(...others.map(([key]) => join(at, key)));
    return others.length === 0 ? made : Object.assign(made, { [UNKNOWN]: objectOf(others) });
  };
  const has = ({ since = 0, removed = 1_000 }: Field) => since <= version && version < removed;
  const zero = ({ kind }: BodyType, at: string): unknown => {
    if (kind === 'string') return '';
    if (kind === 'bool') return false;
    if (kind === 'int') return 0n;
    if (kind === 'array' || kind === 'strings') return [];
    if (kind === 'map' || kind === 'struct') return objectOf([]);
    throw `body-field-type ${at}`;
  };
  try {
    return { value: body === null ? zero(type, '') : read(type, body, ''), unknown };
  } catch (refusal) {
    if (typeof refusal === 'string') return refusal.trim();
    throw refusal;
  }
}

function objectOf(entries: Iterable<readonly [string, unknown]>): object {
  const made: Record<string, unknown> = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}

function isZero(value: JsonValue): boolean {
  if (value instanceof JsonNumber) return Number(value.text) === 0 && !/e/i.test(value.text);
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map ? value.size === 0 : !value;
}

function join(at: string, name: string): string {
  const shown = /^\w[\w.-]{0,79}$/.test(name) ? name : quoted(name);
  return at === '' ? shown : `${at}.${shown}`;
}
