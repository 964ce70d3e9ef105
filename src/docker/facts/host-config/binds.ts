import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed } from '../field.ts';
import { mergeAll } from '../merge.ts';
import type { Facts } from '../types.ts';
import { bindFacts } from './bind.ts';
import { parseBind } from './bind-spec.ts';
import { volumeFacts } from './volume.ts';

/** `HostConfig.Binds`: host paths and volumes. What cannot be parsed may be any path. */
export function binds(hostConfig: Pick<HostConfig, 'Binds' | 'VolumeDriver'>): Partial<Facts> {
  const { Binds = [], VolumeDriver: driver = '' } = hostConfig;
  return mergeAll(
    Binds.map((text, index) => {
      const field = indexed('HostConfig.Binds', index);
      const spec = parseBind(text);
      if (spec === null) return bindFacts({ field, path: null, mode: 'rw' });
      if (spec.volume === null) return bindFacts({ field, ...spec });
      return volumeFacts({ field, name: spec.volume, mode: spec.mode, driver });
    }),
  );
}
