import { encodeJson, JsonError, type JsonObject, type JsonValue, parseJson } from './strict-json.ts';
import type { Filters } from './types.ts';

/**
 * Reads filters in either shape that the Engine takes (moby, api/types/filters.FromJSON): `{"label":["a"]}` or
 * `{"label":{"a":true}}`. The booleans of the second say nothing to most of the Engine, so a value with `false`
 * counts as listed; keys without values are kept, for the Engine checks their names.
 *
 * @returns keys and values sorted, each once; none for `null` and `{}`
 * @throws JsonError
 */
export function parseFilters(text: string): Filters {
  const document = parseJson(text);
  if (document === null) return {};
  if (!(document instanceof Map)) throw new JsonError('filters are an object of lists');
  const shapes = new Set([...document.values()].filter((values) => values !== null).map(Array.isArray));
  if (shapes.size > 1) throw new JsonError('filters are either all lists or all objects');
  const keys = [...document.keys()].sort();
  return Object.fromEntries(keys.map((key) => [key, [...new Set(listed(key, document.get(key)))].sort()]));
}

/** Writes filters as `map[string]map[string]bool`, which every Engine since API 1.22 reads. */
export function encodeFilters(filters: Filters): string {
  const document: JsonObject = new Map();
  for (const [key, values] of Object.entries(filters)) {
    document.set(key, new Map(values.map((value) => [value, true] as const)));
  }
  return encodeJson(document);
}

function listed(key: string, values: JsonValue | undefined): string[] {
  if (values === null || values === undefined) return [];
  if (Array.isArray(values)) {
    return values.map((value) => {
      if (typeof value === 'string') return value;
      throw new JsonError(`the filter ${JSON.stringify(key)} lists something that is not a string`);
    });
  }
  if (!(values instanceof Map) || [...values.values()].some((mark) => typeof mark !== 'boolean')) {
    throw new JsonError(
      `the filter ${JSON.stringify(key)} is neither a list of strings nor an object of booleans`,
    );
  }
  return [...values.keys()];
}
