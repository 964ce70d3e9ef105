import type { Facts, ResourceFacts } from '../../docker/facts/types.ts';
import type { Offence } from './function.ts';

type Runs = NonNullable<Facts['runs']>;
type Limited = Exclude<Runs, 'exec'>;

/** A limit of which no request may ask for more, and which whatever starts processes has to ask for. */
export interface Limit {
  readonly of: 'memory' | 'nanoCpus' | 'pids';
  readonly most: bigint;
  /** `2g` */
  readonly show: (value: bigint) => string;
  /** `memory` */
  readonly noun: string;
  /** Where a limit would be said, and undefined where none can be. */
  readonly fields: Readonly<Record<Limited, string | undefined>>;
  /** The names of the fields that an update would lift it by. */
  readonly lifted: RegExp;
}

/**
 * No limit is more than any limit: a container, a service or a build that asks for none offends. A command in a
 * container has the container's; and what starts nothing offends only by asking for more, or by lifting the limit.
 */
export function overLimit(limit: Limit, { runs, resources }: Facts): readonly Offence[] {
  const asked = resources[limit.of];
  const lifted = liftedBy(resources, limit);
  if (asked !== undefined) {
    return asked.value <= limit.most
      ? lifted
      : [{ field: asked.field, asks: `asks for ${limit.show(asked.value)} of ${limit.noun}` }, ...lifted];
  }
  if (runs === null || runs === 'exec') return lifted;
  const field = limit.fields[runs];
  const asks =
    field === undefined ? `sets no limit of ${limit.noun}, and can not` : `sets no limit of ${limit.noun}`;
  return [{ field: field ?? 'request', asks }, ...lifted];
}

function liftedBy({ lifted = [] }: ResourceFacts, limit: Limit): readonly Offence[] {
  return lifted
    .filter(({ field }) => limit.lifted.test(field))
    .map(({ field }) => ({ field, asks: `lifts the limit of ${limit.noun}` }));
}
