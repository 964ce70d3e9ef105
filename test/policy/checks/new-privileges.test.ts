import { newPrivileges } from '../../../src/policy/checks/new-privileges.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';

describeCheck(newPrivileges, 'new-privileges', {
  refuses: [
    [
      'no-new-privileges turned off',
      security({ noNewPrivileges: { field, value: false } }),
      [
        {
          field,
          asks: 'turns no-new-privileges off',
          remedy: 'leave it out (docker run without --security-opt no-new-privileges=false)',
        },
      ],
    ],
  ],
  accepts: [['no-new-privileges turned on', security({ noNewPrivileges: { field, value: true } })]],
});
