import { type Check, defineCheck } from './check.ts';

export const oomScore: Check = defineCheck(
  {
    id: 'oom-score',
    forbids: 'a place behind others when the kernel runs out of memory',
    source: 'ours',
    remedy: 'leave it out, or raise it (docker run --oom-score-adj 500)',
  },
  ({ oomScoreAdj }) =>
    oomScoreAdj === null || oomScoreAdj.value >= 0n
      ? []
      : [
          {
            field: oomScoreAdj.field,
            asks: `has the kernel kill others before it (${oomScoreAdj.value})`,
          },
        ],
);
