import { UNKNOWN } from '../body/types.ts';
import { indexed, keyed } from './field.ts';
import type { Fact } from './types.ts';

/** Fields of a body that its model does not know, which are there only where a grant lets them through. */
export function unknownFields(body: unknown): readonly Fact[] {
  if (!hasUnknown(body)) return NONE;
  const found: Fact[] = [];
  walk(body, '', found);
  return found;
}

const NONE: readonly Fact[] = Object.freeze([]);

/** Nearly always there are none, and then no path has to be written. */
function hasUnknown(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  // A list of texts holds nothing else, and may be long.
  if (Array.isArray(value)) return typeof value[0] !== 'string' && value.some(hasUnknown);
  if ((value as { readonly [UNKNOWN]?: object })[UNKNOWN] !== undefined) return true;
  for (const name in value) if (hasUnknown((value as Readonly<Record<string, unknown>>)[name])) return true;
  return false;
}

function walk(value: unknown, path: string, found: Fact[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      walk(item, indexed(path, index), found);
    });
    return;
  }
  const { [UNKNOWN]: unknown } = value as { readonly [UNKNOWN]?: object };
  for (const name of Object.keys(unknown ?? {})) found.push({ field: join(path, name) });
  for (const [name, member] of Object.entries(value)) walk(member, join(path, name), found);
}

function join(path: string, name: string): string {
  if (!/^\w[\w.-]{0,79}$/.test(name)) return keyed(path, name);
  return path === '' ? name : `${path}.${name}`;
}
