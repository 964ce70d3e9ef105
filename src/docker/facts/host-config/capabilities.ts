import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed } from '../field.ts';
import { toUpper } from '../go/to-upper.ts';
import type { Facts } from '../types.ts';

const PREFIX = 'CAP_';

/**
 * `CapAdd` and `CapDrop` in the one spelling; names that no kernel knows stay in it. `Capabilities`, which Docker 19.03
 * takes in place of its default ones, counts as added.
 */
export function capabilities(
  config: Pick<HostConfig, 'CapAdd' | 'CapDrop' | 'Capabilities'>,
): Partial<Facts> {
  const { CapAdd, Capabilities } = config;
  const added = addedBy('HostConfig.CapAdd', CapAdd);
  return {
    capabilities: {
      added:
        Capabilities === undefined ? added : [...added, ...addedBy('HostConfig.Capabilities', Capabilities)],
      dropped: (config.CapDrop ?? []).map(droppedCapability),
    },
  };
}

function addedBy(at: string, names: readonly string[] = []): Facts['capabilities']['added'] {
  return names.map((text, index) => ({ field: indexed(at, index), name: capability(text) }));
}

/** A capability as the Engine normalises it (moby, oci/caps), without the prefix that it adds. */
export function capability(text: string): string {
  const upper = toUpper(text);
  return upper.startsWith(PREFIX) ? upper.slice(PREFIX.length) : upper;
}

/** "CAP_ALL" is no capability to the Engine: dropping it drops nothing. */
export function droppedCapability(text: string): string {
  return toUpper(text) === 'CAP_ALL' ? 'CAP_ALL' : capability(text);
}
