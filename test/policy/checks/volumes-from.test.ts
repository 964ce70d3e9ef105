import { volumesFrom } from '../../../src/policy/checks/volumes-from.ts';
import { describeCheck } from './support.ts';

describeCheck(volumesFrom, 'volumes-from', {
  refuses: [
    [
      "another container's mounts",
      { volumesFrom: [{ field: 'HostConfig.VolumesFrom[0]', container: 'bobc' }] },
      [
        {
          field: 'HostConfig.VolumesFrom[0]',
          asks: 'takes over all mounts of the container "bobc"',
          remedy: 'mount the volumes by name (docker run -v NAME:/path, without --volumes-from)',
        },
      ],
    ],
  ],
  accepts: [],
});
