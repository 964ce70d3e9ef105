import { type Check, defineCheck } from './check.ts';

/** All it can do is undo the Engine's own `no-new-privileges`. Where it has to be on is no-new-privileges' to say. */
export const newPrivileges: Check = defineCheck(
  {
    id: 'new-privileges',
    forbids: 'no-new-privileges turned off',
    source: 'ours, beside PSS restricted: Privilege Escalation',
    remedy: 'leave it out (docker run without --security-opt no-new-privileges=false)',
  },
  ({ security: { noNewPrivileges } }) =>
    noNewPrivileges?.value === false
      ? [{ field: noNewPrivileges.field, asks: 'turns no-new-privileges off' }]
      : [],
);
