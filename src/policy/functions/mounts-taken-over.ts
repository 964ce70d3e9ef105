import type { Facts } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import type { Offence } from './function.ts';

/** What another container has mounted is not said in the request. */
export function takenOver(volumesFrom: Facts['volumesFrom']): readonly Offence[] {
  return volumesFrom.map(({ field, container }) => ({
    field,
    asks: `takes over whatever ${quoted(container)} has mounted`,
    untold: true,
    remedy: 'name each mount',
  }));
}
