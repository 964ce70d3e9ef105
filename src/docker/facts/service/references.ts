import type { ContainerSpec } from '../../body/models/container-spec.ts';
import { indexed } from '../field.ts';
import type { Facts } from '../types.ts';

/** Secrets and configs that tasks may read: the id is what counts, where one is given. */
export function references(
  at: string,
  { Secrets = [], Configs = [] }: Pick<ContainerSpec, 'Secrets' | 'Configs'>,
): Partial<Facts> {
  return {
    secrets: [
      ...Secrets.map(({ SecretID = '', SecretName = '' }, index) => ({
        ...named(indexed(`${at}.Secrets`, index), 'Secret', SecretID, SecretName),
        kind: 'secret' as const,
      })),
      ...Configs.map(({ ConfigID = '', ConfigName = '' }, index) => ({
        ...named(indexed(`${at}.Configs`, index), 'Config', ConfigID, ConfigName),
        kind: 'config' as const,
      })),
    ],
  };
}

function named(at: string, kind: string, id: string, name: string) {
  return id === '' ? { field: `${at}.${kind}Name`, name } : { field: `${at}.${kind}ID`, name: id };
}
