import { Refusal } from '../../errors.ts';
import { readBodyAs } from '../body/read.ts';
import { array, type BodyType, type Made, map, string } from '../body/types.ts';
import { parseJson } from '../strict-json.ts';
import type { ApiRequest } from '../types.ts';

/** A query parameter that is a list of texts. */
export const STRINGS = array(string);
/** A query parameter that is an object of texts. */
export const TEXTS = map(string);

/**
 * Reads a query parameter that holds JSON.
 *
 * @returns undefined when it is not given; null stands for an empty one
 * @throws Refusal 400 `query-value`, unless it is of the type and has no field that is not known
 */
export function jsonParameter<B extends BodyType>(
  { query, version }: ApiRequest,
  name: string,
  type: B,
): Made<B> | undefined {
  const text = query[name];
  if (typeof text !== 'string') return undefined;
  const json = parseJson(text);
  try {
    const { value, unknown } = readBodyAs(type, json, version);
    if (unknown.length > 0) throw malformed(name, `holds ${unknown[0]}, which is not known`);
    return value;
  } catch (error) {
    if (!(error instanceof Refusal) || error.reason === 'query-value') throw error;
    throw malformed(name, `cannot be read: ${error.message}`);
  }
}

function malformed(name: string, what: string): Refusal {
  return new Refusal(400, 'query-value', `the query parameter ${name} ${what}`, { field: name });
}
