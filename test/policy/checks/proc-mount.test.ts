import { procMount } from '../../../src/policy/checks/proc-mount.ts';
import { describeCheck, security } from './support.ts';

const remedy = 'leave it out (docker run without --security-opt systempaths=unconfined)';

describeCheck(procMount, 'proc-mount', {
  refuses: [
    [
      'no masked paths',
      security({ maskedPaths: { field: 'HostConfig.MaskedPaths', paths: [] } }),
      [
        {
          field: 'HostConfig.MaskedPaths',
          asks: 'changes which paths of /proc and /sys are masked',
          remedy,
        },
      ],
    ],
    [
      'no read-only paths',
      security({ readonlyPaths: { field: 'HostConfig.ReadonlyPaths', paths: [] } }),
      [
        {
          field: 'HostConfig.ReadonlyPaths',
          asks: 'changes which paths of /proc and /sys are read-only',
          remedy,
        },
      ],
    ],
    [
      'other lists of both',
      security({
        maskedPaths: { field: 'M', paths: ['/proc/kcore'] },
        readonlyPaths: { field: 'R', paths: ['/proc/sys'] },
      }),
      [
        { field: 'M', asks: 'changes which paths of /proc and /sys are masked', remedy },
        { field: 'R', asks: 'changes which paths of /proc and /sys are read-only', remedy },
      ],
    ],
  ],
  accepts: [],
});
