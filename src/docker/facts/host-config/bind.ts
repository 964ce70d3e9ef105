import type { Facts, HostPathFact } from '../types.ts';

/** Propagation by which mounts made in the container appear on the host. */
const SHARED = new Set(['shared', 'rshared']);

/** A path of the host that is mounted. */
export function bindFacts(
  bind: Pick<HostPathFact, 'field' | 'path' | 'mode'> & {
    readonly relabel?: HostPathFact['relabel'] | undefined;
    readonly propagation?: string | undefined;
  },
): Partial<Facts> {
  const { field, path, mode, relabel, propagation } = bind;
  const fact: HostPathFact = {
    field,
    path,
    mode,
    via: 'bind',
    ...(relabel === undefined ? {} : { relabel }),
  };
  return {
    hostPaths: SHARED.has(propagation ?? '') ? [fact, { field, path, mode, via: 'propagation' }] : [fact],
    mountTypes: [{ field, type: 'bind' }],
  };
}
