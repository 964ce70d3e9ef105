import { defineListFunction } from './list.ts';

export const allIn = defineListFunction(
  {
    name: 'allIn',
    means: 'Every item of a list matches one of the patterns; of an empty list, all do.',
    example: "allIn(r.facts.mountTypes.type, 'volume', 'tmpfs')",
  },
  {
    judge: (verdicts) => (verdicts.includes(false) ? false : verdicts.includes(undefined) ? undefined : true),
    offends: (verdict) => verdict !== true,
    must: 'be',
  },
);
