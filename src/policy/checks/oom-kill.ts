import { type Check, defineCheck } from './check.ts';

export const oomKill: Check = defineCheck(
  {
    id: 'oom-kill',
    forbids: 'a container that the kernel may not kill when memory runs out',
    source: 'ours',
    remedy: 'leave it out (docker run without --oom-kill-disable)',
  },
  ({ resources: { oomKillDisabled } }) =>
    oomKillDisabled === undefined
      ? []
      : [{ field: oomKillDisabled.field, asks: 'keeps the kernel from killing it when memory runs out' }],
);
