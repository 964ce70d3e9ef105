import { defineListFunction } from './list.ts';

export const anyOf = defineListFunction(
  {
    name: 'anyOf',
    means: 'Some item of a list matches one of the patterns; of an empty list, none does.',
    example: "anyOf(r.principal.roles, 'ci-*')",
  },
  {
    judge: (verdicts) => (verdicts.includes(true) ? true : verdicts.includes(undefined) ? undefined : false),
    offends: () => false,
    must: 'hold',
  },
);
