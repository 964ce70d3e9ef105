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
 */
export function mergeAll(parts: Iterable<Partial<Facts>>): Partial<Facts> {
  const made: Members = Object.create(null);
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (!GROUPS.has(key) || value === null) put(made, key, value);
      else made[key] = fold((made[key] ?? Object.create(null)) as Members, value as Members);
    }
  }
  return made as Partial<Facts>;
}

/** The same for a few parts: what a request has many of would not fit on the stack. */
export function mergeFacts(...parts: readonly Partial<Facts>[]): Partial<Facts> {
  return mergeAll(parts);
}

type Members = Record<string, unknown>;

function fold(into: Members, from: Members): Members {
  for (const [key, value] of Object.entries(from)) put(into, key, value);
  return into;
}

function put(into: Members, key: string, value: unknown): void {
  const there = into[key];
  if (!Array.isArray(value)) {
    if (value !== undefined && (value !== null || there === undefined)) into[key] = value;
  } else if (Array.isArray(there)) {
    for (const item of value) there.push(item);
  } else {
    // A list of our own, to which the next part may add.
    into[key] = [...value];
  }
}
