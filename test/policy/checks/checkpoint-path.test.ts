import { checkpointPath } from '../../../src/policy/checks/checkpoint-path.ts';
import { describeCheck } from './support.ts';

describeCheck(checkpointPath, 'checkpoint-path', {
  refuses: [
    [
      'a directory of the host',
      {
        hostPaths: [
          { field: 'A', path: '/b', mode: 'rw', via: 'bind' },
          { field: 'CheckpointDir', path: '/etc/cron.d', mode: 'rw', via: 'checkpoint' },
        ],
      },
      [
        {
          field: 'CheckpointDir',
          asks: 'has checkpoints in "/etc/cron.d" of the host',
          remedy:
            "leave it out, the Engine's own directory is used then (docker checkpoint without --checkpoint-dir)",
        },
      ],
    ],
  ],
  accepts: [],
});
