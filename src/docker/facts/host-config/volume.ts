import type { Facts, VolumeFact } from '../types.ts';

/** The driver that makes a volume when none is named. */
const DEFAULT_DRIVER = 'local';

/** The Engine's own pattern of names (moby, daemon/names, RestrictedNamePattern). */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/**
 * A volume that is mounted. A name that is none (`./etc`, `~/x`) stands for a path of the host to some programs that
 * speak this API; no Engine's own driver takes it.
 */
export function volumeFacts(
  volume: Omit<VolumeFact, 'driver' | 'options'> & Partial<Pick<VolumeFact, 'driver' | 'options'>>,
): Partial<Facts> {
  const { field, name, mode, driver = '', options = [] } = volume;
  return {
    volumes: [{ field, name, driver: driver === '' ? DEFAULT_DRIVER : driver, options, mode }],
    mountTypes: [{ field, type: 'volume' }],
    hostPaths: name === '' || NAME.test(name) ? [] : [{ field, path: null, mode, via: 'bind' }],
  };
}
