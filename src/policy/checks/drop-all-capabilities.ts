import type { Facts } from '../../docker/facts/types.ts';
import { type Check, defineCheck } from './check.ts';

/** Where it would be said; an exec has its container's, and a build has no say (unconfined-build). */
const FIELDS = new Map<Facts['runs'], string>([
  ['container', 'HostConfig.CapDrop'],
  ['service', 'TaskTemplate.ContainerSpec.CapabilityDrop'],
]);

export const dropAllCapabilities: Check = defineCheck(
  {
    id: 'drop-all-capabilities',
    forbids: 'containers that keep capabilities',
    source: 'PSS restricted: Capabilities',
    remedy: 'drop them all (docker run --cap-drop ALL)',
  },
  ({ runs, capabilities }) => {
    const field = FIELDS.get(runs);
    if (field === undefined || capabilities.dropped.includes('ALL')) return [];
    return [{ field, asks: 'does not drop ALL capabilities' }];
  },
);
