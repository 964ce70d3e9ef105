import type { BodyType, Field } from '../../../src/docker/body/types.ts';

/** Every field that a description names: its path, `[]` after an array and `{}` after a map, and its description. */
export function fieldsOf(type: BodyType): ReadonlyMap<string, Field> {
  return new Map(walk(type, ''));
}

/** Paths of what holds no further field, as `Labels{}` and `Aliases[]`. */
export function leavesOf(type: BodyType): readonly string[] {
  return [...fieldsOf(type)].flatMap(([path, field]) => {
    const { inner, suffix } = unwrapped(field.type);
    if (inner.kind === 'ignored') return [];
    return inner.kind === 'struct' && Object.keys(inner.fields).length > 0 ? [] : [path + suffix];
  });
}

function walk(type: BodyType, path: string): [string, Field][] {
  const { inner, suffix } = unwrapped(type);
  if (inner.kind !== 'struct') return [];
  const at = path + suffix;
  return Object.entries(inner.fields).flatMap(([name, field]) => {
    const own = at === '' ? name : `${at}.${name}`;
    return [[own, field] as [string, Field], ...walk(field.type, own)];
  });
}

function unwrapped(type: BodyType): { inner: BodyType; suffix: string } {
  let inner = type;
  let suffix = '';
  while (inner.kind === 'array' || inner.kind === 'map') {
    suffix += inner.kind === 'array' ? '[]' : '{}';
    inner = inner.of;
  }
  return { inner, suffix };
}
