import { dirname, join } from 'node:path';
import { DEFAULT_ENGINE } from './engine-schema.ts';
import type { Config } from './schema.ts';

/** One Engine as it is configured. */
export interface ConfiguredEngine extends Pick<Config['engine'], 'address' | 'tls' | 'onThisHost' | 'hosts'> {
  /** `default` for the section `engine`. */
  readonly name: string;
  /** The key of the configuration that it stands at: `engine`, or `engines.NAME`. */
  readonly key: string;
  /** Where its own TLS listener listens; absent where it has none. */
  readonly listen?: string | undefined;
  /** The file of the objects on it that were handed to tenants. */
  readonly adopted: string;
}

type Sections = Pick<Config, 'engine' | 'engines' | 'tenancy'>;

/** All Engines, the default one first. */
export function enginesOf({ engine, engines, tenancy }: Sections): readonly ConfiguredEngine[] {
  const beside = dirname(tenancy.adopted);
  return [
    { ...engine, name: DEFAULT_ENGINE, key: 'engine', adopted: tenancy.adopted },
    ...Object.entries(engines).map(([name, other]) => ({
      ...other,
      name,
      key: `engines.${name}`,
      adopted: other.adopted ?? join(beside, `adopted-${name}.csv`),
    })),
  ];
}

/** Whether there is more than one, so that records and sentences have to say which. */
export function areSeveral({ engines }: Pick<Config, 'engines'>): boolean {
  return Object.keys(engines).length > 0;
}
