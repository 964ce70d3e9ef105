import { cgroupParent } from '../../../src/policy/checks/cgroup-parent.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.CgroupParent';

describeCheck(cgroupParent, 'cgroup-parent', {
  refuses: [
    [
      'a parent cgroup',
      { cgroupParent: { field, path: '/' } },
      [
        {
          field,
          asks: 'chooses the parent cgroup "/"',
          remedy: 'leave it out (docker run without --cgroup-parent)',
        },
      ],
    ],
  ],
  accepts: [],
});
