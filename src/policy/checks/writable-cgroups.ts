import { type Check, defineCheck } from './check.ts';

export const writableCgroups: Check = defineCheck(
  {
    id: 'writable-cgroups',
    forbids: 'cgroups that the container can write',
    source: 'ours',
    remedy: 'leave it out (docker run without --security-opt writable-cgroups)',
  },
  ({ security: { writableCgroups } }) =>
    writableCgroups === undefined
      ? []
      : [{ field: writableCgroups.field, asks: 'lets the container write its cgroups' }],
);
