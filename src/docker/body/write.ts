import { encodeJson, escapeUnseen, type JsonValue } from '../strict-json.ts';
import { type BodyType, type Field, type StructType, UNKNOWN } from './types.ts';

/**
 * Writes a body that was read (or made of one that was): fields in the description's order, then unknown ones that
 * a grant let through. Nothing of the client's bytes is in it.
 */
export function writeBody(type: BodyType, value: unknown): string {
  return escapeUnseen(write(type, value));
}

function write(type: BodyType, value: unknown): string {
  switch (type.kind) {
    case 'string':
    case 'bool':
    case 'strings':
      return JSON.stringify(value);
    case 'int':
      return String(value as bigint);
    case 'float':
    case 'json':
    case 'ignored':
      return encodeJson(value as JsonValue);
    case 'array':
      if (type.of.kind === 'string') return JSON.stringify(value);
      return `[${(value as readonly unknown[]).map((item) => write(type.of, item)).join(',')}]`;
    case 'map':
      return writeMap(type.of, value as Readonly<Record<string, unknown>>);
    case 'struct':
      return writeStruct(type, value as Readonly<Record<string, unknown>>);
  }
}

function writeMap(of: BodyType, value: Readonly<Record<string, unknown>>): string {
  let members = '';
  for (const key of Object.keys(value)) {
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${write(of, value[key])}`;
  }
  return `{${members}}`;
}

function writeStruct(type: StructType, value: Readonly<Record<string | symbol, unknown>>): string {
  let members = '';
  for (const name in type.fields) {
    const member = value[name];
    if (member === undefined) continue;
    members += `${members === '' ? '"' : ',"'}${name}":${write((type.fields[name] as Field).type, member)}`;
  }
  const unknown = (value[UNKNOWN] ?? {}) as Readonly<Record<string, JsonValue>>;
  for (const name of Object.keys(unknown)) {
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${encodeJson(unknown[name] as JsonValue)}`;
  }
  return `{${members}}`;
}
