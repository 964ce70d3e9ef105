import { unconfinedBuild } from '../../../src/policy/checks/unconfined-build.ts';
import { describeCheck } from './support.ts';

describeCheck(unconfinedBuild, 'unconfined-build', {
  refuses: [
    [
      'a build',
      { runs: 'build' },
      [
        {
          field: 'Dockerfile',
          asks: 'runs its steps as root with the default capabilities',
          remedy:
            'build elsewhere and pull the image, or ask the operator to except this check for who may build',
        },
      ],
    ],
  ],
  accepts: (['container', 'exec', 'service'] as const).map((runs) => [`a ${runs}`, { runs }] as const),
});
