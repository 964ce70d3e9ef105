import { workingDirectory } from '../../../src/policy/checks/working-directory.ts';
import { describeCheck } from './support.ts';

describeCheck(workingDirectory, 'working-directory', {
  refuses: [
    [
      'a descriptor of the runtime',
      {
        hostPaths: [
          { field: 'A', path: '/b', mode: 'rw', via: 'bind' },
          { field: 'WorkingDir', path: '/proc/self/fd/8', mode: 'rw', via: 'working-dir' },
        ],
      },
      [
        {
          field: 'WorkingDir',
          asks: 'starts under /proc, once a way out of containers',
          remedy: "name a directory of the image's own (docker run --workdir /app)",
        },
      ],
    ],
  ],
  accepts: [],
});
