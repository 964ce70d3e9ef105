import { group } from '../../../src/policy/checks/group.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.GroupAdd[0]';

describeCheck(group, 'group', {
  refuses: [
    [
      'a supplementary group',
      { groups: [{ field, name: 'docker' }] },
      [
        {
          field,
          asks: 'adds the group "docker"',
          remedy: 'leave it out (docker run without --group-add)',
        },
      ],
    ],
  ],
  accepts: [],
});
