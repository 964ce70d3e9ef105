import { type Check, defineCheck } from './check.ts';

/** Else a limit that the policy demanded, or set, at the creation would last until the first update. */
export const liftedLimit: Check = defineCheck(
  {
    id: 'lifted-limit',
    forbids: 'updates that take a limit away, or leave open what becomes of it',
    source: 'ours',
    remedy: 'name a limit (docker update --memory 512m --pids-limit 100)',
  },
  ({ resources: { lifted = [] } }) =>
    lifted.map(({ field }) => ({ field, asks: 'takes a limit of the container away' })),
);
