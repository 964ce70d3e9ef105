import { encodeJson, type JsonValue } from '../strict-json.ts';
import { type BodyType, type StructType, UNKNOWN } from './types.ts';

/**
 * Writes a body that was read (or made of one that was): fields in the description's order, then unknown ones that
 * a grant let through. Nothing of the client's bytes is in it.
 */
export function writeBody(type: BodyType, value: unknown): string {
  return write(type, value);
}

function write(type: BodyType, value: unknown): string {
  switch (type.kind) {
    case 'string':
    case 'bool':
      return encodeJson(value as string | boolean);
    case 'int':
      return String(value as bigint);
    case 'float':
    case 'json':
    case 'ignored':
      return encodeJson(value as JsonValue);
    case 'strings':
      return `[${(value as readonly string[]).map(encodeJson).join(',')}]`;
    case 'array':
      return `[${(value as readonly unknown[]).map((item) => write(type.of, item)).join(',')}]`;
    case 'map':
      return `{${Object.entries(value as object)
        .map(([key, member]) => `${encodeJson(key)}:${write(type.of, member)}`)
        .join(',')}}`;
    case 'struct':
      return writeStruct(type, value as Readonly<Record<string, unknown>>);
  }
}

function writeStruct(type: StructType, value: Readonly<Record<string | symbol, unknown>>): string {
  const members: string[] = [];
  for (const [name, field] of Object.entries(type.fields)) {
    const member = value[name];
    if (member !== undefined) members.push(`${encodeJson(name)}:${write(field.type, member)}`);
  }
  for (const [name, member] of Object.entries((value[UNKNOWN] ?? {}) as Record<string, JsonValue>)) {
    members.push(`${encodeJson(name)}:${encodeJson(member)}`);
  }
  return `{${members.join(',')}}`;
}
