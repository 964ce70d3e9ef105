import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const cgroupParent: Check = defineCheck(
  {
    id: 'cgroup-parent',
    forbids: 'the choice of a parent cgroup, by which limits are escaped',
    source: 'ours',
    remedy: 'leave it out (docker run without --cgroup-parent)',
  },
  ({ cgroupParent }) =>
    cgroupParent === null
      ? []
      : [{ field: cgroupParent.field, asks: `chooses the parent cgroup ${quoted(cgroupParent.path)}` }],
);
