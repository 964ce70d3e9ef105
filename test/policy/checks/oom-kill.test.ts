import { oomKill } from '../../../src/policy/checks/oom-kill.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.OomKillDisable';

describeCheck(oomKill, 'oom-kill', {
  refuses: [
    [
      'a container that the kernel may not kill',
      { resources: { ulimits: [], oomKillDisabled: { field } } },
      [
        {
          field,
          asks: 'keeps the kernel from killing it when memory runs out',
          remedy: 'leave it out (docker run without --oom-kill-disable)',
        },
      ],
    ],
  ],
  accepts: [],
});
