import { type Check, defineCheck } from './check.ts';

export const unknownField: Check = defineCheck(
  {
    id: 'unknown-field',
    forbids: 'body fields that are not known, where a grant let them through',
    source: 'ours: unknown means no',
    remedy: 'leave it out',
  },
  ({ unknownFields }) =>
    unknownFields.map(({ field }) => ({ field, asks: 'asks for something that cannot be judged' })),
);
