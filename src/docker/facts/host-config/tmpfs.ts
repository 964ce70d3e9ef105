import { keyed } from '../field.ts';
import type { Facts } from '../types.ts';

/** `HostConfig.Tmpfs`: by the path in the container. */
export function tmpfs(mounts: Readonly<Record<string, string>> = {}): Partial<Facts> {
  return {
    mountTypes: Object.keys(mounts).map((path) => ({
      field: keyed('HostConfig.Tmpfs', path),
      type: 'tmpfs',
    })),
  };
}
