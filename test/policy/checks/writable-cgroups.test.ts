import { writableCgroups } from '../../../src/policy/checks/writable-cgroups.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';

describeCheck(writableCgroups, 'writable-cgroups', {
  refuses: [
    [
      'cgroups that can be written',
      security({ writableCgroups: { field } }),
      [
        {
          field,
          asks: 'lets the container write its cgroups',
          remedy: 'leave it out (docker run without --security-opt writable-cgroups)',
        },
      ],
    ],
  ],
  accepts: [],
});
