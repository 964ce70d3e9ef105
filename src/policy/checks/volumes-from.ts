import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const volumesFrom: Check = defineCheck(
  {
    id: 'volumes-from',
    forbids: 'the mounts of another container, its host paths included',
    source: 'PSS baseline: HostPath Volumes',
    remedy: 'mount the volumes by name (docker run -v NAME:/path, without --volumes-from)',
  },
  ({ volumesFrom }) =>
    volumesFrom.map(({ field, container }) => ({
      field,
      asks: `takes over all mounts of the container ${quoted(container)}`,
    })),
);
