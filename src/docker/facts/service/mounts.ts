import type { Mount } from '../../body/models/mounts.ts';
import { toUpper } from '../go/to-upper.ts';
import { mounts } from '../host-config/mounts.ts';
import type { Facts } from '../types.ts';

/** Kinds of mounts by the names that swarmkit matches, in capitals (swarmkit, api/types.proto, Mount.MountType). */
const TYPES: ReadonlyMap<string, string> = new Map([
  // The first of the enumeration is what a mount without a type becomes.
  ['', 'bind'],
  ['BIND', 'bind'],
  ['VOLUME', 'volume'],
  ['TMPFS', 'tmpfs'],
  ['NPIPE', 'npipe'],
  ['CLUSTER', 'cluster'],
  ['IMAGE', 'image'],
]);

/** Go's text/template, which nodes expand in sources before they mount. */
const TEMPLATE = '{{';

/**
 * Mounts of a service's tasks. What differs from a container's: types and propagations are words in any case, none is
 * a bind, and a source may be a template, of which nobody can tell here what path it becomes.
 *
 * @param at the field of the list
 */
export function serviceMounts(at: string, list: readonly Mount[] = []): Partial<Facts> {
  return mounts(at, list.map(asContainers));
}

function asContainers(mount: Mount): Mount {
  const { Type = '', Source = '', BindOptions } = mount;
  const type = TYPES.get(toUpper(Type)) ?? Type;
  return {
    ...mount,
    Type: type,
    Source: type === 'bind' && Source.includes(TEMPLATE) ? '' : Source,
    ...(BindOptions === undefined
      ? {}
      : {
          BindOptions: { ...BindOptions, Propagation: toUpper(BindOptions.Propagation ?? '').toLowerCase() },
        }),
  };
}
