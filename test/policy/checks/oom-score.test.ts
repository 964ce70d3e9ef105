import { oomScore } from '../../../src/policy/checks/oom-score.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.OomScoreAdj';

describeCheck(oomScore, 'oom-score', {
  refuses: [
    [
      'a score below 0',
      { oomScoreAdj: { field, value: -1n } },
      [
        {
          field,
          asks: 'has the kernel kill others before it (-1)',
          remedy: 'leave it out, or raise it (docker run --oom-score-adj 500)',
        },
      ],
    ],
  ],
  accepts: [
    ['a score of 0', { oomScoreAdj: { field, value: 0n } }],
    ['a score above 0', { oomScoreAdj: { field, value: 1n } }],
  ],
});
