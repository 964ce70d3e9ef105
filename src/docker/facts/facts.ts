import type { ApiRequest } from '../types.ts';
import { NO_FACTS } from './none.ts';
import type { Facts } from './types.ts';

/** What of the facts one operation's request tells; the rest is as in NO_FACTS. */
export type FactsOf = (api: ApiRequest, body: unknown) => Partial<Facts>;

/** By operationId. */
const TABLE: Readonly<Record<string, FactsOf>> = {};

/**
 * What a request asks for.
 *
 * @param body as its model read it (`body/read.ts`); undefined when the request has none
 */
export function factsOf(api: ApiRequest, body: unknown): Facts {
  return { ...NO_FACTS, ...TABLE[api.operation.id]?.(api, body) };
}
