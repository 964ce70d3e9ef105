import { defineListFunction } from './list.ts';

export const noneOf = defineListFunction(
  {
    name: 'noneOf',
    means: 'No item of a list matches any of the patterns.',
    example: "noneOf(r.facts.environment, 'LD_*', 'AWS_*')",
  },
  {
    judge: (verdicts) => (verdicts.includes(true) ? false : verdicts.includes(undefined) ? undefined : true),
    offends: (verdict) => verdict !== false,
    must: 'not be',
  },
);
