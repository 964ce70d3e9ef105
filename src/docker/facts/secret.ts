import type { SecretSpec } from '../body/models/secret-spec.ts';
import type { ApiRequest } from '../types.ts';
import type { Facts } from './types.ts';

/** What secrets, configs and nodes have in common: labels. A secret's driver is a plugin that gets asked for it. */
export function labelledFacts(
  _: ApiRequest,
  { Labels: labels = {}, Driver }: Pick<SecretSpec, 'Labels' | 'Driver'>,
): Partial<Facts> {
  const { Name: reference = '' } = Driver ?? {};
  return { labels, plugins: reference === '' ? [] : [{ field: 'Driver.Name', reference }] };
}
