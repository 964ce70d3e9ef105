import type { Facts } from './types.ts';

/** Facts that are made of facts, or are maps: put together member by member. */
const GROUPS: ReadonlySet<string> = new Set<keyof Facts>([
  'capabilities',
  'security',
  'resources',
  'names',
  'labels',
  'build',
]);

/**
 * Puts parts of facts together: lists one after another, groups member by member; of single facts the later one
 * stands, and null never hides what another part tells. Takes time in the size of the parts, not more.
 *
 * What only one part tells is taken as it is; what is put together is made anew, for the parts stay what they were.
 */
export function mergeAll(parts: Iterable<Partial<Facts>>): Partial<Facts> {
  const made: Members = {};
  const own = new Set<unknown>();
  for (const part of parts as Iterable<Members>) {
    for (const key in part) {
      const value = part[key];
      if (made[key] && value && GROUPS.has(key)) fold(made, key, value as Members, own);
      else put(made, key, value, own);
    }
  }
  return made as Partial<Facts>;
}

/** The same for a few parts: what a request has many of would not fit on the stack. */
export function mergeFacts(...parts: readonly Partial<Facts>[]): Partial<Facts> {
  return mergeAll(parts);
}

type Members = Record<string, unknown>;

/** @param own lists and groups that were made here, and may grow */
function fold(made: Members, key: string, from: Members, own: Set<unknown>): void {
  let group = made[key] as Members;
  if (!own.has(group)) {
    group = Object.assign(Object.create(null), group);
    made[key] = group;
    own.add(group);
  }
  for (const name in from) put(group, name, from[name], own);
}

function put(into: Members, key: string, value: unknown, own: Set<unknown>): void {
  const there = into[key];
  if (there === undefined || there === null) {
    if (value !== undefined) into[key] = value;
  } else if (Array.isArray(value) && Array.isArray(there)) {
    if (value.length > 0) into[key] = there.length === 0 ? value : extended(there, value, own);
  } else if (value !== undefined && value !== null) {
    into[key] = value;
  }
}

function extended(list: unknown[], more: readonly unknown[], own: Set<unknown>): unknown[] {
  const made = own.has(list) ? list : [...list];
  own.add(made);
  for (const item of more) made.push(item);
  return made;
}
