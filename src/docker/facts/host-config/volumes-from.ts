import { indexed } from '../field.ts';
import type { Facts } from '../types.ts';

/** `HostConfig.VolumesFrom`: a container, and a mode after the first colon. */
export function volumesFrom(list: readonly string[] = []): Partial<Facts> {
  return {
    volumesFrom: list.map((text, index) => ({
      field: indexed('HostConfig.VolumesFrom', index),
      container: text.split(':')[0] ?? '',
    })),
  };
}
