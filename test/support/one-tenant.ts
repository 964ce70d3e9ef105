import { writeFileSync } from 'node:fs';
import type { GatewayOptions } from './gateway.ts';

/**
 * QUAYWARDEN_TENANCY=1 runs the suites of clients as a tenant that has everything under its own tenant granted;
 * QUAYWARDEN_TENANCY=private as one with names of its own.
 */
export const IS_TENANCY = ['1', 'private'].includes(process.env['QUAYWARDEN_TENANCY'] ?? '');
/** Whether its names are not those on the Engine. */
export const HAS_OWN_NAMES = process.env['QUAYWARDEN_TENANCY'] === 'private';

/**
 * Reasons of what every tenant meets in the Engine's words, for the gateway says them itself: what is not there, and
 * what the Engine takes for no name.
 */
export const IN_ITS_WORDS: readonly string[] = ['no-such-object', ...(HAS_OWN_NAMES ? ['name-invalid'] : [])];

/** Everything within one's own tenant; and what belongs to none: images, builds, registries, the Engine's channels. */
const GRANTS = [
  'p, role:operator, */{tenant}/**, *, true, allow',
  'p, role:operator, engine, @read Session Grpc, true, allow',
  'p, role:operator, image, *, true, allow',
  'p, role:operator, image/**, *, true, allow',
  'p, role:operator, build, *, true, allow',
  'p, role:operator, registry, *, true, allow',
  'p, role:operator, registry/**, *, true, allow',
  'p, role:operator, plugin, @read, true, allow',
  'p, role:operator, plugin/**, @read, true, allow',
  'p, role:operator, node, @read, true, allow',
  'p, role:operator, node/**, @read, true, allow',
  'p, role:operator, network/-/bridge, NetworkInspect NetworkConnect NetworkDisconnect ContainerCreate, true, allow',
  'p, role:operator, network/-/host, NetworkInspect, true, allow',
  'p, role:operator, network/-/none, NetworkInspect, true, allow',
  '',
].join('\n');

/** Options of a gateway whose operator is one tenant's, when that is wanted. */
export function oneTenant(options: GatewayOptions, isWanted = IS_TENANCY): GatewayOptions {
  if (!isWanted) return options;
  return {
    ...options,
    config: { ...options.config, tenancy: { enabled: true, names: HAS_OWN_NAMES ? 'private' : 'shared' } },
    prepare: async (dir) => {
      writeFileSync(`${dir}/policies/grants.csv`, GRANTS);
      await options.prepare?.(dir);
    },
  };
}
