import { UNKNOWN } from '../body/types.ts';
import { indexed, keyed } from './field.ts';
import type { Fact } from './types.ts';

/** Fields of a body that its model does not know, which are there only where a grant lets them through. */
export function unknownFields(body: unknown): readonly Fact[] {
  const found: Fact[] = [];
  walk(body, '', found);
  return found;
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
